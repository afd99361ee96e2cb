package storagehandler_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	sh "github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// The tests of this file are named after the upstream defects of
// spec/pallets-storage.md §12 that they keep away.

func TestB6ReactivationWaitsForFilesAndDeals(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	w.do(func(ctx *runtime.Context) error {
		return sh.API{}.LockSpace(ctx, alice, name("home"), gib(1))
	})
	w.GoTo(w.get(alice, "home").Deadline + frozen)
	call := sh.ReactivateTerritory{TerritoryName: name("home"), Days: 1}
	wants(t, w.Run(alice, call), sh.ErrState)
	w.do(func(ctx *runtime.Context) error {
		return sh.API{}.UnlockSpace(ctx, alice, name("home"), gib(1))
	})
	err := w.Do(func(ctx *runtime.Context) error {
		filebank.ClearUserList.Put(ctx, scale.BoundedVec[filebank.ExpiredTerritory, filebank.ClearUserBound]{
			{Owner: alice, Name: name("home")},
		})
		return ctx.Dispatch(call, runtime.SignedOrigin(alice))
	})
	wants(t, err, sh.ErrState)
	w.Must(alice, call)
}

func TestB7ReactivationCostsAsMuchAsANewLease(t *testing.T) {
	w := newWorld(t)
	w.expire(alice, "home", 4)
	wants(t, w.Run(alice, sh.ReactivateTerritory{TerritoryName: name("home")}), sh.ErrBoundariesNotMet)
	before := w.paid()
	w.Must(alice, sh.ReactivateTerritory{TerritoryName: name("home"), Days: 1})
	equal(t, "price", w.paid().SaturatingSub(before), types.Tokens(4*1*30))
}

func TestB8RenewalTakesADay(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	deadline := w.get(alice, "home").Deadline
	w.GoTo(deadline + 1)
	wants(t, w.Run(alice, sh.RenewalTerritory{TerritoryName: name("home")}), sh.ErrBoundariesNotMet)
	w.GoTo(deadline + frozen)
	w.state(alice, "home", sh.TerritoryExpired)
}

func TestB26EqualSubjectsInOneBlockDiffer(t *testing.T) {
	w := newWorld(t)
	order := func(target substrate.AccountID) palletstest.Tx {
		return palletstest.Tx{Signer: charlie, Call: sh.CreateOrder{
			TargetAccount: target, TerritoryName: name("home"), OrderType: sh.OrderBuy,
			GiBCount: 1, Days: 30, Expired: 9,
		}}
	}
	for _, err := range w.Block(order(alice), order(bob)) {
		wants(t, err, nil)
	}
	created := palletstest.EventsOf[sh.CreatePayOrderEvent](w.Chain)
	if len(created) != 2 {
		t.Fatalf("%d orders", len(created))
	}
	var pays []palletstest.Tx
	for _, e := range created {
		pays = append(pays, palletstest.Tx{Signer: charlie, Call: sh.ExecOrder{OrderID: e.OrderHash}})
	}
	for _, err := range w.Block(pays...) {
		wants(t, err, nil)
	}
	if w.get(alice, "home").Token == w.get(bob, "home").Token {
		t.Error("two territories have one token")
	}
}

// A stale agenda entry must neither reduce PurchasedSpace nor have files
// removed, and what was handled leaves the agendas.
func TestB27StaleAgendaEntriesDoNothing(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	terr := w.get(alice, "home")
	w.do(func(ctx *runtime.Context) error {
		sh.ExpiryAgenda.Put(ctx, w.Number()+2, terr.Token, true)
		sh.FreezeAgenda.Put(ctx, w.Number()+2, terr.Token, true)
		sh.FreezeAgenda.Put(ctx, w.Number()+2, sh.TokenID{1}, true)
		return nil
	})
	w.NextBlocks(1)
	equal(t, "territory", w.get(alice, "home"), terr)
	equal(t, "purchased space", sh.PurchasedSpace.Get(w.Ctx()), gib(1))
	if len(palletstest.EventsOf[sh.LeaseExpiredEvent](w.Chain)) != 0 {
		t.Error("the lease counts as expired")
	}

	// A total that is too small does not keep the lease from expiring.
	w.do(func(ctx *runtime.Context) error {
		sh.PurchasedSpace.Put(ctx, scale.U128From64(5))
		return nil
	})
	w.GoTo(terr.Deadline + frozen)
	w.state(alice, "home", sh.TerritoryExpired)
	equal(t, "purchased space", sh.PurchasedSpace.Get(w.Ctx()), scale.U128{})
	for _, item := range []runtime.StorageItem{sh.FreezeAgenda, sh.FreezeAgendaCount, sh.ExpiryAgenda} {
		if keys := w.under(item); len(keys) != 0 {
			t.Errorf("%s has %d entries left", item.Name(), len(keys))
		}
	}
}

