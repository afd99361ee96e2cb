package scheduler_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/preimage"
	"github.com/gocess/gocess/ledger/pallets/scheduler"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

var (
	bob   = palletstest.Bob
	fresh = palletstest.Account("fresh")
)

func wrap(c runtime.Call) runtime.RuntimeCall { return runtime.RuntimeCall{Call: c} }

// pay gives fresh one token more.
func pay() runtime.RuntimeCall {
	return wrap(balances.ForceTransfer{
		Source: substrate.AddressOf(bob), Dest: substrate.AddressOf(fresh), Value: types.Tokens(1),
	})
}

// broken fails: fresh has nothing.
func broken() runtime.RuntimeCall {
	return wrap(balances.ForceTransfer{
		Source: substrate.AddressOf(palletstest.Account("poor")), Dest: substrate.AddressOf(fresh), Value: types.Tokens(1),
	})
}

// long is a call that no agenda carries inline.
func long(call runtime.RuntimeCall) runtime.RuntimeCall {
	return wrap(utility.Batch{Calls: []runtime.RuntimeCall{
		call, wrap(system.Remark{Remark: make([]byte, 200)}),
	}})
}

func got(c *palletstest.Chain) uint64 {
	n, _ := (balances.API{}).Free(c.Ctx(), fresh).Div(types.Tokens(1)).Uint64()
	return n
}

func root(t *testing.T, c *palletstest.Chain, call runtime.Call) {
	t.Helper()
	if err := c.Root(call); err != nil {
		t.Fatal(err)
	}
}

func name(b byte) scheduler.TaskName { return scheduler.TaskName{b} }

// clean checks that nothing is left of tasks that are done.
func clean(t interface {
	Helper()
	Error(args ...any)
	Errorf(format string, args ...any)
}, c *palletstest.Chain) {
	t.Helper()
	for when := range scheduler.Agendas.Iter(c.Ctx()) {
		t.Errorf("the agenda of block %d is left", when)
	}
	for id := range scheduler.Lookup.Iter(c.Ctx()) {
		t.Errorf("the name %x is left", id)
	}
	for at := range scheduler.Retries.Iter(c.Ctx()) {
		t.Errorf("retries of %v are left", at)
	}
	for hash := range preimage.Statuses.Iter(c.Ctx()) {
		t.Errorf("preimage %x is left", hash)
	}
	for key := range preimage.Preimages.Iter(c.Ctx()) {
		t.Errorf("bytes of %x are left", key.Hash)
	}
	if _, behind := scheduler.IncompleteSince.Get(c.Ctx()); behind {
		t.Error("the chain is behind its agendas")
	}
}

func TestTaskRunsAtItsBlock(t *testing.T) {
	for label, call := range map[string]runtime.RuntimeCall{"inline": pay(), "preimage": long(pay())} {
		t.Run(label, func(t *testing.T) {
			c := palletstest.New(t, palletstest.Genesis{})
			root(t, c, scheduler.ScheduleNamed{ID: name(1), When: 5, Priority: 63, Call: call})
			if e := palletstest.EventsOf[scheduler.ScheduledEvent](c); len(e) != 1 || e[0] != (scheduler.ScheduledEvent{When: 5}) {
				t.Fatalf("events %+v", e)
			}
			c.GoTo(4)
			if got(c) != 0 {
				t.Fatal("the task ran early")
			}
			c.NextBlocks(1)
			if got(c) != 1 {
				t.Fatal("the task did not run")
			}
			e := palletstest.EventsOf[scheduler.DispatchedEvent](c)
			if len(e) != 1 || e[0].Task != (scheduler.TaskAddress{When: 5}) || !e[0].Result.IsOk() || e[0].ID.Or(name(0)) != name(1) {
				t.Fatalf("events %+v", e)
			}
			clean(t, c)
		})
	}
}

