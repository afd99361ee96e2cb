package oss_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

var alice, bob = palletstest.Alice, palletstest.Bob

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func allowed(c *palletstest.Chain, owner, operator substrate.AccountID) bool {
	return oss.API{}.Allowed(c.Ctx(), owner, operator)
}

func TestAuthorizeIsIdempotentAndBounded(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	for i := range 20 {
		c.Must(alice, oss.Authorize{Operator: palletstest.Account(fmt.Sprint(i))})
	}
	wants(t, c.Run(alice, oss.Authorize{Operator: bob}), oss.ErrBoundedVec)
	c.Must(alice, oss.Authorize{Operator: palletstest.Account("7")})
	if got := palletstest.EventsOf[oss.AuthorizeEvent](c); len(got) != 1 {
		t.Errorf("an authorization that is there already emits %d events, want 1", len(got))
	}
	if n := len(oss.Authorities.Get(c.Ctx(), alice)); n != 20 {
		t.Errorf("%d operators, want 20", n)
	}
	if allowed(c, bob, palletstest.Account("7")) {
		t.Error("an operator of Alice acts for Bob")
	}
}

func TestCancelAuthorizeKeepsTheEntry(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	wants(t, c.Run(alice, oss.CancelAuthorize{Oss: bob}), oss.ErrNoAuthorization)
	c.Must(alice, oss.Authorize{Operator: bob})
	c.Must(alice, oss.CancelAuthorize{Oss: bob})
	if allowed(c, alice, bob) {
		t.Error("Bob still acts for Alice")
	}
	if !oss.Authorities.Contains(c.Ctx(), alice) {
		t.Error("the empty list is gone; upstream keeps it")
	}
	c.Must(alice, oss.CancelAuthorize{Oss: bob})
}

func TestRegister(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	wants(t, c.Run(alice, oss.Update{}), oss.ErrNotRegistered)
	wants(t, c.Run(alice, oss.Destroy{}), oss.ErrNotRegistered)
	first, second := types.PeerID{1}, types.PeerID{2}
	c.Must(alice, oss.Register{Endpoint: first, Domain: oss.Domain("a.example")})
	if got := palletstest.EventsOf[oss.OssRegisterEvent](c); len(got) != 1 || got[0].Endpoint != first {
		t.Errorf("events %+v", got)
	}
	wants(t, c.Run(alice, oss.Register{}), oss.ErrRegistered)
	c.Must(alice, oss.Update{Endpoint: second, Domain: oss.Domain("b.example")})
	if got := palletstest.EventsOf[oss.OssUpdateEvent](c); len(got) != 1 || got[0].NewEndpoint != second {
		t.Errorf("events %+v", got)
	}
	g, ok := oss.Gateways.Get(c.Ctx(), alice)
	if !ok || g.PeerID != second || string(g.Domain) != "b.example" {
		t.Errorf("record is %+v, %v", g, ok)
	}
	c.Must(alice, oss.Destroy{})
	if oss.Gateways.Contains(c.Ctx(), alice) {
		t.Error("the record is still there")
	}
}

func TestCallsNeedASigner(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	for _, call := range []runtime.Call{
		oss.Authorize{}, oss.CancelAuthorize{}, oss.Register{}, oss.Update{}, oss.Destroy{},
		oss.ProxyAuthorize{}, oss.EVMProxyAuthorize{},
	} {
		wants(t, c.Root(call), runtime.ErrBadOrigin)
	}
}
