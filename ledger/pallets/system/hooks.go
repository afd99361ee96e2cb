package system

import (
	"encoding/json"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Hooks is the part of this pallet that the runtime itself calls.
type Hooks struct{}

var _ runtime.System = Hooks{}

// LastUpgrade is the spec version of the runtime that last ran its migrations.
func (Hooks) LastUpgrade(ctx *runtime.Context) uint32 {
	last, _ := LastRuntimeUpgrade.Get(ctx)
	return last.SpecVersion
}

// NoteUpgrade records the runtime that has run its migrations.
func (Hooks) NoteUpgrade(ctx *runtime.Context) {
	v := Version.Get(ctx)
	LastRuntimeUpgrade.Put(ctx, RuntimeUpgrade{SpecVersion: v.SpecVersion, SpecName: v.SpecName})
}

// RanBy is the spec version of the runtime that runs a block.
func (Hooks) RanBy(ctx *runtime.Context, number uint32) (uint32, bool) {
	if upgrades == nil {
		return 0, false
	}
	return upgrades.RanBy(ctx, number)
}

// InitializeBlock records what is known of the block before it runs and drops
// the events of the previous one.
func (Hooks) InitializeBlock(ctx *runtime.Context) {
	b := ctx.Block()
	ExecutionPhase.Put(ctx, substrate.Initialization)
	Number.Put(ctx, b.Number)
	ParentHash.Put(ctx, b.ParentHash)
	Digest.Put(ctx, substrate.Digest{Logs: b.Digest})
	BlockHashes.Put(ctx, b.Number-1, b.ParentHash)
	// The genesis hash stays: immortal signatures depend on it.
	if keep := BlockHashCount.Get(ctx); b.Number > keep+1 {
		BlockHashes.Delete(ctx, b.Number-1-keep)
	}
	BlockWeight.Delete(ctx)
	InherentsApplied.Delete(ctx)
}

// FinalizeBlock stores the events and removes what lives only while a block
// runs.
func (Hooks) FinalizeBlock(ctx *runtime.Context, records []byte, count uint32, usage runtime.Usage) {
	ExecutionPhase.Delete(ctx)
	ExtrinsicCount.Delete(ctx)
	AllExtrinsicsLen.Delete(ctx)
	BlockWeight.Put(ctx, substrate.PerDispatchClass[substrate.Weight]{
		Normal: usage.Normal, Operational: usage.Operational, Mandatory: usage.Mandatory,
	})
	EventCount.Put(ctx, count)
	// The records are in wire form already: only the length is missing.
	ctx.Put(Events.Key(), append(scale.AppendCompact(nil, uint64(count)), records...))
}

// Lookup resolves an address.
func (Hooks) Lookup(ctx *runtime.Context, address substrate.MultiAddress) (substrate.AccountID, error) {
	return Lookup(ctx, address)
}

// BlockHash returns the hash of an ancestor within BlockHashCount, or of
// genesis.
func (Hooks) BlockHash(ctx *runtime.Context, number uint64) (substrate.H256, bool) {
	b := ctx.Block()
	if number+1 == uint64(b.Number) {
		return b.ParentHash, true
	}
	if number >= uint64(b.Number) {
		return substrate.H256{}, false
	}
	hash := BlockHashes.Get(ctx, types.BlockNumber(number))
	return hash, hash != substrate.H256{}
}

// Nonce returns the next nonce of an account.
func (Hooks) Nonce(ctx *runtime.Context, who substrate.AccountID) (uint32, bool) {
	a := Accounts.Get(ctx, who)
	return a.Nonce, a.Providers > 0 || a.Sufficients > 0
}

// IncrementNonce counts an included extrinsic.
func (Hooks) IncrementNonce(ctx *runtime.Context, who substrate.AccountID) {
	entry := Accounts.At(who)
	a := entry.Get(ctx)
	a.Nonce++
	entry.Put(ctx, a)
}

// NoteApplied emits the event that closes an extrinsic.
func (Hooks) NoteApplied(ctx *runtime.Context, result error, info substrate.DispatchInfo) {
	if result == nil {
		ctx.Emit(ExtrinsicSuccessEvent{DispatchInfo: info})
		return
	}
	ctx.Emit(ExtrinsicFailedEvent{DispatchError: runtime.DispatchErrorOf(result), DispatchInfo: info})
}

func genesis(ctx *runtime.Context, _ json.RawMessage) error {
	Hooks{}.NoteUpgrade(ctx)
	UpgradedToU32RefCount.Put(ctx, true)
	UpgradedToTripleRefCount.Put(ctx, true)
	Number.Put(ctx, 0)
	ParentHash.Put(ctx, substrate.H256{})
	ctx.Put(runtime.CodeKey, runtime.CodeOf(Version.Get(ctx)).Encode())
	return nil
}
