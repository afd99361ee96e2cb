package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// System is what the runtime needs of the pallet that keeps accounts and block
// facts.
type System interface {
	// LastUpgrade is the spec version of the runtime whose layout the state has.
	LastUpgrade(ctx *Context) uint32
	// NoteUpgrade records that the state has this runtime's layout.
	NoteUpgrade(ctx *Context)
	// RanBy is the spec version of the runtime that runs, or ran, a block that is
	// not more than one above the state's; false if the state does not know.
	RanBy(ctx *Context, number uint32) (uint32, bool)
	// InitializeBlock records the block's number, parent, digest and clears
	// what belongs to the previous block.
	InitializeBlock(ctx *Context)
	// FinalizeBlock records the block's events and clears what is transient.
	// records are the concatenated wire forms of count event records.
	FinalizeBlock(ctx *Context, records []byte, count uint32, usage Usage)
	// Lookup resolves an address, or CannotLookup.
	Lookup(ctx *Context, address substrate.MultiAddress) (substrate.AccountID, error)
	// BlockHash returns the hash of an ancestor that the chain remembers.
	BlockHash(ctx *Context, number uint64) (substrate.H256, bool)
	// Nonce returns the next nonce of an account; false if it does not exist.
	Nonce(ctx *Context, who substrate.AccountID) (uint32, bool)
	// IncrementNonce counts an included extrinsic.
	IncrementNonce(ctx *Context, who substrate.AccountID)
	// NoteApplied emits the terminal event of an extrinsic.
	NoteApplied(ctx *Context, result error, info substrate.DispatchInfo)
}

// Payment is what the runtime needs of the pallet that charges for extrinsics.
type Payment interface {
	// CanPay returns InvalidPayment if the signer cannot pay the whole fee.
	CanPay(ctx *Context, c *Checked) error
	// Priority orders extrinsics in the pool: higher first.
	Priority(ctx *Context, c *Checked) uint64
	// InclusionFee is the fee without tip of an extrinsic with the given
	// length in bytes; false if its call is free.
	InclusionFee(ctx *Context, length int, info substrate.DispatchInfo) (InclusionFee, bool)
	// WeightFee and LengthFee are prices before the multiplier.
	WeightFee(weight substrate.Weight) scale.U128
	LengthFee(bytes int) scale.U128
	// Withdraw takes the fee before the call runs.
	Withdraw(ctx *Context, c *Checked) error
	// Settle returns what was taken too much, pays the fee out and emits the
	// event that names the payer. paysFee is false when the call waived it.
	Settle(ctx *Context, c *Checked, info substrate.DispatchInfo)
}

// Config is what a Runtime is built from.
type Config struct {
	Version substrate.RuntimeVersion
	// VersionConstant, if set, is the constant that shows clients Version.
	VersionConstant *Constant[substrate.RuntimeVersion]
	// Migrate brings the state of the version before into this one's layout, in
	// the first block that this version runs, before all hooks; nil if there is
	// nothing to do. An error stops the chain at that block: no node can go on.
	Migrate func(ctx *Context) error
	// Values replace the defaults of declared constants in this version.
	Values  []ConstantValue
	Pallets []*Pallet
	System  System
	Payment Payment
	// Inherents makes the extrinsics that every block starts with, always equally
	// many.
	Inherents func(info BlockInfo) []Call
	// Constants override declared constants: "Pallet.Name" to JSON.
	Constants map[string]json.RawMessage
}

// Runtime is the chain's state machine: pallets in the order of their indices
// and the rules that bind them. It holds no state and is safe for concurrent
// use.
type Runtime struct {
	version   substrate.RuntimeVersion
	pallets   []*Pallet
	byIndex   *palletSet
	system    System
	payment   Payment
	inherents func(info BlockInfo) []Call
	constants map[ConstantItem]any // that differ from their declared default
	shown     *Constant[substrate.RuntimeVersion]
	upgrades  []migration // of this version and those before, ascending
	limits    limits
	metadata  metadataBlobs
}

