package storagehandler_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/scheduler"
	sh "github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// locking is StorageHandler.LockingBlock: blocks from purchase to hand-over.
const locking = 50

// offer mints a territory of one GiB and puts it up for sale.
func (w world) offer(owner substrate.AccountID, territory string, price types.Balance) sh.Territory {
	w.t.Helper()
	w.mint(owner, territory, 1)
	w.Must(owner, sh.TerritoryConsignment{TerritoryName: name(territory), Price: price})
	return w.get(owner, territory)
}

func (w world) free(who substrate.AccountID) types.Balance { return balances.API{}.Free(w.Ctx(), who) }

func (w world) reserved(who substrate.AccountID) types.Balance {
	return balances.API{}.Reserved(w.Ctx(), who)
}

func (w world) scheduled(token sh.TokenID) bool { return scheduler.Lookup.Contains(w.Ctx(), token) }

// unsold holds that a territory is for sale and nobody's money is tied up.
func (w world) unsold(t *testing.T, token sh.TokenID, seller, buyer substrate.AccountID, price types.Balance) {
	t.Helper()
	got, _ := sh.Consignments.Get(w.Ctx(), token)
	equal(t, "offer", got, sh.Consignment{User: seller, Price: price})
	equal(t, "the buyer's reserve", w.reserved(buyer), types.Balance{})
	equal(t, "hand-over on the schedule", w.scheduled(token), false)
}

func TestPurchase(t *testing.T) {
	w := newWorld(t)
	price := types.Tokens(500)
	terr := w.offer(alice, "home", price)
	buy := sh.BuyConsignment{Token: terr.Token, Rename: name("mine")}

	wants(t, w.Run(alice, buy), sh.ErrOwnConsignment)
	wants(t, w.Run(bob, sh.BuyConsignment{Token: sh.TokenID{1}, Rename: name("mine")}), sh.ErrNonExistentConsignment)
	wants(t, w.Run(bob, sh.BuyConsignment{Token: terr.Token}), sh.ErrParam)
	wants(t, w.Run(charlie, sh.CancelPurchaseAction{Token: terr.Token}), sh.ErrNotBuyer)
	wants(t, w.Root(sh.ExecConsignment{Token: terr.Token, TerritoryName: name("mine")}), sh.ErrUnexpected)
	wants(t, w.Run(bob, sh.ExecConsignment{Token: terr.Token, TerritoryName: name("mine")}), runtime.ErrBadOrigin)

	w.Must(bob, buy)
	at := w.Number() + locking
	equal(t, "events", len(palletstest.EventsOf[sh.BuyConsignmentEvent](w.Chain)), 1)
	equal(t, "events of the scheduler", len(palletstest.EventsOf[scheduler.ScheduledEvent](w.Chain)), 1)
	got, _ := sh.Consignments.Get(w.Ctx(), terr.Token)
	equal(t, "offer", got, sh.Consignment{
		User: alice, Price: price, Buyer: scale.Some(bob), ExecBlock: scale.Some(at), Locked: true,
	})
	equal(t, "the buyer's reserve", w.reserved(bob), price)
	wants(t, w.Run(charlie, buy), sh.ErrConsignmentLocked)
	wants(t, w.Run(alice, sh.CancelConsignment{TerritoryName: name("home")}), sh.ErrConsignmentLocked)
	wants(t, w.Run(alice, sh.CancelPurchaseAction{Token: terr.Token}), sh.ErrNotBuyer)

	w.GoTo(at - 1)
	sellers, buyers := w.free(alice), w.free(bob)
	w.state(alice, "home", sh.TerritoryOnConsignment)
	w.NextBlocks(1)
	if got := palletstest.EventsOf[sh.ExecConsignmentEvent](w.Chain); len(got) != 1 || got[0] != (sh.ExecConsignmentEvent{Buyer: bob, Seller: alice, Token: terr.Token}) {
		t.Errorf("events are %+v", got)
	}
	want := terr
	want.State = sh.TerritoryActive
	equal(t, "territory", w.get(bob, "mine"), want)
	if sh.Territories.Contains(w.Ctx(), alice, name("home")) || sh.Consignments.Contains(w.Ctx(), terr.Token) {
		t.Error("the seller still has, or offers, the territory")
	}
	ref, _ := sh.TerritoryKeys.Get(w.Ctx(), terr.Token)
	equal(t, "owner by token", ref.Owner, bob)
	equal(t, "the seller's income", w.free(alice).SaturatingSub(sellers), price)
	equal(t, "the buyer's balance", w.free(bob), buyers)
	equal(t, "the buyer's reserve", w.reserved(bob), types.Balance{})
	w.GoTo(terr.Deadline)
	w.state(bob, "mine", sh.TerritoryFrozen)
}

