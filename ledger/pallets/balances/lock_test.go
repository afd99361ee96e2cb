package balances_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"pgregory.net/rapid"
)

var (
	one = balances.Identifier([]byte("lock one"))
	two = balances.Identifier([]byte("lock two"))
	why = balances.HoldPreimage{Reason: balances.HoldPreimageDeposit}
)

func do(t palletstest.TB, c *palletstest.Chain, fn func(ctx *runtime.Context) error) {
	t.Helper()
	if err := c.Do(fn); err != nil {
		t.Fatal(err)
	}
}

func lock(t palletstest.TB, c *palletstest.Chain, id balances.Identifier, tokens uint64) {
	t.Helper()
	do(t, c, func(ctx *runtime.Context) error {
		return api.SetLock(ctx, fresh, id, types.Tokens(tokens), balances.ReasonsAll)
	})
}

// Locks overlap: the largest counts. They keep balance, not the account's
// reserve, and an account under lock does not die.
func TestLocksOverlap(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(alice, balances.TransferKeepAlive{Dest: to(fresh), Value: types.Tokens(20)})
	idle := system.Accounts.Get(c.Ctx(), fresh)
	lock(t, c, one, 5)
	if e := palletstest.EventsOf[balances.LockedEvent](c); len(e) != 1 || e[0].Amount != types.Tokens(5) {
		t.Fatalf("events %+v", e)
	}
	lock(t, c, two, 12)
	lock(t, c, one, 7)
	if got := system.Accounts.Get(c.Ctx(), fresh).Data.Frozen; got != types.Tokens(12) {
		t.Fatalf("%v is frozen", got)
	}
	err := c.Do(func(ctx *runtime.Context) error {
		return api.Transfer(ctx, fresh, alice, types.Tokens(9), balances.AllowDeath)
	})
	if !errors.Is(err, runtime.ErrFrozen) {
		t.Fatalf("locked balance left: %v", err)
	}
	// What is held counts as locked first.
	do(t, c, func(ctx *runtime.Context) error { return api.Hold(ctx, fresh, why, types.Tokens(12)) })
	do(t, c, func(ctx *runtime.Context) error {
		return api.Transfer(ctx, fresh, alice, types.Tokens(7), balances.AllowDeath)
	})
	do(t, c, func(ctx *runtime.Context) error { _, err := api.Release(ctx, fresh, why, types.Tokens(99)); return err })
	lock(t, c, two, 0)
	if e := palletstest.EventsOf[balances.UnlockedEvent](c); len(e) != 1 || e[0].Amount != types.Tokens(5) {
		t.Fatalf("events %+v", e)
	}
	do(t, c, func(ctx *runtime.Context) error { return api.RemoveLock(ctx, fresh, one) })
	do(t, c, func(ctx *runtime.Context) error { return api.RemoveLock(ctx, fresh, one) })
	if balances.Locks.Contains(c.Ctx(), fresh) {
		t.Fatal("locks are left")
	}
	if got := system.Accounts.Get(c.Ctx(), fresh); got.Consumers != idle.Consumers || !got.Data.Frozen.IsZero() {
		t.Fatalf("after all locks are gone: %+v", got)
	}
	checkIssuance(t, c)
}

func TestHoldKeepsTheDeposit(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(alice, balances.TransferKeepAlive{Dest: to(fresh), Value: types.Tokens(10)})
	err := c.Do(func(ctx *runtime.Context) error {
		return api.Hold(ctx, fresh, why, types.Tokens(9).SaturatingAdd(scale.U128From64(1)))
	})
	if !errors.Is(err, runtime.ErrFundsUnavailable) {
		t.Fatalf("held the existential deposit: %v", err)
	}
	do(t, c, func(ctx *runtime.Context) error { return api.Hold(ctx, fresh, why, types.Tokens(4)) })
	do(t, c, func(ctx *runtime.Context) error { return api.Hold(ctx, fresh, why, types.Tokens(5)) })
	if got := api.Held(c.Ctx(), fresh, why); got != types.Tokens(9) {
		t.Fatalf("%v is held", got)
	}
	do(t, c, func(ctx *runtime.Context) error {
		if moved, err := api.Release(ctx, fresh, why, types.Tokens(100)); err != nil || moved != types.Tokens(9) {
			t.Errorf("released %v, %v", moved, err)
		}
		return nil
	})
	if balances.Holds.Contains(c.Ctx(), fresh) {
		t.Fatal("an empty hold is left")
	}
	checkIssuance(t, c)
}

// Slashes take locked balance too; what was taken is owed to somebody.
func TestSlashTakesLockedBalance(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(alice, balances.TransferKeepAlive{Dest: to(fresh), Value: types.Tokens(10)})
	lock(t, c, one, 8)
	do(t, c, func(ctx *runtime.Context) error {
		taken, err := api.Slash(ctx, fresh, types.Tokens(50))
		if err != nil || taken != types.Tokens(9) {
			t.Errorf("took %v, %v: the account keeps its deposit while it is under lock", taken, err)
		}
		return api.Deposit(ctx, bob, taken)
	})
	checkIssuance(t, c)
	lock(t, c, one, 0)
	do(t, c, func(ctx *runtime.Context) error {
		taken, err := api.Slash(ctx, fresh, types.Tokens(50))
		if err != nil || taken != types.Tokens(1) {
			t.Errorf("took %v, %v", taken, err)
		}
		api.Destroy(ctx, taken)
		return nil
	})
	if system.Exists(c.Ctx(), fresh) {
		t.Fatal("the account is left")
	}
	checkIssuance(t, c)
}

// Frozen is always the largest lock, reserved the sum of the holds, and the
// account's references come and go with them.
func TestLockAndHoldInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := palletstest.New(t, palletstest.Genesis{})
		c.Must(alice, balances.TransferKeepAlive{Dest: to(fresh), Value: types.Tokens(30)})
		for range rapid.IntRange(1, 20).Draw(t, "calls") {
			x := types.Tokens(rapid.Uint64Range(0, 40).Draw(t, "tokens"))
			id := rapid.SampledFrom([]balances.Identifier{one, two}).Draw(t, "id")
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				_ = c.Do(func(ctx *runtime.Context) error { return api.SetLock(ctx, fresh, id, x, balances.ReasonsAll) })
			case 1:
				_ = c.Do(func(ctx *runtime.Context) error { return api.Hold(ctx, fresh, why, x) })
			case 2:
				_ = c.Do(func(ctx *runtime.Context) error { _, err := api.Release(ctx, fresh, why, x); return err })
			case 3:
				_ = c.Run(fresh, balances.TransferAllowDeath{Dest: to(bob), Value: x})
			case 4:
				_ = c.Do(func(ctx *runtime.Context) error {
					taken, err := api.Slash(ctx, fresh, x)
					if err != nil {
						return err
					}
					return api.Deposit(ctx, bob, taken)
				})
			}
			checkIssuance(t, c)
			a, largest, consumers := system.Accounts.Get(c.Ctx(), fresh), types.Balance{}, uint32(0)
			locks := balances.Locks.Get(c.Ctx(), fresh)
			for _, l := range locks {
				largest = largest.Max(l.Amount)
			}
			if len(locks) > 0 {
				consumers++
			}
			if !a.Data.Frozen.IsZero() || !a.Data.Reserved.IsZero() {
				consumers++
			}
			if a.Data.Frozen != largest || a.Data.Reserved != api.Held(c.Ctx(), fresh, why) || a.Consumers != consumers {
				t.Fatalf("account %+v with locks %v", a, locks)
			}
		}
	})
}
