package proxy_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/proxy"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

var (
	alice   = palletstest.Alice
	bob     = palletstest.Bob
	charlie = palletstest.Charlie
	dave    = palletstest.Dave
	money   balances.API
	at      = substrate.AddressOf
)

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func wrap(call runtime.Call) runtime.RuntimeCall { return runtime.RuntimeCall{Call: call} }

func pay(to substrate.AccountID, tokens uint64) runtime.Call {
	return balances.TransferKeepAlive{Dest: at(to), Value: types.Tokens(tokens)}
}

func addProxy(to substrate.AccountID, t proxy.Type, delay uint32) proxy.AddProxy {
	return proxy.AddProxy{Delegate: at(to), Type: t, Delay: delay}
}

// asBob is a call that a proxy makes for Bob.
func asBob(call runtime.Call) proxy.Proxy {
	return proxy.Proxy{Real: at(bob), Call: wrap(call)}
}

// executed is the outcome of the last block's proxy call.
func executed(t *testing.T, c *palletstest.Chain) error {
	t.Helper()
	e := palletstest.EventsOf[proxy.ProxyExecutedEvent](c)
	if len(e) == 0 {
		t.Fatalf("no proxy call ran: %+v", c.Events())
	}
	if failure, failed := e[len(e)-1].Result.Fault(); failed {
		return failure
	}
	return nil
}

// dispatchError is an error as events carry it.
func dispatchError(err error) error { return runtime.DispatchErrorOf(err) }

func hundredths(n uint64) types.Balance { return types.Tokens(n).Div64(100) }

func TestAProxyActsForTheAccount(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	wants(t, c.Run(charlie, asBob(pay(dave, 5))), proxy.ErrNotProxy)
	c.Must(bob, addProxy(charlie, proxy.Any, 0))
	if e := palletstest.EventsOf[proxy.ProxyAddedEvent](c); len(e) != 1 || e[0] != (proxy.ProxyAddedEvent{Delegator: bob, Delegatee: charlie}) {
		t.Errorf("events %+v", e)
	}
	before := money.Free(c.Ctx(), bob)
	c.Must(charlie, asBob(pay(dave, 5)))
	wants(t, executed(t, c), nil)
	if got := before.SaturatingSub(money.Free(c.Ctx(), bob)); got != types.Tokens(5) {
		t.Errorf("Bob paid %v planck", got)
	}
	// The proxy's call succeeds whatever becomes of the inner one.
	c.Must(charlie, asBob(pay(dave, 5_000_000_000)))
	wants(t, executed(t, c), dispatchError(runtime.ErrFundsUnavailable))
	c.Must(bob, proxy.RemoveProxy{Delegate: at(charlie)})
	wants(t, c.Run(charlie, asBob(pay(dave, 5))), proxy.ErrNotProxy)
	c.CheckMoney(t, nil)
}

func TestDepositsFollowTheNumberOfProxies(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	for i, want := range []uint64{1041, 1074, 1107} {
		c.Must(bob, addProxy(palletstest.Account(fmt.Sprint(i)), proxy.Staking, 0))
		if got := money.Reserved(c.Ctx(), bob); got != hundredths(want) {
			t.Errorf("%d proxies: %v planck are reserved, want %d hundredths of a token", i+1, got, want)
		}
	}
	c.Must(bob, proxy.RemoveProxy{Delegate: at(palletstest.Account("1")), Type: proxy.Staking})
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{bob: hundredths(1074)})
	c.Must(bob, proxy.RemoveProxies{})
	c.CheckMoney(t, nil)
	if proxy.Proxies.Contains(c.Ctx(), bob) {
		t.Error("an empty list is kept")
	}
	c.Must(bob, proxy.RemoveProxies{})
}

func TestErrors(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, addProxy(charlie, proxy.Staking, 0))
	wants(t, c.Run(bob, addProxy(charlie, proxy.Staking, 0)), proxy.ErrDuplicate)
	wants(t, c.Run(bob, addProxy(bob, proxy.Any, 0)), proxy.ErrNoSelfProxy)
	wants(t, c.Run(bob, proxy.RemoveProxy{Delegate: at(charlie), Type: proxy.Any}), proxy.ErrNotFound)
	wants(t, c.Run(bob, proxy.RemoveProxy{Delegate: at(charlie), Type: proxy.Staking, Delay: 1}), proxy.ErrNotFound)
	wants(t, c.Run(alice, proxy.RemoveProxy{Delegate: at(charlie)}), proxy.ErrNotFound)
	wants(t, c.Run(bob, proxy.AddProxy{Delegate: substrate.AddressOfIndex(1)}), runtime.ErrCannotLookup)
	for i := range 31 {
		c.Must(bob, addProxy(palletstest.Account(fmt.Sprint(i)), proxy.Any, 0))
	}
	wants(t, c.Run(bob, addProxy(dave, proxy.Any, 0)), proxy.ErrTooMany)
	poor := palletstest.Account("poor")
	c.Must(alice, pay(poor, 11))
	if err := c.Run(poor, addProxy(charlie, proxy.Any, 0)); err == nil {
		t.Error("an account that could not live on left a deposit")
	}
	for _, call := range []runtime.Call{
		asBob(pay(dave, 1)), addProxy(bob, proxy.Any, 0), proxy.RemoveProxy{}, proxy.RemoveProxies{}, proxy.CreatePure{},
		proxy.KillPure{}, proxy.Announce{}, proxy.RemoveAnnouncement{}, proxy.RejectAnnouncement{}, proxy.ProxyAnnounced{Call: wrap(pay(dave, 1))},
	} {
		wants(t, c.Root(call), runtime.ErrBadOrigin)
	}
}

// One account may be a proxy of several types; the sender may choose.
func TestForceProxyType(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, addProxy(charlie, proxy.Staking, 0))
	c.Must(bob, addProxy(charlie, proxy.NonTransfer, 0))
	call := asBob(addProxy(dave, proxy.NonTransfer, 0))
	c.Must(charlie, call) // as the first in order: NonTransfer
	wants(t, executed(t, c), nil)
	call.ForceProxyType = scale.Some(proxy.Staking)
	c.Must(charlie, call)
	wants(t, executed(t, c), dispatchError(runtime.ErrCallFiltered))
	call.ForceProxyType = scale.Some(proxy.Any)
	wants(t, c.Run(charlie, call), proxy.ErrNotProxy)
}

func TestProxiesAreSorted(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	for _, x := range []proxy.AddProxy{
		addProxy(dave, proxy.Staking, 0), addProxy(charlie, proxy.Any, 5), addProxy(charlie, proxy.Any, 2), addProxy(alice, proxy.Governance, 0), addProxy(charlie, proxy.NonTransfer, 0),
	} {
		c.Must(bob, x)
	}
	list := proxy.Proxies.Get(c.Ctx(), bob).List
	sorted := slices.IsSortedFunc(list, func(a, b proxy.Definition) int {
		x, _ := scale.Marshal(key(a))
		y, _ := scale.Marshal(key(b))
		return slices.Compare(x, y)
	})
	if len(list) != 5 || !sorted {
		t.Errorf("the list is %+v", list)
	}
}

// key has the order of definitions as bytes; delays are below 256.
func key(d proxy.Definition) [34]byte {
	return [34]byte(append(d.Delegate[:], byte(d.Type), byte(d.Delay)))
}
