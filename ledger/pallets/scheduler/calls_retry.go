package scheduler

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// SetRetry has a task tried again after a failure; root.
type SetRetry struct {
	Task    TaskAddress       `type:"TaskAddress<BlockNumberFor<T>>"`
	Retries uint8             `type:"u8"`
	Period  types.BlockNumber `type:"BlockNumberFor<T>"`
}

// Dispatch emits RetrySet.
func (c SetRetry) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return setRetry(ctx, c.Task, scale.None[TaskName](), c.Retries, c.Period)
}

// SetRetryNamed is SetRetry for a named task; root.
type SetRetryNamed struct {
	ID      TaskName          `type:"TaskName"`
	Retries uint8             `type:"u8"`
	Period  types.BlockNumber `type:"BlockNumberFor<T>"`
}

// Dispatch emits RetrySet.
func (c SetRetryNamed) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	at, ok := Lookup.Get(ctx, c.ID)
	if !ok {
		return ErrNotFound
	}
	return setRetry(ctx, at, scale.Some(c.ID), c.Retries, c.Period)
}

func setRetry(ctx *runtime.Context, at TaskAddress, id scale.Option[TaskName], retries uint8, period types.BlockNumber) error {
	if _, ok := find(ctx, at); !ok {
		return ErrNotFound
	}
	// A task cannot run again in its own block.
	period = max(period, 1)
	Retries.Put(ctx, at, RetryConfig{TotalRetries: retries, Remaining: retries, Period: period})
	ctx.Emit(RetrySetEvent{Task: at, ID: id, Period: period, Retries: retries})
	return nil
}

// CancelRetry takes SetRetry back; root.
type CancelRetry struct {
	Task TaskAddress `type:"TaskAddress<BlockNumberFor<T>>"`
}

// Dispatch emits RetryCancelled.
func (c CancelRetry) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return cancelRetry(ctx, c.Task, scale.None[TaskName]())
}

// CancelRetryNamed takes SetRetryNamed back; root.
type CancelRetryNamed struct {
	ID TaskName `type:"TaskName"`
}

// Dispatch emits RetryCancelled.
func (c CancelRetryNamed) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	at, ok := Lookup.Get(ctx, c.ID)
	if !ok {
		return ErrNotFound
	}
	return cancelRetry(ctx, at, scale.Some(c.ID))
}

func cancelRetry(ctx *runtime.Context, at TaskAddress, id scale.Option[TaskName]) error {
	if _, ok := find(ctx, at); !ok {
		return ErrNotFound
	}
	Retries.Delete(ctx, at)
	ctx.Emit(RetryCancelledEvent{Task: at, ID: id})
	return nil
}
