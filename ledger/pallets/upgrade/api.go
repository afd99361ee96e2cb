package upgrade

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// API is what other pallets use.
type API struct{}

var _ system.Upgrades = API{}

// Switch makes a runtime the one of the next block. An upgrade that is announced
// stays so if it is to a newer one.
func (API) Switch(ctx *runtime.Context, specVersion uint32) {
	next := types.BlockNumber(ctx.BlockNumber() + 1)
	History.Mutate(ctx, func(list *[]Plan) {
		*list = append(*list, Plan{SpecVersion: specVersion, Height: next})
	})
	system.UpdateCode(ctx, specVersion)
	if plan, ok := Scheduled.Get(ctx); ok && plan.SpecVersion <= specVersion {
		cancel(ctx, plan)
	}
}

// RanBy is the spec version of the runtime that runs, or ran, a block; false if
// it is the chain's first.
func (API) RanBy(ctx *runtime.Context, number uint32) (uint32, bool) {
	list := History.Get(ctx)
	for i := len(list) - 1; i >= 0; i-- {
		if uint32(list[i].Height) <= number {
			return list[i].SpecVersion, true
		}
	}
	return 0, false
}
