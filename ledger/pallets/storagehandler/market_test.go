package storagehandler_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	sh "github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// use stores bytes in a territory.
func (w world) use(owner substrate.AccountID, territory string, bytes uint64) {
	w.t.Helper()
	w.do(func(ctx *runtime.Context) error {
		return sh.API{}.AddUsed(ctx, owner, name(territory), scale.U128From64(bytes))
	})
}

func TestConsignment(t *testing.T) {
	w := newWorld(t)
	offer := sh.TerritoryConsignment{TerritoryName: name("home"), Price: types.Tokens(5)}
	withdraw := sh.CancelConsignment{TerritoryName: name("home")}
	wants(t, w.Run(alice, offer), sh.ErrNotHaveTerritory)
	w.mint(alice, "home", 1)
	wants(t, w.Run(alice, withdraw), sh.ErrNotOnConsignment)
	token := w.get(alice, "home").Token

	w.Must(alice, offer)
	want := sh.ConsignmentEvent{Name: name("home"), Token: token, Price: types.Tokens(5)}
	if got := palletstest.EventsOf[sh.ConsignmentEvent](w.Chain); len(got) != 1 || got[0].Token != want.Token || got[0].Price != want.Price {
		t.Errorf("events are %+v", got)
	}
	w.state(alice, "home", sh.TerritoryOnConsignment)
	got, _ := sh.Consignments.Get(w.Ctx(), token)
	equal(t, "offer", got, sh.Consignment{User: alice, Price: types.Tokens(5)})

	// Nothing else can be done with a territory on sale.
	wants(t, w.Run(alice, offer), sh.ErrNotActive)
	wants(t, w.Run(alice, sh.RenewalTerritory{TerritoryName: name("home"), Days: 1}), sh.ErrState)
	wants(t, w.Run(alice, sh.ExpandingTerritory{TerritoryName: name("home"), GiBCount: 1}), sh.ErrNotActive)
	wants(t, w.Run(alice, sh.TerritoryRename{OldName: name("home"), NewName: name("x")}), sh.ErrNotActive)
	wants(t, w.Run(bob, withdraw), sh.ErrNotHaveTerritory)

	w.Must(alice, withdraw)
	w.state(alice, "home", sh.TerritoryActive)
	if sh.Consignments.Contains(w.Ctx(), token) {
		t.Error("the offer is left")
	}
}

func TestConsignmentNeedsAnEmptyTerritoryAndALongLease(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	deadline := w.get(alice, "home").Deadline
	offer := sh.TerritoryConsignment{TerritoryName: name("home")}
	w.use(alice, "home", 1)
	wants(t, w.Run(alice, offer), sh.ErrObjectNotZero)
	w.do(func(ctx *runtime.Context) error {
		return sh.API{}.SubUsed(ctx, alice, name("home"), scale.U128From64(1))
	})
	w.GoTo(deadline - day - 3)
	w.Must(alice, offer)
	w.Must(alice, sh.CancelConsignment{TerritoryName: name("home")})
	wants(t, w.Run(alice, offer), sh.ErrInsufficientLease)
	equal(t, "blocks left", deadline-w.Number(), day)
}

// Upstream forgets the buyer: the price stays reserved for ever.
func TestB11FreezingASoldTerritoryRefundsTheBuyer(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	terr := w.get(alice, "home")
	price := types.Tokens(77)
	w.Must(alice, sh.TerritoryConsignment{TerritoryName: name("home"), Price: price})
	w.do(func(ctx *runtime.Context) error {
		sh.Consignments.Put(ctx, terr.Token, sh.Consignment{
			User: alice, Price: price, Locked: true,
			Buyer: scale.Some(bob), ExecBlock: scale.Some(terr.Deadline + 1),
		})
		return balances.API{}.Reserve(ctx, bob, price)
	})
	wants(t, w.Run(alice, sh.CancelConsignment{TerritoryName: name("home")}), sh.ErrConsignmentLocked)
	free := balances.API{}.Free(w.Ctx(), bob)
	w.GoTo(terr.Deadline)
	w.state(alice, "home", sh.TerritoryFrozen)
	equal(t, "the buyer's reserve", balances.API{}.Reserved(w.Ctx(), bob), types.Balance{})
	equal(t, "the buyer's refund", balances.API{}.Free(w.Ctx(), bob).SaturatingSub(free), price)
	if got := palletstest.EventsOf[sh.CancelPurchaseActionEvent](w.Chain); len(got) != 1 || got[0].Token != terr.Token {
		t.Errorf("events are %+v", got)
	}
	if sh.Consignments.Contains(w.Ctx(), terr.Token) {
		t.Error("the offer is left")
	}
}

func TestGrant(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	before := w.get(alice, "home")
	w.Must(alice, sh.TerritoryGrants{TerritoryName: name("home"), Receiver: bob})
	if sh.Territories.Contains(w.Ctx(), alice, name("home")) {
		t.Error("the giver still has the territory")
	}
	equal(t, "territory", w.get(bob, string(before.Token[:])), before)
	ref, _ := sh.TerritoryKeys.Get(w.Ctx(), before.Token)
	equal(t, "owner by token", ref.Owner, bob)
	w.GoTo(before.Deadline)
	w.state(bob, string(before.Token[:]), sh.TerritoryFrozen)

	w.mint(alice, "full", 1)
	w.use(alice, "full", 1)
	wants(t, w.Run(alice, sh.TerritoryGrants{TerritoryName: name("full"), Receiver: bob}), sh.ErrObjectNotZero)
}

// Tokens are public, so that the receiver can have a territory of that name,
// or the giver can give to itself twice. Upstream overwrites it.
func TestB13GrantsOverwriteNothing(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "gift", 1)
	token := w.get(alice, "gift").Token
	w.mint(bob, string(token[:]), 2)
	wants(t, w.Run(alice, sh.TerritoryGrants{TerritoryName: name("gift"), Receiver: bob}), sh.ErrDuplicateName)
	equal(t, "Bob's territory", w.get(bob, string(token[:])).TotalSpace, gib(2))
	w.Must(alice, sh.TerritoryGrants{TerritoryName: name("gift"), Receiver: alice})
	w.get(alice, string(token[:]))
	wants(t, w.Run(alice, sh.TerritoryGrants{TerritoryName: name(string(token[:])), Receiver: alice}), sh.ErrDuplicateName)
}

func TestRename(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "old", 1)
	w.mint(alice, "other", 1)
	before := w.get(alice, "old")
	rename := func(from, to string) error {
		return w.Run(alice, sh.TerritoryRename{OldName: name(from), NewName: name(to)})
	}
	wants(t, rename("none", "new"), sh.ErrNotHaveTerritory)
	wants(t, rename("old", "other"), sh.ErrDuplicateName)
	wants(t, rename("old", "old"), sh.ErrDuplicateName)
	wants(t, rename("old", "new"), nil)
	equal(t, "territory", w.get(alice, "new"), before)
	w.GoTo(before.Deadline + 1)
	wants(t, rename("new", "other"), sh.ErrDuplicateName) // before the state
	wants(t, rename("new", "newer"), sh.ErrNotActive)
}
