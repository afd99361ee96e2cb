package storagehandler_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	sh "github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// order makes an order for Alice's territory "home" and returns its id.
func (w world) order(kind sh.OrderType, gib, days uint32) sh.OrderID {
	w.t.Helper()
	w.Must(charlie, sh.CreateOrder{
		TargetAccount: alice, TerritoryName: name("home"), OrderType: kind, GiBCount: gib, Days: days, Expired: 99,
	})
	created := palletstest.EventsOf[sh.CreatePayOrderEvent](w.Chain)
	if len(created) != 1 {
		w.t.Fatalf("%d orders", len(created))
	}
	return created[0].OrderHash
}

func TestOrders(t *testing.T) {
	w := newWorld(t)
	buy := w.order(sh.OrderBuy, 2, 30)
	equal(t, "payment before anybody pays", w.paid(), types.Balance{})
	w.Must(bob, sh.ExecOrder{OrderID: buy})
	equal(t, "payment", w.paid(), types.Tokens(2*900))
	equal(t, "total", w.get(alice, "home").TotalSpace, gib(2))
	if len(palletstest.EventsOf[sh.PaidOrderEvent](w.Chain)) != 1 || len(palletstest.EventsOf[sh.MintTerritoryEvent](w.Chain)) != 0 {
		t.Error("an order emits PaidOrder and nothing else")
	}

	expansion := w.order(sh.OrderExpansion, 3, 0)
	before := w.paid()
	w.Must(bob, sh.ExecOrder{OrderID: expansion})
	equal(t, "payment", w.paid().SaturatingSub(before), types.Tokens(3*900))
	equal(t, "total", w.get(alice, "home").TotalSpace, gib(5))

	renewal := w.order(sh.OrderRenewal, 0, 7)
	before = w.paid()
	deadline := w.get(alice, "home").Deadline
	w.Must(bob, sh.ExecOrder{OrderID: renewal})
	equal(t, "payment", w.paid().SaturatingSub(before), types.Tokens(5*7*30))
	equal(t, "deadline", w.get(alice, "home").Deadline, deadline+7*day)
}

func TestOrderRefuses(t *testing.T) {
	w := newWorld(t)
	create := func(kind sh.OrderType, gib, days, expired uint32) error {
		return w.Run(charlie, sh.CreateOrder{
			TargetAccount: alice, TerritoryName: name("home"), OrderType: kind, GiBCount: gib, Days: days, Expired: expired,
		})
	}
	wants(t, create(sh.OrderBuy, 1, 30, 100), sh.ErrParam)
	wants(t, create(sh.OrderBuy, 1, 30, 1<<32-1), sh.ErrOverflow)
	wants(t, create(sh.OrderExpansion, 1, 0, 1), sh.ErrNotHaveTerritory)
	wants(t, create(sh.OrderRenewal, 0, 1, 1), sh.ErrNotHaveTerritory)
	wants(t, w.Run(bob, sh.ExecOrder{OrderID: sh.OrderID("nothing")}), sh.ErrNoOrder)

	wants(t, create(sh.OrderBuy, 1, 30, 0), nil)
	never := palletstest.EventsOf[sh.CreatePayOrderEvent](w.Chain)[0].OrderHash
	wants(t, w.Run(bob, sh.ExecOrder{OrderID: never}), sh.ErrOrderExpired)

	id := w.order(sh.OrderBuy, 1, 30)
	w.mint(alice, "home", 1)
	wants(t, w.Run(bob, sh.ExecOrder{OrderID: id}), sh.ErrPurchasedSpace)
	wants(t, create(sh.OrderBuy, 1, 30, 1), sh.ErrPurchasedSpace)

	renewal := w.order(sh.OrderRenewal, 0, 7)
	w.root(sh.DefineUpdatePrice{Price: types.Tokens(31)})
	wants(t, w.Run(bob, sh.ExecOrder{OrderID: renewal}), sh.ErrInvalidOrder)
	w.root(sh.UpdatePrice{})
	w.Must(bob, sh.ExecOrder{OrderID: renewal})

	poor := palletstest.Account("poor")
	c := worldOf(palletstest.New(t, palletstest.Genesis{
		Balances: map[substrate.AccountID]types.Balance{poor: types.Tokens(800)},
	}), t)
	c.addIdle(types.TiB)
	wants(t, c.Run(poor, sh.ExecOrder{OrderID: c.order(sh.OrderBuy, 1, 30)}), sh.ErrInsufficientBalance)
}