func TestCancelPurchase(t *testing.T) {
	w := newWorld(t)
	price := types.Tokens(500)
	terr := w.offer(alice, "home", price)
	buy := sh.BuyConsignment{Token: terr.Token, Rename: name("mine")}
	cancel := sh.CancelPurchaseAction{Token: terr.Token}
	wants(t, w.Run(bob, sh.CancelPurchaseAction{Token: sh.TokenID{1}}), sh.ErrNonExistentConsignment)
	for range 2 {
		w.Must(bob, buy)
		w.Must(bob, cancel)
		if got := palletstest.EventsOf[sh.CancelPurchaseActionEvent](w.Chain); len(got) != 1 || got[0].Token != terr.Token {
			t.Errorf("events are %+v", got)
		}
		w.unsold(t, terr.Token, alice, bob, price)
	}
	w.NextBlocks(2 * locking)
	w.state(alice, "home", sh.TerritoryOnConsignment)
	w.Must(charlie, buy)
	w.NextBlocks(locking)
	w.state(charlie, "mine", sh.TerritoryActive)
}

func TestPurchaseNeedsThePrice(t *testing.T) {
	w := newWorld(t)
	terr := w.offer(alice, "home", types.Tokens(10_000_000_000))
	wants(t, w.Run(bob, sh.BuyConsignment{Token: terr.Token, Rename: name("mine")}), balances.ErrInsufficientBalance)
	equal(t, "hand-over on the schedule", w.scheduled(terr.Token), false)
}

// Upstream wants the price a second time in the free balance. A buyer who has
// it once is stuck: the sale neither happens nor can be called off.
func TestB10BuyerNeedsThePriceOnce(t *testing.T) {
	w := newWorld(t)
	price := types.Tokens(900_000_000) // of 1,000,000,000
	terr := w.offer(alice, "home", price)
	w.Must(bob, sh.BuyConsignment{Token: terr.Token, Rename: name("mine")})
	w.NextBlocks(locking)
	w.state(bob, "mine", sh.TerritoryActive)
	equal(t, "the buyer's reserve", w.reserved(bob), types.Balance{})
}

// When the price cannot be paid after all, nothing stays locked.
func TestB10FailedPaymentFreesAll(t *testing.T) {
	w := newWorld(t)
	price := types.Tokens(500)
	terr := w.offer(alice, "home", price)
	w.Must(bob, sh.BuyConsignment{Token: terr.Token, Rename: name("mine")})
	w.do(func(ctx *runtime.Context) error { // somebody slashes the reserve and takes the rest
		currency := balances.API{}
		currency.Unreserve(ctx, bob, price)
		left := currency.Free(ctx, bob).SaturatingSub(types.Tokens(3))
		if err := currency.Transfer(ctx, bob, charlie, left, balances.KeepAlive); err != nil {
			return err
		}
		return currency.Reserve(ctx, bob, types.Tokens(1))
	})
	w.NextBlocks(locking - 1)
	if got := palletstest.EventsOf[sh.CancelPurchaseActionEvent](w.Chain); len(got) != 1 || got[0].Token != terr.Token {
		t.Errorf("events are %+v", got)
	}
	w.unsold(t, terr.Token, alice, bob, price)
	w.state(alice, "home", sh.TerritoryOnConsignment)
	w.Must(alice, sh.CancelConsignment{TerritoryName: name("home")})
}

