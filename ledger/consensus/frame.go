package consensus

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/grandpa"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
)

// Frame reads sessions, slots and exclusions where the pallets keep them. An
// epoch must have at least two blocks: who decides a block has to be known two
// blocks ahead.
type Frame struct{}

var _ Pallets = Frame{}

// Authorities are the validators of the session of the block two ahead, without
// those whose votes the R2S pallet excludes. Unless that block begins a session,
// or somebody is excluded, there is no change.
func (Frame) Authorities(ctx *runtime.Context) []Authority {
	n := ctx.BlockNumber()
	next := babe.API{}.EpochOf(ctx, n+2)
	excluded := r2s.API{}.Excluded(ctx, uint32(next))
	if n > 0 && next == (babe.API{}).EpochOf(ctx, n+1) && len(excluded) == 0 {
		return nil
	}
	var seats []Authority
	if n == 0 || next != (babe.API{}).EpochOf(ctx, n) {
		seats = queued(ctx)
	} else {
		seats = seated(ctx)
	}
	voting := slices.DeleteFunc(slices.Clone(seats), func(a Authority) bool {
		return slices.Contains(excluded, a.Account)
	})
	if len(voting) == 0 {
		// Somebody must decide blocks, and nobody else is known.
		return seats
	}
	return voting
}

// queued are the validators of the next session.
func queued(ctx *runtime.Context) []Authority {
	list := session.QueuedKeys.Get(ctx)
	out := make([]Authority, len(list))
	for i, v := range list {
		out[i] = Authority{
			Index: uint32(i), Account: v.Validator,
			Grandpa: v.Keys.Grandpa, Babe: v.Keys.Babe,
		}
	}
	return out
}

// seated are the validators of the session that runs: three lists in one order.
func seated(ctx *runtime.Context) []Authority {
	stashes := session.Validators.Get(ctx)
	voters, authors := grandpa.Authorities.Get(ctx), babe.Authorities.Get(ctx)
	n := min(len(stashes), len(voters), len(authors))
	out := make([]Authority, n)
	for i := range n {
		out[i] = Authority{
			Index: uint32(i), Account: stashes[i],
			Grandpa: voters[i].Key, Babe: authors[i].Key,
		}
	}
	return out
}

// Slot counts one slot per block from Babe.GenesisSlot, the slot of block 1.
func (Frame) Slot(ctx *runtime.Context) Slot {
	n := ctx.BlockNumber()
	return Slot{
		Number:     uint64(babe.GenesisSlot.Get(ctx)) + uint64(n),
		Epoch:      babe.API{}.EpochOf(ctx, n+1),
		Randomness: babe.Randomness.Get(ctx),
	}
}
