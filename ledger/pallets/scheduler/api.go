package scheduler

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// API is what other pallets schedule.
type API struct{}

// HardDeadline is a priority: lower values run first, and up to this one the
// task should not wait.
const HardDeadline = 63

// ScheduleNamed runs a call once, at the start of block at, on behalf of
// origin, and emits Scheduled. It returns ErrFailedToSchedule if the name is
// taken, ErrTargetBlockNumberInPast unless at lies ahead and Exhausted if that
// block has MaxScheduledPerBlock tasks.
func (API) ScheduleNamed(ctx *runtime.Context, id TaskName, at types.BlockNumber, priority uint8, origin runtime.Origin, call runtime.RuntimeCall) error {
	return schedule(ctx, plan{id: scale.Some(id), when: at, priority: priority, origin: origin, call: call})
}

// CancelNamed removes the task of a name and emits Canceled, or returns
// ErrNotFound.
func (API) CancelNamed(ctx *runtime.Context, id TaskName) error {
	at, ok := Lookup.Get(ctx, id)
	if !ok {
		return ErrNotFound
	}
	return cancel(ctx, at)
}
