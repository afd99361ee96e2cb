package storagehandler_test

import (
	"testing"

	sh "github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

func TestSpaceMovesBetweenParts(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	api, home := sh.API{}, name("home")
	b := scale.U128From64
	do := func(fn func(ctx *runtime.Context) error) error { t.Helper(); return w.Do(fn) }
	parts := func(used, locked uint64) {
		t.Helper()
		got := w.get(alice, "home")
		equal(t, "used", got.UsedSpace, b(used))
		equal(t, "locked", got.LockedSpace, b(locked))
		equal(t, "sum", got.UsedSpace.SaturatingAdd(got.LockedSpace).SaturatingAdd(got.RemainingSpace), gib(1))
		left, err := api.Available(w.Ctx(), alice, home)
		wants(t, err, nil)
		equal(t, "available", left, got.RemainingSpace)
	}
	wants(t, do(func(ctx *runtime.Context) error { return api.LockSpace(ctx, alice, home, b(100)) }), nil)
	parts(0, 100)
	wants(t, do(func(ctx *runtime.Context) error { return api.UseLocked(ctx, alice, home, b(60)) }), nil)
	parts(60, 40)
	wants(t, do(func(ctx *runtime.Context) error { return api.AddUsed(ctx, alice, home, b(5)) }), nil)
	parts(65, 40)

	wants(t, do(func(ctx *runtime.Context) error { return api.UseLocked(ctx, alice, home, b(41)) }), sh.ErrOverflow)
	wants(t, do(func(ctx *runtime.Context) error { return api.SubUsed(ctx, alice, home, b(66)) }), sh.ErrOverflow)
	wants(t, do(func(ctx *runtime.Context) error { return api.UnlockSpace(ctx, alice, home, b(41)) }), sh.ErrOverflow)
	wants(t, do(func(ctx *runtime.Context) error { return api.LockSpace(ctx, alice, home, gib(1)) }), sh.ErrInsufficientStorage)
	wants(t, do(func(ctx *runtime.Context) error { return api.AddUsed(ctx, alice, home, gib(1)) }), sh.ErrInsufficientStorage)
	wants(t, do(func(ctx *runtime.Context) error { return api.AddUsed(ctx, bob, home, b(1)) }), sh.ErrNotHaveTerritory)
	wants(t, do(func(ctx *runtime.Context) error { return api.SubUsed(ctx, bob, home, b(1)) }), sh.ErrNotHaveTerritory)
	wants(t, do(func(ctx *runtime.Context) error { return api.Cleared(ctx, alice, home) }), sh.ErrNotExpire)
	parts(65, 40)

	// Frozen: what is there may be completed and deleted, nothing may come.
	w.GoTo(w.get(alice, "home").Deadline)
	wants(t, do(func(ctx *runtime.Context) error { return api.AddUsed(ctx, alice, home, b(1)) }), sh.ErrNotActive)
	wants(t, do(func(ctx *runtime.Context) error { return api.LockSpace(ctx, alice, home, b(1)) }), sh.ErrNotActive)
	wants(t, do(func(ctx *runtime.Context) error { return api.UseLocked(ctx, alice, home, b(10)) }), nil)
	wants(t, do(func(ctx *runtime.Context) error { return api.SubUsed(ctx, alice, home, b(5)) }), nil)
	parts(70, 30)
	equal(t, "expired", api.Expired(w.Ctx(), alice, home), false)

	w.GoTo(w.get(alice, "home").Deadline + frozen)
	equal(t, "expired", api.Expired(w.Ctx(), alice, home), true)
	wants(t, do(func(ctx *runtime.Context) error { return api.Cleared(ctx, alice, home) }), nil)
	parts(0, 30)
	wants(t, do(func(ctx *runtime.Context) error { return api.UnlockSpace(ctx, alice, home, b(30)) }), nil)
	parts(0, 0)
}

func TestOwnerAndTotals(t *testing.T) {
	w := newWorld(t)
	api := sh.API{}
	equal(t, "expired", api.Expired(w.Ctx(), alice, name("home")), true)
	wants(t, api.CheckOwner(w.Ctx(), alice, name("home")), sh.ErrNotHaveTerritory)
	_, err := api.Available(w.Ctx(), alice, name("home"))
	wants(t, err, sh.ErrNotHaveTerritory)
	w.mint(alice, "home", 1)
	wants(t, api.CheckOwner(w.Ctx(), alice, name("home")), nil)

	idle := sh.TotalIdleSpace.Get(w.Ctx())
	for _, fn := range []func(ctx *runtime.Context) error{
		func(ctx *runtime.Context) error { return api.SubIdleSpace(ctx, idle.SaturatingAdd(gib(1))) },
		func(ctx *runtime.Context) error { return api.AddIdleSpace(ctx, scale.MaxU128) },
		func(ctx *runtime.Context) error { return api.SubServiceSpace(ctx, gib(1)) },
	} {
		wants(t, w.Do(fn), sh.ErrOverflow)
	}
	w.do(func(ctx *runtime.Context) error { return api.SubIdleSpace(ctx, gib(1)) })
	w.do(func(ctx *runtime.Context) error { return api.AddServiceSpace(ctx, gib(1)) })
	equal(t, "idle space", sh.TotalIdleSpace.Get(w.Ctx()), idle.SaturatingSub(gib(1)))
	equal(t, "service space", sh.TotalServiceSpace.Get(w.Ctx()), gib(1))
}