func TestOrderExpires(t *testing.T) {
	w := newWorld(t)
	id := w.order(sh.OrderBuy, 1, 30)
	o, _ := sh.PayOrders.Get(w.Ctx(), id)
	equal(t, "life", o.Expires-w.Number(), 99*6)
	w.GoTo(o.Expires - 1)
	wants(t, w.Run(bob, sh.ExecOrder{OrderID: id}), sh.ErrOrderExpired)
	w.GoTo(o.Expires + day - 1)
	if !sh.PayOrders.Contains(w.Ctx(), id) {
		t.Error("the order is gone before a day has passed")
	}
	w.NextBlocks(1)
	if sh.PayOrders.Contains(w.Ctx(), id) {
		t.Error("the order is left")
	}
}

func TestB9OrdersHaveThePreconditionsOfTheDirectCalls(t *testing.T) {
	w := newWorld(t)
	create := func(kind sh.OrderType, gib, days uint32) error {
		return w.Run(charlie, sh.CreateOrder{
			TargetAccount: alice, TerritoryName: name("home"), OrderType: kind, GiBCount: gib, Days: days, Expired: 99,
		})
	}
	wants(t, create(sh.OrderBuy, 1, 29), sh.ErrBoundariesNotMet)
	w.mint(alice, "home", 1)
	wants(t, create(sh.OrderRenewal, 0, 0), sh.ErrBoundariesNotMet)

	w.GoTo(w.get(alice, "home").Deadline - 3)
	expansion, renewal := w.order(sh.OrderExpansion, 1, 0), w.order(sh.OrderRenewal, 0, 1)
	// In the block of the deadline nothing is left to pay for.
	wants(t, w.Run(bob, sh.ExecOrder{OrderID: expansion}), sh.ErrNotActive)
	wants(t, create(sh.OrderExpansion, 1, 0), sh.ErrNotActive)
	w.GoTo(w.get(alice, "home").Deadline + frozen)
	wants(t, w.Run(bob, sh.ExecOrder{OrderID: renewal}), sh.ErrState)
	wants(t, create(sh.OrderRenewal, 0, 1), sh.ErrState)
	w.state(alice, "home", sh.TerritoryExpired)
}

func TestB9RenewalLeavesConsignmentsAlone(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	renewal := w.order(sh.OrderRenewal, 0, 1)
	w.Must(alice, sh.TerritoryConsignment{TerritoryName: name("home"), Price: types.Tokens(1)})
	wants(t, w.Run(bob, sh.ExecOrder{OrderID: renewal}), sh.ErrState)
	w.state(alice, "home", sh.TerritoryOnConsignment)
}

func TestB9OrdersArePaidOnce(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	id := w.order(sh.OrderRenewal, 0, 1)
	w.Must(bob, sh.ExecOrder{OrderID: id})
	wants(t, w.Run(bob, sh.ExecOrder{OrderID: id}), sh.ErrNoOrder)
}

// Removal is bounded per block; what is left is removed in the next ones.
func TestB9OldOrdersAreRemoved(t *testing.T) {
	w := newWorld(t)
	txs := make([]palletstest.Tx, 230)
	for i := range txs {
		txs[i] = palletstest.Tx{Signer: charlie, Call: sh.CreateOrder{
			TargetAccount: alice, TerritoryName: name("home"), GiBCount: 1, Days: 30, Expired: 1,
		}}
	}
	for _, err := range w.Block(txs...) {
		wants(t, err, nil)
	}
	w.NextBlocks(6 + day - 1)
	for _, left := range []int{230, 130, 30, 0, 0} {
		equal(t, "number of orders", len(w.under(sh.PayOrders)), left)
		w.NextBlocks(1)
	}
}
