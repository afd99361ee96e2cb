package staking_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// breaks changes records of a stash behind the pallet's back.
func breaks(t *testing.T, c *palletstest.Chain, fn func(ctx *runtime.Context)) {
	t.Helper()
	if err := c.Do(func(ctx *runtime.Context) error { fn(ctx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func setLock(t *testing.T, ctx *runtime.Context, x amount) {
	t.Helper()
	if err := money.SetLock(ctx, bob, lockID, x, balances.ReasonsAll); err != nil {
		t.Fatal(err)
	}
}

func TestRestoreLedger(t *testing.T) {
	chunks := func(tokens uint64) scale.Option[scale.BoundedVec[staking.UnlockChunk, staking.UnlockBound]] {
		return scale.Some(scale.BoundedVec[staking.UnlockChunk, staking.UnlockBound]{{Value: types.Tokens(tokens), Era: 9}})
	}
	total := func(tokens uint64) scale.Option[amount] { return scale.Some(types.Tokens(tokens)) }
	for _, test := range []struct {
		name          string
		damage        func(ctx *runtime.Context)
		call          staking.RestoreLedger
		controller    accountID
		total, active uint64 // tokens
	}{
		{"lock too small", func(ctx *runtime.Context) { setLock(t, ctx, types.Tokens(7)) }, staking.RestoreLedger{}, bob, 100, 100},
		{"no lock", func(ctx *runtime.Context) { setLock(t, ctx, amount{}) }, staking.RestoreLedger{}, bob, 100, 100},
		{"ledger lost", func(ctx *runtime.Context) { staking.Ledgers.Delete(ctx, bob) }, staking.RestoreLedger{}, bob, 100, 100},
		{"ledger lost, another controller, chunks", func(ctx *runtime.Context) { staking.Ledgers.Delete(ctx, bob) },
			staking.RestoreLedger{MaybeController: scale.Some(dave), MaybeTotal: total(90), MaybeUnlocking: chunks(20)}, dave, 90, 70},
		{"ledger and lock lost", func(ctx *runtime.Context) {
			staking.Ledgers.Delete(ctx, bob)
			setLock(t, ctx, amount{})
		}, staking.RestoreLedger{MaybeTotal: total(50)}, bob, 50, 50},
		{"two stashes, one controller", func(ctx *runtime.Context) { staking.Bonded.Put(ctx, bob, charlie) },
			staking.RestoreLedger{}, bob, 100, 100},
		{"parts do not add up", func(ctx *runtime.Context) {
			l, _ := staking.Ledgers.Get(ctx, bob)
			l.Active = types.Tokens(1)
			staking.Ledgers.Put(ctx, bob, l)
		}, staking.RestoreLedger{MaybeController: scale.Some(dave)}, dave, 100, 100},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := world(t, nil)
			c.Must(bob, bond(100))
			c.Must(charlie, bond(40))
			call := test.call
			call.Stash = bob
			if err := c.Root(call); !errors.Is(err, staking.ErrCannotRestoreLedger) {
				t.Fatalf("nothing is wrong: %v", err)
			}
			breaks(t, c, test.damage)
			if err := c.Run(alice, call); !errors.Is(err, runtime.ErrBadOrigin) {
				t.Fatalf("by Alice: %v", err)
			}
			root(t, c, call)
			l := ledger(t, c, test.controller)
			if l.Stash != bob || l.Total != types.Tokens(test.total) || l.Active != types.Tokens(test.active) {
				t.Fatalf("ledger %+v", l)
			}
			if got := money.Locked(c.Ctx(), bob, lockID); got != l.Total {
				t.Fatalf("locked %v of %v", got, l.Total)
			}
			checkMoney(t, c)
		})
	}
}

func TestRestoreLedgerRefuses(t *testing.T) {
	tooMuch := scale.Some(scale.BoundedVec[staking.UnlockChunk, staking.UnlockBound]{{Value: types.Tokens(101), Era: 9}})
	for name, test := range map[string]struct {
		damage func(ctx *runtime.Context)
		call   staking.RestoreLedger
	}{
		"no bond, no lock":             {func(*runtime.Context) {}, staking.RestoreLedger{Stash: dave}},
		"arguments for a lock":         {func(ctx *runtime.Context) { setLock(t, ctx, types.Tokens(7)) }, staking.RestoreLedger{Stash: bob, MaybeTotal: scale.Some(types.Tokens(8))}},
		"controller of another's bond": {func(ctx *runtime.Context) { staking.Ledgers.Delete(ctx, bob) }, staking.RestoreLedger{Stash: bob, MaybeController: scale.Some(charlie)}},
		"more unlocking than there is": {func(ctx *runtime.Context) { staking.Ledgers.Delete(ctx, bob) }, staking.RestoreLedger{Stash: bob, MaybeUnlocking: tooMuch}},
		"nothing left to restore": {func(ctx *runtime.Context) {
			staking.Ledgers.Delete(ctx, bob)
			setLock(t, ctx, amount{})
		}, staking.RestoreLedger{Stash: bob}},
	} {
		c := world(t, nil)
		c.Must(bob, bond(100))
		c.Must(charlie, bond(40))
		breaks(t, c, test.damage)
		if err := c.Root(test.call); !errors.Is(err, staking.ErrCannotRestoreLedger) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A lock that outlived its bond goes.
func TestRestoreLedgerRemovesLocks(t *testing.T) {
	c := world(t, nil)
	breaks(t, c, func(ctx *runtime.Context) { setLock(t, ctx, types.Tokens(7)) })
	root(t, c, staking.RestoreLedger{Stash: bob})
	if got := money.Locked(c.Ctx(), bob, lockID); !got.IsZero() {
		t.Fatalf("%v is locked", got)
	}
	checkMoney(t, c)
}

// What is reserved counts as locked first, and a fine may take it: the bond is
// then more than the account owns. It stays locked and can be slashed.
func TestBondOfMoreThanIsLeft(t *testing.T) {
	c := world(t, map[string]any{"Staking.BondingDuration": 1})
	breaks(t, c, func(ctx *runtime.Context) {
		staking.MinValidatorBond.Put(ctx, types.Tokens(100)) // what fines of TEE workers are parts of
		if err := money.Reserve(ctx, bob, types.Tokens(1000)); err != nil {
			t.Fatal(err)
		}
	})
	c.Must(bob, bond(1_000_000_000))
	total := ledger(t, c, bob).Total
	send := balances.TransferKeepAlive{Dest: substrate.AddressOf(alice), Value: types.Tokens(500)}
	c.Must(bob, send)
	breaks(t, c, func(ctx *runtime.Context) {
		if left, err := money.TransferReserved(ctx, bob, alice, types.Tokens(1000)); err != nil || !left.IsZero() {
			t.Fatalf("%v left, %v", left, err)
		}
	})
	if free := money.Free(c.Ctx(), bob); !free.Less(total) {
		t.Fatalf("bonded %v of %v", total, free)
	}
	if err := c.Run(bob, send); err == nil {
		t.Fatal("what is bonded can be spent")
	}
	breaks(t, c, func(ctx *runtime.Context) {
		if err := api.SlashScheduler(ctx, bob); err != nil {
			t.Fatal(err)
		}
	})
	if l := ledger(t, c, bob); !l.Total.Less(total) {
		t.Fatalf("the bond is %v after a slash", l.Total)
	}
	if locked := money.Locked(c.Ctx(), bob, lockID); locked != ledger(t, c, bob).Total {
		t.Fatalf("locked %v", locked)
	}
}
