package storagehandler_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	sh "github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// TestKeyVector is the vector of spec/pallets-storage.md §14, whose last hash
// is written there half a byte too far left.
func TestKeyVector(t *testing.T) {
	var account substrate.AccountID
	for i := range account {
		account[i] = 3
	}
	want := "d594a5c1eaaed1896a72205f11d64700" + "3af49a9492056b7d0ff4b61962039138" +
		"291a070f51c27c29753ff90a32ba233e" + strings.Repeat("03", 32) +
		"57253bcc395efdfc36ea8c4f3777cc02" + "147465727231"
	equal(t, "key", hex.EncodeToString(sh.Territories.Key(account, name("terr1"))), want)
}

func TestGenesisMakesTheTotals(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{
		Miners: []palletstest.GenesisMiner{palletstest.Miner("m", 5*types.TiB)},
		Price:  types.Tokens(7),
	})
	price, _ := sh.UnitPrice.Get(c.Ctx())
	equal(t, "price", price, types.Tokens(7))
	equal(t, "idle space", sh.TotalIdleSpace.Get(c.Ctx()), scale.U128From64(5*types.TiB))
	if !sh.TotalServiceSpace.Exists(c.Ctx()) || !sh.PurchasedSpace.Exists(c.Ctx()) {
		t.Error("a total is absent from state")
	}
}

// TestPriceVectors are the prices of spec/pallets-storage.md §14, on a chain
// with the public network's constants.
func TestPriceVectors(t *testing.T) {
	w := worldOf(palletstest.New(t, palletstest.Genesis{
		Constants: map[string]any{"StorageHandler.ReactivationDivisor": 30},
	}), t)
	w.addIdle(types.TiB)

	w.mint(alice, "one", 1)
	equal(t, "1 GiB for 30 days", w.paid(), types.Tokens(900))
	equal(t, "lease", w.get(alice, "one").Deadline-w.Number(), 432_000)

	now := w.Number() + 1
	w.root(sh.UpdateUserTerritoryLife{User: alice, TerritoryName: name("one"), Deadline: now + 1 + 14_401})
	w.Must(alice, sh.ExpandingTerritory{TerritoryName: name("one"), GiBCount: 2})
	equal(t, "2 GiB for a day and a block", w.paid(), types.Tokens(900+120))

	w.mint(bob, "ten", 10)
	before := w.paid()
	w.Must(bob, sh.RenewalTerritory{TerritoryName: name("ten"), Days: 1})
	equal(t, "10 GiB for another day", w.paid().SaturatingSub(before), types.Tokens(300))

	w.do(func(ctx *runtime.Context) error {
		return sh.Territories.Mutate(ctx, bob, name("ten"), sh.ErrUnexpected, func(t *sh.Territory) error {
			t.State = sh.TerritoryExpired
			return nil
		})
	})
	before = w.paid()
	w.Must(bob, sh.ReactivateTerritory{TerritoryName: name("ten"), Days: 30})
	equal(t, "upstream's reactivation", w.paid().SaturatingSub(before), types.Tokens(300))
}

func TestMint(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 3)
	now := w.Number()
	got := w.get(alice, "home")
	equal(t, "territory", got, sh.Territory{
		Token: got.Token, TotalSpace: gib(3), RemainingSpace: gib(3),
		Start: now, Deadline: now + month, State: sh.TerritoryActive,
	})
	events := palletstest.EventsOf[sh.MintTerritoryEvent](w.Chain)
	if len(events) != 1 || events[0].Token != got.Token || events[0].Spend != types.Tokens(3*900) {
		t.Errorf("events are %+v", events)
	}
	equal(t, "purchased space", sh.PurchasedSpace.Get(w.Ctx()), gib(3))
	wants(t, w.Run(alice, sh.MintTerritory{GiBCount: 1, TerritoryName: name("home"), Days: 30}), sh.ErrPurchasedSpace)
	w.mint(bob, "home", 1)
}

func TestMintRefuses(t *testing.T) {
	w := newWorld(t)
	mint := func(gib, days uint32) error {
		return w.Run(alice, sh.MintTerritory{GiBCount: gib, TerritoryName: name("x"), Days: days})
	}
	wants(t, mint(1, 29), sh.ErrBoundariesNotMet)
	wants(t, mint(1, 1<<32-1), sh.ErrOverflow)
	wants(t, mint(1024*1024+1, 30), sh.ErrInsufficientAvailableSpace)
	wants(t, mint(1024*1024, 10_000), sh.ErrInsufficientBalance)
	equal(t, "purchased space", sh.PurchasedSpace.Get(w.Ctx()), scale.U128{})
	equal(t, "payment", w.paid(), types.Balance{})
}

