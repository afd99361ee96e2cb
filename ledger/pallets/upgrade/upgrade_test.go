package upgrade_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/upgrade"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

func next(c *palletstest.Chain) uint32 { return system.NextCode(c.Ctx()).SpecVersion }

// An upgrade is announced by root or the council, for a newer version and a block
// to come; another replaces it, and cancel drops it.
func TestSchedule(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	if err := c.Run(palletstest.Alice, upgrade.Schedule{SpecVersion: 138, Height: 100}); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Errorf("by a user: %v", err)
	}
	council := func(ayes uint32) runtime.Origin {
		return runtime.CustomOrigin(types.OriginCouncil{Origin: types.CollectiveMembers{Ayes: ayes, Seats: 4}})
	}
	for _, tt := range []struct {
		name   string
		call   upgrade.Schedule
		origin runtime.Origin
		want   error
	}{
		{"half of the council", upgrade.Schedule{SpecVersion: 138, Height: 100}, council(2), runtime.ErrBadOrigin},
		{"three quarters", upgrade.Schedule{SpecVersion: 138, Height: 100}, council(3), nil},
		{"the same version", upgrade.Schedule{SpecVersion: 137, Height: 100}, runtime.RootOrigin(), upgrade.ErrSpecVersionNeedsToIncrease},
		{"the block that runs", upgrade.Schedule{SpecVersion: 138, Height: types.BlockNumber(c.Number() + 4)}, runtime.RootOrigin(), upgrade.ErrTooSoon},
		{"another plan", upgrade.Schedule{SpecVersion: 140, Height: 50}, runtime.RootOrigin(), nil},
	} {
		err := c.Do(func(ctx *runtime.Context) error { return ctx.Dispatch(tt.call, tt.origin) })
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if plan, ok := upgrade.Scheduled.Get(c.Ctx()); tt.want == nil && (!ok || plan != upgrade.Plan(tt.call)) {
			t.Errorf("%s: scheduled %+v", tt.name, plan)
		}
	}
	if err := c.Root(upgrade.Cancel{}); err != nil {
		t.Fatal(err)
	}
	if err := c.Root(upgrade.Cancel{}); !errors.Is(err, upgrade.ErrNothingScheduled) {
		t.Errorf("cancelled twice: %v", err)
	}
	c.GoTo(60)
	if next(c) != 137 || len(upgrade.History.Get(c.Ctx())) != 0 {
		t.Error("a cancelled upgrade happened")
	}
}

// The code changes at the end of the block before the first one of the version,
// and the history tells for every block who ran it.
func TestSwitch(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	if err := c.Root(upgrade.Schedule{SpecVersion: 138, Height: 5}); err != nil {
		t.Fatal(err)
	}
	c.GoTo(3)
	if next(c) != 137 {
		t.Error("the code changed early")
	}
	c.GoTo(4)
	if next(c) != 138 || len(palletstest.EventsOf[system.CodeUpdatedEvent](c)) != 1 {
		t.Errorf("next runtime %d, events %v", next(c), c.Events())
	}
	for number, want := range map[uint32]uint32{0: 0, 1: 0, 4: 0, 5: 138} {
		if got, ok := (upgrade.API{}).RanBy(c.Ctx(), number); got != want || ok != (want != 0) {
			t.Errorf("block %d was run by %d", number, got)
		}
	}
}

// A plan that set_code has overtaken is cancelled; one for a newer version stays.
func TestSetCodeBeforeThePlan(t *testing.T) {
	code := func(v uint32) []byte { return runtime.Code{SpecVersion: v, SpecName: "cess-node"}.Encode() }
	for _, planned := range []uint32{138, 139, 140} {
		c := palletstest.New(t, palletstest.Genesis{})
		if err := c.Root(upgrade.Schedule{SpecVersion: planned, Height: 50}); err != nil {
			t.Fatal(err)
		}
		if err := c.Root(system.SetCode{Code: code(139)}); err != nil {
			t.Fatal(err)
		}
		_, left := upgrade.Scheduled.Get(c.Ctx())
		cancelled := slices.ContainsFunc(c.Events(), func(e any) bool { _, ok := e.(upgrade.CancelledEvent); return ok })
		if left != (planned > 139) || cancelled == left {
			t.Errorf("plan for %d: left %v, cancelled %v", planned, left, cancelled)
		}
	}
}
