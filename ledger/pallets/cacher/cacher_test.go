package cacher_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/cacher"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"pgregory.net/rapid"
)

var (
	bob     = palletstest.Bob
	charlie = palletstest.Charlie
	dave    = palletstest.Dave
	money   balances.API
)

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func info(price uint64) cacher.Info {
	return cacher.Info{
		Payee: charlie, IP: cacher.IPv4{Address: [4]byte{127, 0, 0, 1}, Port: 80}, BytePrice: scale.U128From64(price),
	}
}

func bill(to substrate.AccountID, tokens uint64) cacher.Bill {
	return cacher.Bill{To: to, Amount: types.Tokens(tokens)}
}

func TestRegister(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	wants(t, c.Run(bob, cacher.Update{Info: info(1)}), cacher.ErrNotRegistered)
	wants(t, c.Run(bob, cacher.Logout{}), cacher.ErrNotRegistered)
	c.Must(bob, cacher.Register{Info: info(1)})
	if e := palletstest.EventsOf[cacher.RegisterEvent](c); len(e) != 1 || e[0] != (cacher.RegisterEvent{Account: bob, Info: info(1)}) {
		t.Errorf("events %+v", e)
	}
	wants(t, c.Run(bob, cacher.Register{Info: info(2)}), cacher.ErrAlreadyRegistered)
	c.Must(bob, cacher.Update{Info: info(3)})
	if got, _ := cacher.Cachers.Get(c.Ctx(), bob); got != info(3) {
		t.Errorf("the record is %+v", got)
	}
	if e := palletstest.EventsOf[cacher.UpdateEvent](c); len(e) != 1 || e[0].Info != info(3) {
		t.Errorf("events %+v", e)
	}
	c.Must(bob, cacher.Logout{})
	if e := palletstest.EventsOf[cacher.LogoutEvent](c); len(e) != 1 || cacher.Cachers.Contains(c.Ctx(), bob) {
		t.Errorf("events %+v", e)
	}
	c.Must(bob, cacher.Register{Info: info(4)})
	for _, call := range []runtime.Call{cacher.Register{Info: info(1)}, cacher.Update{Info: info(1)}, cacher.Logout{}, cacher.Pay{}} {
		wants(t, c.Root(call), runtime.ErrBadOrigin)
	}
}

func TestPay(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	before := money.Free(c.Ctx(), charlie)
	c.Must(bob, cacher.Pay{Bills: cacher.Bills{bill(charlie, 2), bill(dave, 1), bill(charlie, 3)}})
	if got := money.Free(c.Ctx(), charlie).SaturatingSub(before); got != types.Tokens(5) {
		t.Errorf("Charlie got %v planck", got)
	}
	if e := palletstest.EventsOf[cacher.PayEvent](c); len(e) != 1 || len(e[0].Bills) != 3 || e[0].Account != bob {
		t.Errorf("events %+v", e)
	}
	c.Must(bob, cacher.Pay{})
	if e := palletstest.EventsOf[cacher.PayEvent](c); len(e) != 1 {
		t.Errorf("no bills: events %+v", e)
	}
}

func TestPayIsAllOrNothing(t *testing.T) {
	poor := palletstest.Account("poor")
	c := palletstest.New(t, palletstest.Genesis{Balances: map[substrate.AccountID]types.Balance{poor: types.Tokens(10)}})
	before := money.Free(c.Ctx(), charlie)
	wants(t, c.Run(poor, cacher.Pay{Bills: cacher.Bills{bill(charlie, 5), bill(dave, 5)}}), runtime.ErrFundsUnavailable)
	if got := money.Free(c.Ctx(), charlie); got != before {
		t.Errorf("the first bill of a failed call was paid: %v", got.SaturatingSub(before))
	}
	// The amount is there, but would leave less than an account must have.
	rest := money.Free(c.Ctx(), poor)
	last := cacher.Pay{Bills: cacher.Bills{{To: charlie, Amount: rest.SaturatingSub(types.Tokens(1).Div64(2))}}}
	wants(t, c.Run(poor, last), runtime.ErrNotExpendable)
}

func TestElevenBillsDoNotDecode(t *testing.T) {
	ten := runtime.RuntimeCall{Call: cacher.Pay{Bills: make(cacher.Bills, 10)}}
	raw, err := scale.Marshal(ten)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scale.Unmarshal[runtime.RuntimeCall](raw); err != nil {
		t.Fatalf("ten bills: %v", err)
	}
	one := (len(raw) - 3) / 10
	raw[2] = 11 << 2
	if _, err := scale.Unmarshal[runtime.RuntimeCall](append(raw, bytes.Repeat([]byte{0}, one)...)); err == nil {
		t.Fatal("eleven bills decode")
	}
}

// Paying bills moves money and makes none.
func TestPayKeepsTheMoney(t *testing.T) {
	to := []substrate.AccountID{bob, charlie, palletstest.Account("new")}
	rapid.Check(t, func(t *rapid.T) {
		c := palletstest.New(t, palletstest.Genesis{})
		var bills cacher.Bills
		for range rapid.IntRange(0, 10).Draw(t, "bills") {
			bills = append(bills, cacher.Bill{
				To:     rapid.SampledFrom(to).Draw(t, "to"),
				Amount: types.Tokens(rapid.Uint64Range(0, 600_000_000).Draw(t, "tokens")).Div64(rapid.SampledFrom([]uint64{1, 1_000_000_000}).Draw(t, "part")),
			})
		}
		_ = c.Run(bob, cacher.Pay{Bills: bills})
		c.CheckMoney(t, nil)
	})
}
