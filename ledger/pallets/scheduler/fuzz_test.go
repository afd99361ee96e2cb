package scheduler_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/scheduler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"pgregory.net/rapid"
)

// Whatever bytes a task consists of, the block goes on and the task is gone.
func FuzzTask(f *testing.F) {
	good, err := scale.Marshal(pay())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add([]byte{})
	f.Add([]byte{255, 255})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 128 {
			return
		}
		c := palletstest.New(t, palletstest.Genesis{})
		if err := c.Do(func(ctx *runtime.Context) error {
			scheduler.Agendas.Put(ctx, 3, scheduler.Agenda{scale.Some(scheduler.Scheduled{
				Call: scheduler.InlineCall{Bytes: raw}, Origin: types.OriginSystem{Origin: types.RawRoot{}},
			})})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		c.GoTo(3)
		if scheduler.Agendas.Contains(c.Ctx(), 3) {
			t.Fatal("the task is left")
		}
	})
}

// Whatever is scheduled, moved, repeated and canceled, names and addresses
// match, and in the end nothing is left: no task, name, retry or preimage.
func TestNothingIsLeftBehind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := palletstest.New(t, palletstest.Genesis{Constants: map[string]any{"Scheduler.MaxScheduledPerBlock": 3}})
		calls := []runtime.RuntimeCall{pay(), broken(), long(pay()), long2(broken()), heavy(2), heavy(1)}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			id := name(rapid.ByteRange(0, 3).Draw(t, "id"))
			when := c.Number() + rapid.Uint32Range(0, 5).Draw(t, "in")
			at := scheduler.TaskAddress{When: when, Index: rapid.Uint32Range(0, 3).Draw(t, "index")}
			call := rapid.SampledFrom(calls).Draw(t, "call")
			period := scale.None[scheduler.Period]()
			if rapid.Bool().Draw(t, "periodic") {
				period = scale.Some(scheduler.Period{
					Blocks: rapid.Uint32Range(0, 3).Draw(t, "blocks"), Count: rapid.Uint32Range(0, 4).Draw(t, "count"),
				})
			}
			switch rapid.IntRange(0, 7).Draw(t, "kind") {
			case 0, 1:
				_ = c.Root(scheduler.Schedule{When: when, MaybePeriodic: period, Priority: uint8(when), Call: call})
			case 2, 3:
				_ = c.Root(scheduler.ScheduleNamed{ID: id, When: when, MaybePeriodic: period, Call: call})
			case 4:
				_ = c.Root(scheduler.Cancel(at))
			case 5:
				_ = c.Root(scheduler.CancelNamed{ID: id})
			case 6:
				_ = c.Root(scheduler.SetRetry{Task: at, Retries: 2, Period: 2})
			case 7:
				_ = c.Root(scheduler.SetRetryNamed{ID: id, Retries: 1, Period: 0})
			}
			checkNames(t, c)
		}
		c.NextBlocks(60)
		clean(t, c)
	})
}

func checkNames(t *rapid.T, c *palletstest.Chain) {
	named := 0
	for when, agenda := range scheduler.Agendas.Iter(c.Ctx()) {
		for i, slot := range agenda {
			task, ok := slot.Get()
			if !ok {
				continue
			}
			if id, ok := task.MaybeID.Get(); ok {
				named++
				if at, _ := scheduler.Lookup.Get(c.Ctx(), id); at != (scheduler.TaskAddress{When: when, Index: uint32(i)}) {
					t.Fatalf("the name %x leads to %v, not to block %d, place %d", id[0], at, when, i)
				}
			}
		}
	}
	for range scheduler.Lookup.Iter(c.Ctx()) {
		named--
	}
	if named != 0 {
		t.Fatalf("%d tasks more than names", named)
	}
	for at := range scheduler.Retries.Iter(c.Ctx()) {
		if agenda := scheduler.Agendas.Get(c.Ctx(), at.When); uint64(at.Index) >= uint64(len(agenda)) || agenda[at.Index].IsNone() {
			t.Fatalf("retries of %v, where there is no task", at)
		}
	}
}