func TestB28NothingIsNoTerritory(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	for _, call := range []runtime.Call{
		sh.MintTerritory{TerritoryName: name("x"), Days: 30},
		sh.MintTerritory{GiBCount: 1, Days: 30},
		sh.ExpandingTerritory{TerritoryName: name("home")},
		sh.TerritoryRename{OldName: name("home")},
		sh.CreateOrder{TargetAccount: bob, TerritoryName: name("x"), Days: 30, Expired: 1},
		sh.CreateOrder{TargetAccount: bob, GiBCount: 1, Days: 30, Expired: 1},
		sh.CreateOrder{TargetAccount: alice, TerritoryName: name("home"), OrderType: sh.OrderExpansion, Expired: 1},
	} {
		if err := w.Run(alice, call); err != sh.ErrParam {
			t.Errorf("%+v: got %v, want ParamError", call, err)
		}
	}
}

func TestB30MovingADeadlineMovesTheAgendas(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	w.mint(bob, "home", 1)
	move := func(to types.BlockNumber) error {
		return w.Root(sh.UpdateUserTerritoryLife{User: alice, TerritoryName: name("home"), Deadline: to})
	}
	wants(t, move(w.Number()+1), sh.ErrParam)
	wants(t, move(1<<32-1), sh.ErrOverflow)
	wants(t, w.Root(sh.UpdateUserTerritoryLife{User: charlie, TerritoryName: name("home"), Deadline: 999}), sh.ErrNotPurchasedSpace)

	first := w.get(alice, "home").Deadline
	soon := w.Number() + 20
	wants(t, move(soon), nil)
	equal(t, "entries at the old deadline", sh.FreezeAgendaCount.Get(w.Ctx(), first), 0)
	equal(t, "entries at the new deadline", sh.FreezeAgendaCount.Get(w.Ctx(), soon), 1)
	w.Must(alice, sh.RenewalTerritory{TerritoryName: name("home"), Days: 1})
	wants(t, move(soon), nil)
	w.GoTo(soon)
	w.state(alice, "home", sh.TerritoryFrozen)
	wants(t, move(soon+5), nil)
	w.GoTo(soon + 5 + frozen - 1)
	w.state(alice, "home", sh.TerritoryFrozen)
	w.NextBlocks(1)
	w.state(alice, "home", sh.TerritoryExpired)
	wants(t, move(w.Number()+9), sh.ErrState)
	w.state(bob, "home", sh.TerritoryActive)
}

// Upstream cuts the size to 32 bits of GiB, which makes it cheap.
func TestB35LargeTerritoriesHaveTheirPrice(t *testing.T) {
	w := newWorld(t)
	w.root(sh.DefineUpdatePrice{Price: scale.U128From64(1_000_000_000)})
	w.do(func(ctx *runtime.Context) error {
		return sh.API{}.AddIdleSpace(ctx, scale.U128FromParts(1, 0))
	})
	const most = 1<<32 - 1
	w.mint(alice, "home", most)
	w.Must(alice, sh.ExpandingTerritory{TerritoryName: name("home"), GiBCount: most})
	before := w.paid()
	w.Must(alice, sh.RenewalTerritory{TerritoryName: name("home"), Days: 2})
	equal(t, "price", w.paid().SaturatingSub(before), scale.U128From64(2*most*2).SaturatingMul(scale.U128From64(1_000_000_000)))
}
