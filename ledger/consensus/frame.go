package consensus

import (
	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
)

// Frame reads sessions and slots where the Session and Babe pallets keep them.
// An epoch must have at least two blocks: who decides a block has to be known
// two blocks ahead.
type Frame struct{}

var _ Pallets = Frame{}

// Authorities are the queued validators when the block two ahead begins a
// session, and in genesis; else there is no change.
func (Frame) Authorities(ctx *runtime.Context) []Authority {
	n := uint64(ctx.BlockNumber())
	if n > 0 && epochOf(ctx, n+2) == epochOf(ctx, n+1) {
		return nil
	}
	queued := session.QueuedKeys.Get(ctx)
	out := make([]Authority, len(queued))
	for i, v := range queued {
		out[i] = Authority{
			Index: uint32(i), Account: v.Validator,
			Grandpa: v.Keys.Grandpa, Babe: v.Keys.Babe,
		}
	}
	return out
}

// Slot counts one slot per block from Babe.GenesisSlot, the slot of block 1.
func (Frame) Slot(ctx *runtime.Context) Slot {
	n := uint64(ctx.BlockNumber())
	return Slot{
		Number:     uint64(babe.GenesisSlot.Get(ctx)) + n,
		Epoch:      epochOf(ctx, n+1),
		Randomness: babe.Randomness.Get(ctx),
	}
}

// epochOf is the epoch of a block, which is at least 1.
func epochOf(ctx *runtime.Context, block uint64) uint64 {
	return (block - 1) / max(babe.EpochDuration.Get(ctx), 1)
}