// Service space was idle space before, and stays for sale.
func TestAllSpaceOfTheNetworkIsForSale(t *testing.T) {
	w := newWorld(t)
	w.do(func(ctx *runtime.Context) error {
		if err := (sh.API{}).SubIdleSpace(ctx, gib(1024*1024-2)); err != nil {
			return err
		}
		return sh.API{}.AddServiceSpace(ctx, gib(3))
	})
	w.mint(alice, "home", 5)
	wants(t, w.Run(alice, sh.ExpandingTerritory{TerritoryName: name("home"), GiBCount: 1}), sh.ErrInsufficientAvailableSpace)
}

// The agenda of a block takes one entry less than FrozenLimit.
func TestAgendaIsBounded(t *testing.T) {
	w := newWorld(t, map[string]any{"StorageHandler.FrozenLimit": 3})
	mint := func(owner substrate.AccountID) palletstest.Tx {
		return palletstest.Tx{Signer: owner, Call: sh.MintTerritory{GiBCount: 1, TerritoryName: name("x"), Days: 30}}
	}
	errs := w.Block(mint(alice), mint(bob), mint(charlie))
	wants(t, errs[0], nil)
	wants(t, errs[1], nil)
	wants(t, errs[2], sh.ErrOverflow)
}

func TestExpand(t *testing.T) {
	w := newWorld(t)
	expand := func(gib uint32) error {
		return w.Run(alice, sh.ExpandingTerritory{TerritoryName: name("home"), GiBCount: gib})
	}
	wants(t, expand(1), sh.ErrNotHaveTerritory)
	w.mint(alice, "home", 1)
	before := w.paid()
	w.NextBlocks(month - day - 1) // a day and a block less are left when the call runs
	wants(t, expand(2), nil)
	equal(t, "price", w.paid().SaturatingSub(before), types.Tokens(2*1*30))
	got := w.get(alice, "home")
	equal(t, "total", got.TotalSpace, gib(3))
	equal(t, "remaining", got.RemainingSpace, gib(3))
	wants(t, expand(1024*1024), sh.ErrInsufficientAvailableSpace)
	w.GoTo(got.Deadline)
	wants(t, expand(1), sh.ErrNotActive)
}

// TestLeaseRunsOut follows a lease through spec/pallets-storage.md §10.
func TestLeaseRunsOut(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 2)
	deadline := w.get(alice, "home").Deadline
	w.GoTo(deadline - 1)
	w.state(alice, "home", sh.TerritoryActive)
	w.NextBlocks(1)
	w.state(alice, "home", sh.TerritoryFrozen)
	w.GoTo(deadline + frozen - 1)
	w.state(alice, "home", sh.TerritoryFrozen)
	equal(t, "purchased space", sh.PurchasedSpace.Get(w.Ctx()), gib(2))
	w.NextBlocks(1)
	w.state(alice, "home", sh.TerritoryExpired)
	equal(t, "purchased space", sh.PurchasedSpace.Get(w.Ctx()), scale.U128{})
	want := sh.LeaseExpiredEvent{Account: alice, Size: gib(2)}
	if got := palletstest.EventsOf[sh.LeaseExpiredEvent](w.Chain); len(got) != 1 || got[0] != want {
		t.Errorf("events are %+v", got)
	}
	wants(t, w.Run(alice, sh.RenewalTerritory{TerritoryName: name("home"), Days: 1}), sh.ErrState)
	wants(t, w.Run(alice, sh.ExpandingTerritory{TerritoryName: name("home"), GiBCount: 1}), sh.ErrNotActive)
}

