package scheduler

import (
	"math"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// place puts a task into the agenda of a block, at the end or where a task
// left a gap, makes its name known and emits Scheduled. It returns Exhausted
// if the agenda is full.
func place(ctx *runtime.Context, when types.BlockNumber, task Scheduled) (TaskAddress, error) {
	agenda := Agendas.Get(ctx, when)
	at := -1
	if len(agenda) < int(min(MaxScheduledPerBlock.Get(ctx), maxScheduled)) {
		at = len(agenda)
		agenda = append(agenda, scale.Some(task))
	} else {
		for i, slot := range agenda {
			if slot.IsNone() {
				at = i
				agenda[i] = scale.Some(task)
				break
			}
		}
	}
	if at < 0 {
		return TaskAddress{}, substrate.ErrExhausted
	}
	Agendas.Put(ctx, when, agenda)
	address := TaskAddress{when, uint32(at)}
	if id, named := task.MaybeID.Get(); named {
		Lookup.Put(ctx, id, address)
	}
	ctx.Emit(ScheduledEvent(address))
	return address, nil
}

// find returns the task at an address.
func find(ctx *runtime.Context, at TaskAddress) (Scheduled, bool) {
	agenda := Agendas.Get(ctx, at.When)
	if uint64(at.Index) >= uint64(len(agenda)) {
		return Scheduled{}, false
	}
	return agenda[at.Index].Get()
}

// remove empties a task's place, forgets its name and returns how it was to be
// retried. The places of other tasks stay.
func remove(ctx *runtime.Context, at TaskAddress, task Scheduled) (RetryConfig, bool) {
	agenda := Agendas.Get(ctx, at.When)
	agenda[at.Index] = scale.None[Scheduled]()
	for len(agenda) > 0 && agenda[len(agenda)-1].IsNone() {
		agenda = agenda[:len(agenda)-1]
	}
	if len(agenda) == 0 {
		Agendas.Delete(ctx, at.When)
	} else {
		Agendas.Put(ctx, at.When, agenda)
	}
	if id, named := task.MaybeID.Get(); named {
		Lookup.Delete(ctx, id)
	}
	retry, ok := Retries.Get(ctx, at)
	Retries.Delete(ctx, at)
	return retry, ok
}

// cancel removes a task before it runs and emits Canceled.
func cancel(ctx *runtime.Context, at TaskAddress) error {
	task, ok := find(ctx, at)
	if !ok {
		return ErrNotFound
	}
	remove(ctx, at, task)
	drop(ctx, task.Call)
	ctx.Emit(CanceledEvent(at))
	return nil
}

// later is the block that lies so many blocks ahead, or the last one there is.
func later(now, blocks types.BlockNumber) types.BlockNumber {
	if blocks > math.MaxUint32-now {
		return math.MaxUint32
	}
	return now + blocks
}

// checkTime refuses blocks whose tasks have run.
func checkTime(ctx *runtime.Context, when types.BlockNumber) error {
	if when <= ctx.BlockNumber() {
		return ErrTargetBlockNumberInPast
	}
	return nil
}

// normal drops a period that means no repetition and counts the first run.
func normal(p scale.Option[Period]) scale.Option[Period] {
	v, ok := p.Get()
	if !ok || v.Count <= 1 || v.Blocks == 0 {
		return scale.None[Period]()
	}
	return scale.Some(Period{v.Blocks, v.Count - 1})
}
