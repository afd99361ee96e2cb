package validator

import (
	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
)

// pallets tells consensus who decides blocks.
type pallets struct{}

// Authorities are the validators that are queued for the next session: those
// of the current session until sessions elect others.
func (pallets) Authorities(ctx *runtime.Context) []consensus.Authority {
	queued := session.QueuedKeys.Get(ctx)
	list := make([]consensus.Authority, len(queued))
	for i, v := range queued {
		list[i] = consensus.Authority{
			Index: uint32(i), Account: v.Validator,
			Grandpa: [32]byte(v.Keys.Grandpa), Babe: [32]byte(v.Keys.Babe),
		}
	}
	return list
}

// Slot is the virtual slot of the next block, one block being one slot, and
// the epoch that it belongs to (spec/consensus.md §9.2).
func (pallets) Slot(ctx *runtime.Context) consensus.Slot {
	slot := consensus.Slot{
		Number:     uint64(babe.GenesisSlot.Get(ctx)) + uint64(ctx.BlockNumber()),
		Epoch:      uint64(ctx.BlockNumber()) / babe.EpochDuration.Get(ctx),
		Randomness: babe.Randomness.Get(ctx),
	}
	if slot.Epoch > babe.EpochIndex.Get(ctx) {
		slot.Randomness = babe.NextRandomness.Get(ctx)
	}
	return slot
}