func TestRenewal(t *testing.T) {
	for _, c := range []struct {
		name         string
		at, deadline int // both from the first deadline
	}{
		{"before the deadline", -5, 2 * day},
		{"in the block of the deadline", 0, 2 * day},
		{"frozen", 3, 3 + 2*day},
		{"the last frozen block", frozen - 1, frozen - 1 + 2*day},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.mint(alice, "home", 1)
			start, first := w.get(alice, "home").Start, w.get(alice, "home").Deadline
			if c.at > 0 {
				start = first + uint32(c.at) // the term begins anew
			}
			w.GoTo(uint32(int(first) + c.at - 1))
			w.Must(alice, sh.RenewalTerritory{TerritoryName: name("home"), Days: 2})
			equal(t, "deadline", int(w.get(alice, "home").Deadline-first), c.deadline)
			equal(t, "start", w.get(alice, "home").Start, start)
			w.state(alice, "home", sh.TerritoryActive)
			w.GoTo(first + uint32(c.deadline) - 1)
			w.state(alice, "home", sh.TerritoryActive)
			w.NextBlocks(1)
			w.state(alice, "home", sh.TerritoryFrozen)
			w.NextBlocks(frozen)
			w.state(alice, "home", sh.TerritoryExpired)
		})
	}
}

func TestReactivate(t *testing.T) {
	w := newWorld(t)
	w.expire(alice, "home", 2)
	token := w.get(alice, "home").Token
	w.do(func(ctx *runtime.Context) error {
		return sh.Territories.Mutate(ctx, alice, name("home"), sh.ErrUnexpected, func(t *sh.Territory) error {
			t.UsedSpace, t.RemainingSpace = gib(1), gib(1) // left over
			return nil
		})
	})
	before := w.paid()
	call := sh.OtherReactivateTerritory{TargetAccount: alice, TerritoryName: name("home"), Days: 3}
	w.Must(bob, call)
	now := w.Number()
	equal(t, "territory", w.get(alice, "home"), sh.Territory{
		Token: token, TotalSpace: gib(2), RemainingSpace: gib(2),
		Start: now, Deadline: now + 3*day, State: sh.TerritoryActive,
	})
	equal(t, "price", w.paid().SaturatingSub(before), types.Tokens(2*3*30))
	equal(t, "purchased space", sh.PurchasedSpace.Get(w.Ctx()), gib(2))
	wants(t, w.Run(bob, call), sh.ErrNotExpire)
	wants(t, w.Run(bob, sh.ReactivateTerritory{TerritoryName: name("home"), Days: 3}), sh.ErrNotHaveTerritory)
	w.GoTo(now + 3*day)
	w.state(alice, "home", sh.TerritoryFrozen)
}

// Two renewals before the deadline are worth one of both lengths
// (spec/pallets-storage.md §11.17).
func TestRenewalsAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		days := rapid.Uint32Range(1, 400)
		first, second := days.Draw(rt, "first"), days.Draw(rt, "second")
		pause := rapid.Uint32Range(0, month-4).Draw(rt, "pause")
		renewal := func(territory string, days uint32) palletstest.Tx {
			return palletstest.Tx{Signer: alice, Call: sh.RenewalTerritory{TerritoryName: name(territory), Days: days}}
		}
		mint := func(territory string) palletstest.Tx {
			return palletstest.Tx{Signer: alice, Call: sh.MintTerritory{GiBCount: 1, TerritoryName: name(territory), Days: 30}}
		}
		errs := w.Block(mint("twice"), mint("once"), renewal("twice", first))
		w.NextBlocks(pause)
		before := w.paid()
		errs = append(errs, w.Run(alice, renewal("twice", second).Call))
		cost := w.paid().SaturatingSub(before)
		errs = append(errs, w.Run(alice, renewal("once", first+second).Call))
		for _, err := range errs {
			if err != nil {
				rt.Fatal(err)
			}
		}
		twice, once := w.get(alice, "twice"), w.get(alice, "once")
		if twice.Deadline != once.Deadline || cost != types.Tokens(30*uint64(second)) {
			rt.Fatalf("deadlines %d and %d, the second renewal costs %v", twice.Deadline, once.Deadline, cost)
		}
	})
}

// brokenTB turns what would end a test into a panic.
type brokenTB struct{}

func (brokenTB) Helper()                   {}
func (brokenTB) Fatal(args ...any)         { panic(fmt.Sprint(args...)) }
func (brokenTB) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func TestGenesisNeedsADay(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "OneDay is 0") {
			t.Errorf("got %v", got)
		}
	}()
	palletstest.New(brokenTB{}, palletstest.Genesis{Constants: map[string]any{"StorageHandler.OneDay": 0}})
}
