package scheduler

import (
	"cmp"
	"math"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/origins"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// meter counts the weight that a block's tasks take.
type meter struct{ used, limit substrate.Weight }

func (m *meter) fits(w substrate.Weight) bool { return !m.used.Add(w).AnyGreater(m.limit) }

func (m *meter) take(w substrate.Weight) bool {
	if !m.fits(w) {
		return false
	}
	m.used = m.used.Add(w)
	return true
}

// Overheads, besides the calls themselves.
var (
	agendaWeight = runtime.WorkWeight(1, 1)
	retryWeight  = runtime.WorkWeight(2, 2)
)

// taskWeight is the cost of finding a task and clearing it away.
func taskWeight(t Scheduled) substrate.Weight {
	w := runtime.WorkWeight(3, 4)
	w.RefTime += size(t.Call) * refTimePerByte
	return w
}

// refTimePerByte covers reading and decoding a byte of a preimage, in
// picoseconds.
const refTimePerByte = 2_000

// onInitialize runs the tasks of this block, and before them those that
// earlier blocks had no room for, as long as MaximumWeight lasts.
func onInitialize(ctx *runtime.Context) {
	now := ctx.BlockNumber()
	m := &meter{limit: MaximumWeight.Get(ctx)}
	when, behind := IncompleteSince.Get(ctx)
	if !behind {
		when = now
	}
	s := service{ctx: ctx, meter: m, now: now}
	// Until when all agendas are empty; not beyond now.
	incomplete := uint64(now) + 1
	at := uint64(when)
	for ; at <= uint64(now) && m.take(agendaWeight); at++ {
		if !s.agenda(types.BlockNumber(at)) {
			incomplete = min(incomplete, at)
		}
	}
	incomplete = min(incomplete, at)
	switch {
	case incomplete <= uint64(now):
		IncompleteSince.Put(ctx, types.BlockNumber(incomplete))
	case behind:
		IncompleteSince.Delete(ctx)
	}
	ctx.Consume(m.used)
}

// service runs the tasks of one block.
type service struct {
	ctx   *runtime.Context
	meter *meter
	now   types.BlockNumber
}

// agenda runs the tasks of an agenda by priority, equal ones by place, and
// says whether all are done.
func (s *service) agenda(when types.BlockNumber) bool {
	agenda := Agendas.Get(s.ctx, when)
	if len(agenda) == 0 {
		return true
	}
	var order []uint32
	for i, slot := range agenda {
		if slot.IsSome() {
			order = append(order, uint32(i))
		}
	}
	priority := func(i uint32) uint8 { t, _ := agenda[i].Get(); return t.Priority }
	slices.SortStableFunc(order, func(a, b uint32) int { return cmp.Compare(priority(a), priority(b)) })
	for _, i := range order {
		// An earlier task may have canceled this one.
		if task, ok := find(s.ctx, TaskAddress{when, i}); ok && !s.task(TaskAddress{when, i}, task) {
			return false
		}
	}
	return true
}

// task runs a task or, if it is too heavy for what is left of the block,
// returns false and leaves everything as it was: name and retries included. A
// task that cannot run in any block goes away; upstream keeps it for ever.
func (s *service) task(at TaskAddress, task Scheduled) bool {
	overhead := taskWeight(task)
	if !s.meter.fits(overhead) {
		return false
	}
	call, available := peek(s.ctx, task.Call)
	if !available {
		s.meter.take(overhead)
		s.discard(at, task, CallUnavailableEvent{Task: at, ID: task.MaybeID})
		return true
	}
	cost := overhead.Add(call.Info().Weight)
	if cost.Add(agendaWeight).AnyGreater(s.meter.limit) {
		s.meter.take(overhead)
		s.discard(at, task, PermanentlyOverweightEvent{Task: at, ID: task.MaybeID})
		return true
	}
	if !s.meter.take(cost) {
		return false
	}
	s.run(at, task, call)
	return true
}

func (s *service) discard(at TaskAddress, task Scheduled, event any) {
	remove(s.ctx, at, task)
	drop(s.ctx, task.Call)
	s.ctx.Emit(event)
}

// run dispatches a task in a transaction of its own, emits Dispatched and
// arranges what follows: a retry, the next period, or nothing.
func (s *service) run(at TaskAddress, task Scheduled, call runtime.RuntimeCall) {
	// Its place and name are free before the call runs, which may schedule
	// under the same name.
	retry, retries := remove(s.ctx, at, task)
	origin, err := origins.Of(task.Origin)
	if err == nil {
		err = s.ctx.Dispatch(call.Call, origin)
	}
	s.ctx.Emit(DispatchedEvent{Task: at, ID: task.MaybeID, Result: runtime.DispatchResult(err)})
	if err != nil && retries {
		s.retry(at, task, retry)
	}
	period, periodic := task.MaybePeriodic.Get()
	if !periodic {
		drop(s.ctx, task.Call)
		return
	}
	task.MaybePeriodic = scale.None[Period]()
	if period.Count > 1 {
		task.MaybePeriodic = scale.Some(Period{period.Blocks, period.Count - 1})
	}
	next, err := s.next(task, period.Blocks)
	if err != nil {
		drop(s.ctx, task.Call)
		s.ctx.Emit(PeriodicFailedEvent{Task: at, ID: task.MaybeID})
		return
	}
	if retries {
		retry.Remaining = retry.TotalRetries
		Retries.Put(s.ctx, next, retry)
	}
}

// next places the following run of a task, unless its call has given the name
// away.
func (s *service) next(task Scheduled, blocks types.BlockNumber) (TaskAddress, error) {
	if id, named := task.MaybeID.Get(); named && Lookup.Contains(s.ctx, id) {
		return TaskAddress{}, ErrFailedToSchedule
	}
	if s.now == math.MaxUint32 {
		return TaskAddress{}, ErrTargetBlockNumberInPast
	}
	return place(s.ctx, later(s.now, blocks), task)
}

// retry places a nameless copy of a failed task, which keeps the call's
// preimage for itself.
func (s *service) retry(at TaskAddress, task Scheduled, c RetryConfig) {
	if c.Remaining == 0 {
		return
	}
	failed := RetryFailedEvent{Task: at, ID: task.MaybeID}
	if !s.meter.take(retryWeight) {
		s.ctx.Emit(failed)
		return
	}
	again := Scheduled{Priority: task.Priority, Call: task.Call, Origin: task.Origin}
	err := s.ctx.Transaction(func() error {
		if hash, ok := preimageOf(task.Call); ok {
			if err := preimages.Request(s.ctx, hash); err != nil {
				return err
			}
		}
		next, err := s.next(again, c.Period)
		if err != nil {
			return err
		}
		Retries.Put(s.ctx, next, RetryConfig{c.TotalRetries, c.Remaining - 1, c.Period})
		return nil
	})
	if err != nil {
		s.ctx.Emit(failed)
	}
}
