package upgrade

import (
	"github.com/gocess/gocess/ledger/pallets/origins"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// Schedule announces that the runtime of a spec version runs the chain from the
// block Height on. It replaces an upgrade that was announced before. Root, or
// three quarters of the council.
type Schedule struct {
	SpecVersion uint32            `type:"u32"`
	Height      types.BlockNumber `type:"BlockNumberFor<T>"`
}

// Dispatch emits Scheduled. It fails with SpecVersionNeedsToIncrease unless the
// version is newer than the chain's, and with TooSoon unless Height is a block to
// come.
func (c Schedule) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origins.RootOrThreeQuartersOfCouncil(origin); err != nil {
		return err
	}
	switch {
	case c.SpecVersion <= system.NextCode(ctx).SpecVersion:
		return ErrSpecVersionNeedsToIncrease
	case uint32(c.Height) <= ctx.BlockNumber():
		return ErrTooSoon
	}
	Scheduled.Put(ctx, Plan(c))
	ctx.Emit(ScheduledEvent(c))
	return nil
}

// Cancel drops the upgrade that is announced. Root, or three quarters of the
// council.
type Cancel struct{}

// Dispatch emits Cancelled, or fails with NothingScheduled.
func (Cancel) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origins.RootOrThreeQuartersOfCouncil(origin); err != nil {
		return err
	}
	plan, ok := Scheduled.Get(ctx)
	if !ok {
		return ErrNothingScheduled
	}
	cancel(ctx, plan)
	return nil
}

func cancel(ctx *runtime.Context, plan Plan) {
	Scheduled.Delete(ctx)
	ctx.Emit(CancelledEvent(plan))
}
