package proxy_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/proxy"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

func hashOf(t *testing.T, call runtime.Call) substrate.H256 {
	t.Helper()
	h, err := proxy.CallHash(wrap(call))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func announced(delegate substrate.AccountID, call runtime.Call) proxy.ProxyAnnounced {
	return proxy.ProxyAnnounced{Delegate: at(delegate), Real: at(bob), Call: wrap(call)}
}

// A proxy with a delay of ten blocks announces, waits, and anybody makes the
// call.
func TestAnnouncedCallsWait(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, addProxy(charlie, proxy.Any, 10))
	call := pay(dave, 5)
	wants(t, c.Run(charlie, asBob(call)), proxy.ErrUnannounced)
	wants(t, c.Run(charlie, announced(charlie, call)), proxy.ErrUnannounced)
	wants(t, c.Run(dave, proxy.Announce{Real: at(bob), CallHash: hashOf(t, call)}), proxy.ErrNotProxy)
	c.Must(charlie, proxy.Announce{Real: at(bob), CallHash: hashOf(t, call)})
	if e := palletstest.EventsOf[proxy.AnnouncedEvent](c); len(e) != 1 || e[0] != (proxy.AnnouncedEvent{Real: bob, Proxy: charlie, CallHash: hashOf(t, call)}) {
		t.Errorf("events %+v", e)
	}
	height := c.Number()
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{bob: hundredths(1041), charlie: hundredths(1074)})
	c.GoTo(height + 8)
	wants(t, c.Run(alice, announced(charlie, call)), proxy.ErrUnannounced) // block height+9
	wants(t, c.Run(alice, announced(charlie, pay(dave, 6))), proxy.ErrUnannounced)
	c.Must(alice, announced(charlie, call))
	wants(t, executed(t, c), nil)
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{bob: hundredths(1041)})
	wants(t, c.Run(alice, announced(charlie, call)), proxy.ErrUnannounced)
}

func TestAnnouncementsAreTakenBack(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, addProxy(charlie, proxy.Any, 1))
	hash := hashOf(t, pay(dave, 5))
	announce := proxy.Announce{Real: at(bob), CallHash: hash}
	wants(t, c.Run(charlie, proxy.RemoveAnnouncement{Real: at(bob), CallHash: hash}), proxy.ErrNotFound)
	c.Must(charlie, announce)
	wants(t, c.Run(charlie, proxy.RemoveAnnouncement{Real: at(bob)}), proxy.ErrNotFound)
	wants(t, c.Run(charlie, proxy.RemoveAnnouncement{Real: at(dave), CallHash: hash}), proxy.ErrNotFound)
	c.Must(charlie, proxy.RemoveAnnouncement{Real: at(bob), CallHash: hash})
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{bob: hundredths(1041)})

	c.Must(charlie, announce)
	wants(t, c.Run(dave, proxy.RejectAnnouncement{Delegate: at(charlie), CallHash: hash}), proxy.ErrNotFound)
	c.Must(bob, proxy.RejectAnnouncement{Delegate: at(charlie), CallHash: hash})
	c.NextBlocks(5)
	wants(t, c.Run(charlie, announced(charlie, pay(dave, 5))), proxy.ErrUnannounced)
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{bob: hundredths(1041)})
	if proxy.Announcements.Contains(c.Ctx(), charlie) {
		t.Error("an empty list is kept")
	}
}

func TestPendingAnnouncementsAreBounded(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, addProxy(charlie, proxy.Any, 1))
	for i := range 32 {
		c.Must(charlie, proxy.Announce{Real: at(bob), CallHash: substrate.H256{byte(i)}})
	}
	wants(t, c.Run(charlie, proxy.Announce{Real: at(bob)}), proxy.ErrTooMany)
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{bob: hundredths(1041), charlie: hundredths(1008 + 32*66)})
}

// An announced call waits as long as the proxy that makes it must; another one
// of the same account does not speed it up.
func TestDelayIsThatOfTheActingProxy(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, addProxy(charlie, proxy.Any, 20))
	call := pay(dave, 5)
	c.Must(charlie, proxy.Announce{Real: at(bob), CallHash: hashOf(t, call)})
	c.Must(bob, addProxy(charlie, proxy.NonTransfer, 0))
	wants(t, c.Run(charlie, announced(charlie, call)), proxy.ErrUnannounced)
	c.NextBlocks(20)
	c.Must(charlie, announced(charlie, call))
	wants(t, executed(t, c), nil)
}
