package sminer

import (
	"math"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// maxReturns bounds the refunds of one block.
const maxReturns = 100

// scheduleReturn enters a refund at the first block from due on that has room,
// the next one at the earliest.
func scheduleReturn(ctx *runtime.Context, due types.BlockNumber, r StakingReturn) {
	for due = max(due, later(ctx, 1, 1)); ; due++ {
		list := ReturnStakingSchedule.Get(ctx, due)
		if len(list) < maxReturns || due == math.MaxUint32 {
			ReturnStakingSchedule.Put(ctx, due, append(list, r))
			return
		}
	}
}

// onInitialize pays the refunds of this block.
func onInitialize(ctx *runtime.Context) {
	now := ctx.BlockNumber()
	list := ReturnStakingSchedule.Get(ctx, now)
	if len(list) == 0 {
		return
	}
	for _, r := range list {
		giveBack(ctx, r.Miner, r.StakingAccount, r.Amount)
	}
	ReturnStakingSchedule.Delete(ctx, now)
}