func TestErrors(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.GoTo(3)
	root(t, c, scheduler.ScheduleNamed{ID: name(1), When: 50, Call: pay()})
	for label, x := range map[string]struct {
		call runtime.Call
		want error
	}{
		"past":               {scheduler.Schedule{When: 3, Call: pay()}, scheduler.ErrTargetBlockNumberInPast},
		"name taken":         {scheduler.ScheduleNamed{ID: name(1), When: 60, Call: pay()}, scheduler.ErrFailedToSchedule},
		"cancel nothing":     {scheduler.Cancel{When: 50, Index: 7}, scheduler.ErrNotFound},
		"cancel no agenda":   {scheduler.Cancel{When: 51}, scheduler.ErrNotFound},
		"cancel no name":     {scheduler.CancelNamed{ID: name(9)}, scheduler.ErrNotFound},
		"retry nothing":      {scheduler.SetRetry{Task: scheduler.TaskAddress{When: 51}, Retries: 1, Period: 1}, scheduler.ErrNotFound},
		"retry no name":      {scheduler.SetRetryNamed{ID: name(9), Retries: 1, Period: 1}, scheduler.ErrNotFound},
		"no retry to cancel": {scheduler.CancelRetry{Task: scheduler.TaskAddress{When: 51}}, scheduler.ErrNotFound},
		"no name to cancel":  {scheduler.CancelRetryNamed{ID: name(9)}, scheduler.ErrNotFound},
	} {
		if err := c.Root(x.call); !errors.Is(err, x.want) {
			t.Errorf("%s: got %v, want %v", label, err, x.want)
		}
	}
	for _, call := range []runtime.Call{
		scheduler.Schedule{When: 90, Call: pay()}, scheduler.Cancel{When: 50}, scheduler.ScheduleNamed{ID: name(2), When: 90, Call: pay()},
		scheduler.CancelNamed{ID: name(1)}, scheduler.ScheduleAfter{After: 3, Call: pay()},
		scheduler.ScheduleNamedAfter{ID: name(2), After: 3, Call: pay()},
		scheduler.SetRetry{Task: scheduler.TaskAddress{When: 50}}, scheduler.SetRetryNamed{ID: name(1)},
		scheduler.CancelRetry{Task: scheduler.TaskAddress{When: 50}}, scheduler.CancelRetryNamed{ID: name(1)},
	} {
		if err := c.Run(bob, call); !errors.Is(err, runtime.ErrBadOrigin) {
			t.Errorf("%T signed by Bob: %v", call, err)
		}
	}
}

