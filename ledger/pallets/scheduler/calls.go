package scheduler

import (
	"github.com/gocess/gocess/ledger/pallets/origins"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// Schedule runs a call at a block to come; root.
type Schedule struct {
	When          types.BlockNumber    `type:"BlockNumberFor<T>"`
	MaybePeriodic scale.Option[Period] `type:"Option<schedule::Period<BlockNumberFor<T>>>"`
	Priority      uint8                `type:"schedule::Priority"`
	Call          runtime.RuntimeCall  `type:"Box<<T as Config>::RuntimeCall>"`
}

// Dispatch emits Scheduled.
func (c Schedule) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return schedule(ctx, plan{when: c.When, period: c.MaybePeriodic, priority: c.Priority, origin: origin, call: c.Call})
}

// Cancel removes a task; root.
type Cancel struct {
	When  types.BlockNumber `type:"BlockNumberFor<T>"`
	Index uint32            `type:"u32"`
}

// Dispatch emits Canceled.
func (c Cancel) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return cancel(ctx, TaskAddress(c))
}

// ScheduleNamed runs a call at a block to come, under a name; root.
type ScheduleNamed struct {
	ID            TaskName             `type:"TaskName"`
	When          types.BlockNumber    `type:"BlockNumberFor<T>"`
	MaybePeriodic scale.Option[Period] `type:"Option<schedule::Period<BlockNumberFor<T>>>"`
	Priority      uint8                `type:"schedule::Priority"`
	Call          runtime.RuntimeCall  `type:"Box<<T as Config>::RuntimeCall>"`
}

// Dispatch emits Scheduled.
func (c ScheduleNamed) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return schedule(ctx, plan{
		id: scale.Some(c.ID), when: c.When, period: c.MaybePeriodic, priority: c.Priority, origin: origin, call: c.Call,
	})
}

// CancelNamed removes a named task; root.
type CancelNamed struct {
	ID TaskName `type:"TaskName"`
}

// Dispatch emits Canceled.
func (c CancelNamed) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return API{}.CancelNamed(ctx, c.ID)
}

// ScheduleAfter runs a call when After further blocks have passed; root.
type ScheduleAfter struct {
	After         types.BlockNumber    `type:"BlockNumberFor<T>"`
	MaybePeriodic scale.Option[Period] `type:"Option<schedule::Period<BlockNumberFor<T>>>"`
	Priority      uint8                `type:"schedule::Priority"`
	Call          runtime.RuntimeCall  `type:"Box<<T as Config>::RuntimeCall>"`
}

// Dispatch emits Scheduled.
func (c ScheduleAfter) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return Schedule{
		When: after(ctx, c.After), MaybePeriodic: c.MaybePeriodic, Priority: c.Priority, Call: c.Call,
	}.Dispatch(ctx, origin)
}

// after is the block with so many whole blocks between this one and it.
func after(ctx *runtime.Context, blocks types.BlockNumber) types.BlockNumber {
	return later(later(ctx.BlockNumber(), blocks), 1)
}

// ScheduleNamedAfter runs a call when After further blocks have passed, under
// a name; root.
type ScheduleNamedAfter struct {
	ID            TaskName             `type:"TaskName"`
	After         types.BlockNumber    `type:"BlockNumberFor<T>"`
	MaybePeriodic scale.Option[Period] `type:"Option<schedule::Period<BlockNumberFor<T>>>"`
	Priority      uint8                `type:"schedule::Priority"`
	Call          runtime.RuntimeCall  `type:"Box<<T as Config>::RuntimeCall>"`
}

// Dispatch emits Scheduled.
func (c ScheduleNamedAfter) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return ScheduleNamed{
		ID: c.ID, When: after(ctx, c.After), MaybePeriodic: c.MaybePeriodic, Priority: c.Priority, Call: c.Call,
	}.Dispatch(ctx, origin)
}

// plan is what a caller wants to happen.
type plan struct {
	id       scale.Option[TaskName]
	when     types.BlockNumber
	period   scale.Option[Period]
	priority uint8
	origin   runtime.Origin
	call     runtime.RuntimeCall
}

func schedule(ctx *runtime.Context, p plan) error {
	if id, named := p.id.Get(); named && Lookup.Contains(ctx, id) {
		return ErrFailedToSchedule
	}
	if err := checkTime(ctx, p.when); err != nil {
		return err
	}
	call, err := bound(ctx, p.call)
	if err != nil {
		return err
	}
	_, err = place(ctx, p.when, Scheduled{
		MaybeID: p.id, Priority: p.priority, Call: call, MaybePeriodic: normal(p.period), Origin: origins.Caller(p.origin),
	})
	return err
}
