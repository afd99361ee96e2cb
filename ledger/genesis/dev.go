package genesis

import (
	"encoding/json"
	"fmt"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
)

// planck per token.
var token = scale.U128From64(1_000_000_000_000_000_000)

func tokens(n uint64) types.Balance { return scale.U128From64(n).SaturatingMul(token) }

// DevNames are the well-known accounts; their secrets are public
// (//Alice and so on), so they are worth something on development chains only.
var DevNames = []string{"Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"}

// DevOptions shape a development chain.
type DevOptions struct {
	// GenesisTimeMs is when the chain starts.
	GenesisTimeMs uint64
	// BlockTimeMs is 1000 unless set.
	BlockTimeMs uint64
	// Validators is the number of validators, //Alice first; 1 unless set.
	Validators int
	// Miners are those that the chain starts with.
	Miners []DevMiner
	// MinerIdleSpace is the certified idle space in bytes that each has.
	MinerIdleSpace uint64
	// Endowed are secret URIs of further accounts that get tokens.
	Endowed []string
}

// DevMiner is a miner that a development chain starts with.
type DevMiner struct {
	SURI string
	// Endpoint may be empty: the miner publishes it when it starts.
	Endpoint string
}

// Times of a development chain, in blocks: a day lasts ten minutes at one
// block a second, an epoch one.
const (
	devDay   = 600
	devHour  = devDay / 24
	devEpoch = 60
)

// Dev builds a development chain.
func Dev(o DevOptions) (*Spec, error) {
	if o.BlockTimeMs == 0 {
		o.BlockTimeMs = 1000
	}
	if o.Validators == 0 {
		o.Validators = 1
	}
	if o.Validators > len(DevNames) {
		return nil, fmt.Errorf("a development chain has at most %d validators", len(DevNames))
	}
	b := devBuilder{balances: map[types.Address]types.Balance{types.Address(pallets.Treasury): tokens(1)}}
	for _, name := range DevNames {
		b.endow("//"+name, 100_000_000)
		b.endow("//"+name+"//stash", 100_000_000)
	}
	for _, suri := range o.Endowed {
		b.endow(suri, 1_000_000)
	}
	for _, m := range o.Miners {
		b.miner(m, o.MinerIdleSpace)
	}
	for _, name := range DevNames[:o.Validators] {
		b.validator(name)
	}
	if b.err != nil {
		return nil, fmt.Errorf("development chain: %w", b.err)
	}
	sudoKey := b.address("//Alice")
	spec := &Spec{
		Name: "CESS Development", ID: "cess-dev", ChainType: "Development",
		Properties:    CESS,
		BlockTimeMs:   o.BlockTimeMs,
		GenesisTimeMs: o.GenesisTimeMs,
		Constants:     map[string]json.RawMessage{},
		Pallets:       map[string]json.RawMessage{},
	}
	for name, v := range map[string]uint64{
		"Babe.EpochDuration":          devEpoch,
		"Babe.ExpectedBlockTime":      o.BlockTimeMs,
		"Timestamp.MinimumPeriod":     o.BlockTimeMs / 2,
		"FileBank.OneDay":             devDay,
		"StorageHandler.OneDay":       devDay,
		"StorageHandler.OneHours":     devHour,
		"StorageHandler.FrozenDays":   7 * devDay,
		"Sminer.OneDayBlock":          devDay,
		"StorageHandler.LockingBlock": devHour,
		"FileBank.DealLife":           devDay,
	} {
		spec.Constants[name] = json.RawMessage(fmt.Sprint(v))
	}
	for name, config := range map[string]any{
		"Babe":           babe.Genesis{GenesisSlot: o.GenesisTimeMs / 6000},
		"Balances":       balances.Genesis{Balances: b.balances},
		"Session":        session.Genesis{Validators: b.validators},
		"Sminer":         sminer.Genesis{Miners: b.miners},
		"StorageHandler": storagehandler.Genesis{Price: tokens(30)},
		"Sudo":           sudo.Genesis{Key: &sudoKey},
	} {
		raw, err := json.Marshal(config)
		if err != nil {
			return nil, err
		}
		spec.Pallets[name] = raw
	}
	return spec, spec.Validate()
}

// devBuilder collects the parts of a spec; the first error stays.
type devBuilder struct {
	balances   map[types.Address]types.Balance
	validators []session.GenesisValidator
	miners     []sminer.GenesisMiner
	err        error
}

func (b *devBuilder) pair(scheme crypto.Scheme, suri string) crypto.Pair {
	p, err := crypto.FromURI(scheme, suri)
	if err != nil && b.err == nil {
		b.err = fmt.Errorf("account %s: %w", suri, err)
	}
	return p
}

func (b *devBuilder) address(suri string) (a types.Address) {
	if p := b.pair(crypto.Sr25519, suri); p != nil {
		a = types.Address(p.AccountID())
	}
	return a
}

func (b *devBuilder) endow(suri string, amount uint64) {
	b.balances[b.address(suri)] = tokens(amount)
}

func (b *devBuilder) miner(m DevMiner, idle uint64) {
	b.endow(m.SURI, 1_000_000)
	account := b.address(m.SURI)
	b.miners = append(b.miners, sminer.GenesisMiner{
		Account: account, Beneficiary: account, Endpoint: m.Endpoint, IdleSpace: scale.U128From64(idle),
	})
}

func (b *devBuilder) validator(name string) {
	public := func(scheme crypto.Scheme) []byte {
		if p := b.pair(scheme, "//"+name); p != nil {
			return p.Public()
		}
		return nil
	}
	var k types.SessionKeys
	copy(k.Grandpa[:], public(crypto.Ed25519))
	copy(k.Babe[:], public(crypto.Sr25519))
	copy(k.ImOnline[:], k.Babe[:])
	copy(k.AuthorityDiscovery[:], k.Babe[:])
	copy(k.Beefy[:], public(crypto.Ecdsa))
	b.validators = append(b.validators, session.GenesisValidator{Stash: b.address("//" + name + "//stash"), Keys: k})
}