func TestAgendaHasFiftyPlaces(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	err := c.Do(func(ctx *runtime.Context) error {
		for range 50 {
			if err := ctx.Dispatch(scheduler.Schedule{When: 9, Call: pay()}, runtime.RootOrigin()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	full := scheduler.Schedule{When: 9, Call: long(pay())}
	if err := c.Root(full); !errors.Is(err, substrate.ErrExhausted) {
		t.Fatalf("51st task: %v", err)
	}
	root(t, c, scheduler.Cancel{When: 9, Index: 20})
	root(t, c, full)
	if e := palletstest.EventsOf[scheduler.ScheduledEvent](c); len(e) != 1 || e[0].Index != 20 {
		t.Fatalf("the gap was not filled: %+v", e)
	}
	c.GoTo(9)
	if got(c) != 50 {
		t.Fatalf("%d of 50 tasks ran", got(c))
	}
	clean(t, c)
}

func TestPriorityOrdersTasks(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	for i, p := range []uint8{127, 63, 255, 63} {
		root(t, c, scheduler.ScheduleNamed{ID: name(byte(i)), When: 9, Priority: p, Call: pay()})
	}
	c.GoTo(9)
	var order []byte
	for _, e := range palletstest.EventsOf[scheduler.DispatchedEvent](c) {
		id, _ := e.ID.Get()
		order = append(order, id[0])
	}
	if string(order) != string([]byte{1, 3, 0, 2}) {
		t.Fatalf("tasks ran in the order %v", order)
	}
}

func TestFailedTaskRollsBackAndReports(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	both := wrap(utility.BatchAll{Calls: []runtime.RuntimeCall{pay(), broken()}})
	root(t, c, scheduler.Schedule{When: 5, Call: both})
	root(t, c, scheduler.Schedule{When: 5, Call: pay()})
	c.GoTo(5)
	e := palletstest.EventsOf[scheduler.DispatchedEvent](c)
	if len(e) != 2 || e[0].Result.IsOk() || !e[1].Result.IsOk() {
		t.Fatalf("outcomes %+v", e)
	}
	if got(c) != 1 {
		t.Fatalf("%d payments are left of a failed batch and a good task", got(c))
	}
	clean(t, c)
}

func TestPeriodicTaskRunsCountTimes(t *testing.T) {
	for label, call := range map[string]runtime.RuntimeCall{"inline": pay(), "preimage": long(pay())} {
		t.Run(label, func(t *testing.T) {
			c := palletstest.New(t, palletstest.Genesis{})
			root(t, c, scheduler.ScheduleNamed{
				ID: name(1), When: 4, Call: call, MaybePeriodic: scale.Some(scheduler.Period{Blocks: 3, Count: 3}),
			})
			for _, step := range []struct {
				number uint32
				want   uint64
			}{{3, 0}, {4, 1}, {6, 1}, {7, 2}, {9, 2}, {10, 3}, {20, 3}} {
				c.GoTo(step.number)
				if got(c) != step.want {
					t.Fatalf("block %d: %d runs, want %d", step.number, got(c), step.want)
				}
			}
			clean(t, c)
		})
	}
}

func TestRetriesEndAfterTheirNumber(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	root(t, c, scheduler.ScheduleNamed{ID: name(1), When: 10, Call: long2(broken())})
	root(t, c, scheduler.SetRetryNamed{ID: name(1), Retries: 2, Period: 4})
	tries := 0
	for range 30 {
		c.NextBlocks(1)
		tries += len(palletstest.EventsOf[scheduler.DispatchedEvent](c))
	}
	if tries != 3 {
		t.Fatalf("%d tries, want the first and two more", tries)
	}
	clean(t, c)
}

// long2 is a long call that fails as a whole.
func long2(call runtime.RuntimeCall) runtime.RuntimeCall {
	return wrap(utility.BatchAll{Calls: []runtime.RuntimeCall{
		call, wrap(system.Remark{Remark: make([]byte, 200)}),
	}})
}

func TestRetrySucceedsLater(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	root(t, c, scheduler.Schedule{When: 10, Call: broken()})
	root(t, c, scheduler.SetRetry{Task: scheduler.TaskAddress{When: 10}, Retries: 9, Period: 4})
	c.GoTo(11)
	c.Must(bob, balances.TransferKeepAlive{Dest: substrate.AddressOf(palletstest.Account("poor")), Value: types.Tokens(5)})
	c.GoTo(40)
	if got(c) != 1 {
		t.Fatalf("%d payments, want 1", got(c))
	}
	clean(t, c)
}

func TestCancelRetry(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	root(t, c, scheduler.ScheduleNamed{ID: name(1), When: 10, Call: broken()})
	root(t, c, scheduler.SetRetryNamed{ID: name(1), Retries: 2, Period: 0})
	if e := palletstest.EventsOf[scheduler.RetrySetEvent](c); len(e) != 1 || e[0].Period != 1 {
		t.Fatalf("events %+v: a retry in the same block is impossible", e)
	}
	root(t, c, scheduler.CancelRetryNamed{ID: name(1)})
	c.GoTo(10)
	clean(t, c)
}

func TestCancelFreesPreimageAndName(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	root(t, c, scheduler.ScheduleNamed{ID: name(1), When: 10, Call: long(pay())})
	root(t, c, scheduler.CancelNamed{ID: name(1)})
	clean(t, c)
	c.GoTo(10)
	if got(c) != 0 {
		t.Fatal("a canceled task ran")
	}
}

// Upstream notes the same long call once only, so that the first task to end
// takes the preimage from the second.
func TestTwoTasksShareAPreimage(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	root(t, c, scheduler.Schedule{When: 5, Call: long(pay())})
	root(t, c, scheduler.Schedule{When: 6, Call: long(pay())})
	c.GoTo(6)
	if got(c) != 2 {
		t.Fatalf("%d of 2 tasks ran", got(c))
	}
	clean(t, c)
}

// A task that its own agenda's earlier task cancels does not run.
func TestTaskCancelsALaterOne(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	root(t, c, scheduler.Schedule{When: 9, Priority: 1, Call: wrap(scheduler.CancelNamed{ID: name(2)})})
	root(t, c, scheduler.ScheduleNamed{ID: name(2), When: 9, Priority: 2, Call: pay()})
	c.GoTo(9)
	if got(c) != 0 {
		t.Fatal("a canceled task ran")
	}
	clean(t, c)
}

// A task may schedule its successor under its own name.
func TestTaskRenewsItsName(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	again := wrap(scheduler.ScheduleNamed{ID: name(1), When: 9, Call: pay()})
	root(t, c, scheduler.ScheduleNamed{ID: name(1), When: 6, Call: again})
	c.GoTo(9)
	if got(c) != 1 {
		t.Fatal("the successor did not run")
	}
	clean(t, c)
}

func heavy(part uint64) runtime.RuntimeCall {
	w := scheduler.MaximumWeight.Default()
	return wrap(utility.WithWeight{Call: pay(), Weight: substrate.Weight{RefTime: w.RefTime / part}})
}

// Upstream forgets the name of a task that has to wait, and keeps a task that
// fits into no block in its agenda for ever.
func TestHeavyTasksWait(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	for i := range 5 {
		root(t, c, scheduler.ScheduleNamed{ID: name(byte(i)), When: 10, Priority: uint8(i), Call: heavy(3)})
	}
	c.GoTo(10)
	if got(c) != 2 {
		t.Fatalf("%d tasks ran, two fit", got(c))
	}
	if since, behind := scheduler.IncompleteSince.Get(c.Ctx()); !behind || since != 10 {
		t.Fatalf("incomplete since %d, %v", since, behind)
	}
	if _, ok := scheduler.Lookup.Get(c.Ctx(), name(4)); !ok {
		t.Fatal("a waiting task lost its name")
	}
	root(t, c, scheduler.Schedule{When: 12, Call: pay()})
	if got(c) != 4 {
		t.Fatalf("%d tasks ran after two blocks, want 4", got(c))
	}
	c.NextBlocks(1)
	if got(c) != 6 {
		t.Fatalf("%d tasks ran after three blocks, want all 6", got(c))
	}
	clean(t, c)
}

func TestOverweightTaskGoesAway(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	root(t, c, scheduler.ScheduleNamed{ID: name(1), When: 5, Call: heavy(1)})
	root(t, c, scheduler.Schedule{When: 5, Call: pay()})
	c.GoTo(5)
	if e := palletstest.EventsOf[scheduler.PermanentlyOverweightEvent](c); len(e) != 1 || e[0].ID.Or(name(0)) != name(1) {
		t.Fatalf("events %+v", e)
	}
	if got(c) != 1 {
		t.Fatal("the other task did not run")
	}
	clean(t, c)
}

func TestMissingPreimageEndsTheTask(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	root(t, c, scheduler.ScheduleNamed{ID: name(1), When: 5, Call: long(pay())})
	for hash := range preimage.Statuses.Iter(c.Ctx()) {
		root(t, c, preimage.UnrequestPreimage{Hash: hash})
	}
	c.GoTo(5)
	if e := palletstest.EventsOf[scheduler.CallUnavailableEvent](c); len(e) != 1 {
		t.Fatalf("events %+v", c.Events())
	}
	clean(t, c)
}

// Work of tasks leaves less room for extrinsics.
func TestTasksCountAgainstTheBlock(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	root(t, c, scheduler.Schedule{When: 5, Call: heavy(2)})
	c.GoTo(4)
	if err := c.Do(func(ctx *runtime.Context) error {
		if used := ctx.Usage().Mandatory.RefTime; used < scheduler.MaximumWeight.Default().RefTime/2 {
			t.Errorf("the block counts %d of the tasks' weight", used)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAPI(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	api := scheduler.API{}
	err := c.Do(func(ctx *runtime.Context) error {
		transfer := wrap(balances.TransferKeepAlive{Dest: substrate.AddressOf(fresh), Value: types.Tokens(3)})
		return api.ScheduleNamed(ctx, name(1), 5, scheduler.HardDeadline, runtime.SignedOrigin(bob), transfer)
	})
	if err != nil {
		t.Fatal(err)
	}
	c.GoTo(5)
	if got(c) != 3 {
		t.Fatal("Bob's task did not pay")
	}
	if err := c.Do(func(ctx *runtime.Context) error { return api.CancelNamed(ctx, name(1)) }); !errors.Is(err, scheduler.ErrNotFound) {
		t.Fatalf("cancel a done task: %v", err)
	}
}