// New builds a runtime. It fails on unknown or malformed constants.
func New(cfg Config) (*Runtime, error) {
	rt := &Runtime{
		version:   cfg.Version,
		pallets:   slices.Clone(cfg.Pallets),
		byIndex:   new(palletSet),
		shown:     cfg.VersionConstant,
		system:    cfg.System,
		payment:   cfg.Payment,
		inherents: cfg.Inherents,
		constants: make(map[ConstantItem]any),
		limits:    defaultLimits(),
	}
	if rt.system == nil || rt.payment == nil {
		return nil, errors.New("runtime: System and Payment are needed")
	}
	slices.SortFunc(rt.pallets, func(a, b *Pallet) int { return int(a.Index) - int(b.Index) })
	Register(rt.pallets...)
	for _, p := range rt.pallets {
		if rt.byIndex[p.Index] != nil {
			return nil, fmt.Errorf("runtime: pallets %s and %s share index %d", rt.byIndex[p.Index].Name, p.Name, p.Index)
		}
		rt.byIndex[p.Index] = p
	}
	if cfg.Migrate != nil {
		rt.upgrades = []migration{{cfg.Version.SpecVersion, cfg.Migrate}}
	}
	for _, v := range cfg.Values {
		rt.constants[v.item] = v.value
	}
	if err := rt.setConstants(cfg.Constants); err != nil {
		return nil, err
	}
	return rt, nil
}

func (rt *Runtime) setConstants(overrides map[string]json.RawMessage) error {
	known := rt.declared()
	for _, name := range sortedKeys(overrides) {
		item, ok := known[name]
		if !ok {
			return fmt.Errorf("constant %q is not known; known ones: %s", name, strings.Join(sortedKeys(known), ", "))
		}
		v, err := item.parse(overrides[name])
		if err != nil {
			return err
		}
		rt.constants[item] = v
	}
	return nil
}

// declared are the constants of all pallets by their full names.
func (rt *Runtime) declared() map[string]ConstantItem {
	known := make(map[string]ConstantItem)
	for _, p := range rt.pallets {
		for _, c := range p.Constants {
			known[c.fullName()] = c
		}
	}
	return known
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Version is what clients bind their signatures to.
func (rt *Runtime) Version() substrate.RuntimeVersion { return rt.version }

// Pallets lists the pallets in the order of their indices.
func (rt *Runtime) Pallets() []*Pallet { return rt.pallets }

func (rt *Runtime) specVersion() SpecVersion {
	return SpecVersion{rt.version.SpecVersion, rt.version.TransactionVersion}
}

// Parent is a committed block: the state after it, its number and its hash.
type Parent struct {
	State  Reader
	Number uint32
	Hash   substrate.H256
}

// ReadContext gives pallets' read functions the state after a committed block.
// Writes to it go nowhere.
func (rt *Runtime) ReadContext(at Parent) *Context {
	return &Context{rt: rt, state: newOverlay(at.State), block: BlockInfo{Number: at.Number}}
}

// next is a context in which the block after parent is about to run.
func (rt *Runtime) next(parent Parent) *Context {
	c := rt.ReadContext(parent)
	c.block = BlockInfo{Number: parent.Number + 1, ParentHash: parent.Hash}
	return c
}

// Read runs fn over the state after a committed block and returns the state
// store's error, if a read failed.
func (rt *Runtime) Read(at Parent, fn func(ctx *Context)) (err error) {
	defer catch(&err)
	fn(rt.ReadContext(at))
	return nil
}

// Genesis runs all pallets' genesis builders and returns the first state, in
// key order. config maps a pallet's name to its part of the chain spec.
func (rt *Runtime) Genesis(config map[string]json.RawMessage) (_ []Change, err error) {
	defer catch(&err)
	ctx := &Context{rt: rt, state: newOverlay(emptyState{})}
	for _, name := range sortedKeys(config) {
		if !slices.ContainsFunc(rt.pallets, func(p *Pallet) bool { return p.Name == name && p.Genesis != nil }) {
			return nil, fmt.Errorf("genesis: pallet %q takes no configuration", name)
		}
	}
	if err := rt.putConstants(ctx); err != nil {
		return nil, err
	}
	for _, p := range rt.pallets {
		if p.Genesis == nil {
			continue
		}
		if err := p.Genesis(ctx, config[p.Name]); err != nil {
			return nil, fmt.Errorf("genesis of %s: %w", p.Name, err)
		}
	}
	return ctx.state.changes(), nil
}

type emptyState struct{}

func (emptyState) Get([]byte) ([]byte, error) { return nil, nil }

func (emptyState) Scan(_, _ []byte, _ func(key, value []byte) bool) error { return nil }
