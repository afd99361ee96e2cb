package upgrade

import "github.com/gocess/gocess/ledger/runtime"

// begin decides, at the end of each block, whether the next one is the first of
// another runtime: clients take the version of a block from the state before it.
func begin(ctx *runtime.Context) {
	plan, ok := Scheduled.Get(ctx)
	if !ok || uint64(plan.Height) > uint64(ctx.BlockNumber())+1 {
		return
	}
	Scheduled.Delete(ctx)
	API{}.Switch(ctx, plan.SpecVersion)
}