// Upstream leaves the task on the schedule when the lease freezes: it fails
// later, or hits the next purchase.
func TestB11FreezeCancelsTheHandOver(t *testing.T) {
	w := newWorld(t)
	price := types.Tokens(500)
	w.mint(alice, "home", 1)
	terr := w.get(alice, "home")
	w.GoTo(terr.Deadline - day - 3)
	w.Must(alice, sh.TerritoryConsignment{TerritoryName: name("home"), Price: price})
	w.Must(bob, sh.BuyConsignment{Token: terr.Token, Rename: name("mine")})
	w.GoTo(terr.Deadline)
	w.state(alice, "home", sh.TerritoryFrozen)
	equal(t, "the buyer's reserve", w.reserved(bob), types.Balance{})
	equal(t, "hand-over on the schedule", w.scheduled(terr.Token), false)
	w.NextBlocks(locking)
	w.state(alice, "home", sh.TerritoryFrozen)
}

// A purchase whose hand-over is due in the block of the freeze goes through;
// then the territory freezes under its buyer.
func TestHandOverInTheBlockOfTheFreeze(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	terr := w.get(alice, "home")
	w.GoTo(terr.Deadline - locking - 2)
	w.Must(alice, sh.TerritoryConsignment{TerritoryName: name("home"), Price: types.Tokens(5)})
	w.Must(bob, sh.BuyConsignment{Token: terr.Token, Rename: name("mine")})
	w.GoTo(terr.Deadline)
	equal(t, "sales", len(palletstest.EventsOf[sh.ExecConsignmentEvent](w.Chain)), 1)
	w.state(bob, "mine", sh.TerritoryFrozen)
}

// Upstream fails when the task is gone, and the buyer's money stays.
func TestB12CancelWithoutTask(t *testing.T) {
	w := newWorld(t)
	price := types.Tokens(500)
	terr := w.offer(alice, "home", price)
	w.Must(bob, sh.BuyConsignment{Token: terr.Token, Rename: name("mine")})
	w.do(func(ctx *runtime.Context) error { return scheduler.API{}.CancelNamed(ctx, terr.Token) })
	w.Must(bob, sh.CancelPurchaseAction{Token: terr.Token})
	w.unsold(t, terr.Token, alice, bob, price)
}

// Upstream overwrites the buyer's territory of that name.
func TestB13PurchaseOverwritesNothing(t *testing.T) {
	w := newWorld(t)
	price := types.Tokens(500)
	terr := w.offer(alice, "home", price)
	w.mint(bob, "mine", 2)
	wants(t, w.Run(bob, sh.BuyConsignment{Token: terr.Token, Rename: name("mine")}), sh.ErrDuplicateName)

	// The name is taken between purchase and hand-over: the token bytes are
	// the name.
	w.Must(bob, sh.BuyConsignment{Token: terr.Token, Rename: name("new")})
	w.mint(bob, "new", 3)
	w.NextBlocks(locking)
	equal(t, "the other territory", w.get(bob, "new").TotalSpace, gib(3))
	equal(t, "the bought territory", w.get(bob, string(terr.Token[:])).Token, terr.Token)

	// Those are taken as well: the purchase is off.
	terr = w.offer(alice, "home", price)
	w.Must(bob, sh.BuyConsignment{Token: terr.Token, Rename: name("third")})
	w.mint(bob, "third", 4)
	w.mint(bob, string(terr.Token[:]), 5)
	w.NextBlocks(locking)
	w.unsold(t, terr.Token, alice, bob, price)
	equal(t, "the other territory", w.get(bob, "third").TotalSpace, gib(4))
}

// The chain may hand over early; the task goes then.
func TestRootHandsOverEarly(t *testing.T) {
	w := newWorld(t)
	terr := w.offer(alice, "home", types.Tokens(500))
	w.Must(bob, sh.BuyConsignment{Token: terr.Token, Rename: name("mine")})
	w.root(sh.ExecConsignment{Token: terr.Token, TerritoryName: name("mine")})
	w.state(bob, "mine", sh.TerritoryActive)
	equal(t, "hand-over on the schedule", w.scheduled(terr.Token), false)
}
