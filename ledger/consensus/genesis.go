package consensus

import (
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// ErrOtherChain is returned for a home directory that holds another chain.
var ErrOtherChain = errors.New("the data directory belongs to another chain")

// initialise writes block 0 into an empty chain, or checks that the chain began
// with this genesis.
func initialise(cfg *Config, store *state.Store, c *chain.Chain) error {
	changes, err := cfg.Runtime.First().Genesis(cfg.Genesis.Pallets)
	if err != nil {
		return err
	}
	id, err := identify(cfg, changes)
	if err != nil {
		return err
	}
	if !c.Empty() {
		return recognise(cfg, c, id)
	}
	staged, err := store.Stage(0, changesOf(changes))
	if err != nil {
		return fmt.Errorf("genesis state: %w", err)
	}
	block, err := genesisBlock(staged.Root(), changes)
	if err != nil {
		return err
	}
	r, err := genesisRecord(cfg, block.Ref, changes)
	if err != nil {
		return err
	}
	kv, err := r.kv()
	if err != nil {
		return err
	}
	return c.Append(staged, block, []state.KV{kv, {Key: genesisKey, Value: scale.MustMarshal(id)}})
}

// identity tells chains apart.
type identity struct {
	// Name covers the chain id and the time of block 1.
	Name [32]byte
	// State covers the genesis state.
	State [32]byte
}

func identify(cfg *Config, changes []runtime.Change) (identity, error) {
	b, err := scale.Marshal(changes)
	if err != nil {
		return identity{}, fmt.Errorf("encode genesis state: %w", err)
	}
	name := fmt.Sprintf("%s/%d", cfg.Genesis.ChainID, cfg.Genesis.Time.UnixMilli())
	return identity{Name: crypto.Blake2b256([]byte(name)), State: crypto.Blake2b256(b)}, nil
}

// recognise checks that the stored chain is the configured one. Another genesis
// state under the same name is no error: a newer program may make it
// differently, and the chain goes on from the one it began with.
func recognise(cfg *Config, c *chain.Chain, id identity) error {
	b, err := c.Aux(genesisKey)
	if err != nil {
		return err
	}
	known, err := scale.Unmarshal[identity](b)
	if err != nil {
		return fmt.Errorf("genesis record: %w", err)
	}
	if known.Name != id.Name {
		return ErrOtherChain
	}
	if known.State != id.State {
		cfg.Logger.Warn("the chain began with another genesis state than the chain spec now gives; the spec's is ignored",
			"genesis", c.Genesis())
	}
	return nil
}

// genesisBlock is block 0: no parent, no extrinsics, no digest
// (spec/wire.md §4.1).
func genesisBlock(stateRoot [32]byte, changes []runtime.Change) (*chain.Block, error) {
	root, err := extrinsicsRoot(nil)
	if err != nil {
		return nil, err
	}
	b := &chain.Block{
		Header:  substrate.Header{StateRoot: stateRoot, ExtrinsicsRoot: root},
		Written: writtenKeys(changes),
	}
	if b.Hash, err = b.Header.Hash(); err != nil {
		return nil, fmt.Errorf("hash genesis header: %w", err)
	}
	return b, nil
}

// genesisRecord reads the first validators from the genesis state: they decide
// blocks 1 and 2.
func genesisRecord(cfg *Config, at chain.Ref, changes []runtime.Change) (record, error) {
	var r record
	var set authorities
	parent := runtime.Parent{State: &runtime.Layer{Base: noState{}, Top: changes}, Number: 0, Hash: at.Hash}
	err := cfg.Runtime.First().Read(parent, func(ctx *runtime.Context) {
		set = authorities(cfg.Pallets.Authorities(ctx)).distinct()
		r.Next = cfg.Pallets.Slot(ctx)
	})
	if err != nil {
		return r, fmt.Errorf("genesis validators: %w", err)
	}
	if len(set) == 0 {
		return r, errors.New("genesis has no validators")
	}
	r.Sets = [3][]Authority{set, set, set}
	return r, nil
}

// noState is the state before genesis.
type noState struct{}

func (noState) Get([]byte) ([]byte, error) { return nil, nil }

func (noState) Scan(_, _ []byte, _ func(key, value []byte) bool) error { return nil }
