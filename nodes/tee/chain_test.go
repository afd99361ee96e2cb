package tee

import (
	"context"
	"errors"
	"sync"

	"github.com/gocess/gocess/ledger/pallets/audit"
	podr2chain "github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/podr2"
	"github.com/gocess/gocess/storage/pois"
)

// memoryChain is chain state that a test writes directly. The chain proper is
// in network_test.go.
type memoryChain struct {
	params pois.Params

	mu         sync.Mutex
	down       bool
	miners     map[substrate.AccountID]sminer.Miner
	keys       [][32]byte
	listed     map[listing]bool
	challenges map[substrate.AccountID]audit.Challenge
	frozen     map[substrate.AccountID]podr2chain.FrozenList
	names      map[substrate.AccountID][]podr2.Name
	tagger     *podr2.PublicKey
	samples    uint32
}

type listing struct {
	who            substrate.AccountID
	file, fragment types.Hash
}

func newMemoryChain(params pois.Params) *memoryChain {
	return &memoryChain{
		params: params, samples: 64,
		miners:     make(map[substrate.AccountID]sminer.Miner),
		listed:     make(map[listing]bool),
		challenges: make(map[substrate.AccountID]audit.Challenge),
		frozen:     make(map[substrate.AccountID]podr2chain.FrozenList),
		names:      make(map[substrate.AccountID][]podr2.Name),
	}
}

// set changes the state.
func (c *memoryChain) set(change func(*memoryChain)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

var errDown = errors.New("no node answers")

func (c *memoryChain) lock() (func(), error) {
	c.mu.Lock()
	if c.down {
		c.mu.Unlock()
		return nil, errDown
	}
	return c.mu.Unlock, nil
}

func (c *memoryChain) Miner(_ context.Context, who substrate.AccountID) (sminer.Miner, bool, error) {
	unlock, err := c.lock()
	if err != nil {
		return sminer.Miner{}, false, err
	}
	defer unlock()
	m, ok := c.miners[who]
	return m, ok, nil
}

func (c *memoryChain) Expender(context.Context) (sminer.Expender, error) {
	return sminer.Expender{K: uint64(c.params.K), N: uint64(c.params.N), D: uint64(c.params.D)}, nil
}

func (c *memoryChain) MasterKeys(context.Context) ([][32]byte, error) {
	unlock, err := c.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	return c.keys, nil
}

func (c *memoryChain) Lists(_ context.Context, who substrate.AccountID, file, fragment types.Hash) (bool, error) {
	unlock, err := c.lock()
	if err != nil {
		return false, err
	}
	defer unlock()
	return c.listed[listing{who, file, fragment}], nil
}

func (c *memoryChain) Challenge(_ context.Context, who substrate.AccountID) (audit.Challenge, bool, error) {
	unlock, err := c.lock()
	if err != nil {
		return audit.Challenge{}, false, err
	}
	defer unlock()
	challenge, ok := c.challenges[who]
	return challenge, ok, nil
}

func (c *memoryChain) FrozenNames(_ context.Context, who substrate.AccountID) (podr2chain.FrozenList, []podr2.Name, error) {
	unlock, err := c.lock()
	if err != nil {
		return podr2chain.FrozenList{}, nil, err
	}
	defer unlock()
	return c.frozen[who], c.names[who], nil
}

func (c *memoryChain) Question(_ context.Context, who substrate.AccountID) (*question, bool, error) {
	unlock, err := c.lock()
	if err != nil {
		return nil, false, err
	}
	defer unlock()
	challenge, ok := c.challenges[who]
	if !ok {
		return nil, false, nil
	}
	q := &question{challenge: challenge, frozen: c.frozen[who], key: c.tagger}
	names := c.names[who]
	if len(names) == 0 {
		return q, true, nil
	}
	q.query, err = podr2.Challenge{Seed: podr2chain.SeedOf(challenge.Element, who), Samples: c.samples}.
		Query(uint64(len(names)), func(i uint64) (podr2.Name, error) { return names[i], nil })
	return q, err == nil, err
}
