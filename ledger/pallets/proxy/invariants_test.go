package proxy_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/proxy"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"pgregory.net/rapid"
)

// Whatever is called, deposits are those of the lists, each held on who left
// it, and money adds up.
func TestDepositInvariants(t *testing.T) {
	names := []substrate.AccountID{alice, bob, charlie}
	rapid.Check(t, func(t *rapid.T) {
		c := palletstest.New(t, palletstest.Genesis{})
		pures := map[substrate.AccountID]proxy.KillPure{}
		var accounts []substrate.AccountID // of pures, in order of birth
		for range rapid.IntRange(1, 25).Draw(t, "calls") {
			who := rapid.SampledFrom(names).Draw(t, "who")
			other := at(rapid.SampledFrom(names).Draw(t, "other"))
			typ := rapid.SampledFrom([]proxy.Type{proxy.Any, proxy.NonTransfer}).Draw(t, "type")
			hash := substrate.H256{rapid.Byte().Draw(t, "hash") % 2}
			var call runtime.Call
			switch rapid.IntRange(0, 8).Draw(t, "kind") {
			case 0:
				call = proxy.AddProxy{Delegate: other, Type: typ}
			case 1:
				call = proxy.RemoveProxy{Delegate: other, Type: typ}
			case 2:
				call = proxy.RemoveProxies{}
			case 3:
				call = proxy.CreatePure{Type: typ}
			case 4:
				call = proxy.Announce{Real: other, CallHash: hash}
			case 5:
				call = proxy.RemoveAnnouncement{Real: other, CallHash: hash}
			case 6:
				call = proxy.RejectAnnouncement{Delegate: other, CallHash: hash}
			case 7:
				call = pay(names[0], 1)
			case 8:
				if len(accounts) > 0 {
					call = pures[accounts[0]]
				} else {
					call = proxy.CreatePure{Type: typ}
				}
			}
			if len(accounts) > 0 && rapid.Bool().Draw(t, "as a pure proxy") {
				call = proxy.Proxy{Real: at(rapid.SampledFrom(accounts).Draw(t, "pure")), Call: runtime.RuntimeCall{Call: call}}
			}
			_ = c.Run(who, call)
			for _, e := range palletstest.EventsOf[proxy.PureCreatedEvent](c) {
				pures[e.Pure] = proxy.KillPure{Spawner: at(e.Who), Type: e.ProxyType, Height: c.Number(), Extrinsic: 1}
				accounts = append(accounts, e.Pure)
				c.Must(palletstest.Eve, pay(e.Pure, 50))
			}
			checkDeposits(t, c, pures)
		}
	})
}

func checkDeposits(t *rapid.T, c *palletstest.Chain, pures map[substrate.AccountID]proxy.KillPure) {
	ctx := c.Ctx()
	owed := map[substrate.AccountID]types.Balance{}
	owe := func(who substrate.AccountID, x types.Balance) { owed[who] = owed[who].SaturatingAdd(x) }
	for who, g := range proxy.Proxies.Iter(ctx) {
		n := uint64(len(g.List))
		if n == 0 || g.Deposit != hundredths(1008+33*n) {
			t.Fatalf("%d proxies with a deposit of %v planck", n, g.Deposit)
		}
		// The spawner's part is that of one proxy.
		if kill, pure := pures[who]; pure {
			spawner, _ := kill.Spawner.ID()
			owe(spawner, hundredths(1041))
			owe(who, hundredths(33*(n-1)))
			continue
		}
		owe(who, g.Deposit)
	}
	for who, p := range proxy.Announcements.Iter(ctx) {
		if n := uint64(len(p.List)); n == 0 || p.Deposit != hundredths(1008+66*n) {
			t.Fatalf("%d announcements with a deposit of %v planck", n, p.Deposit)
		}
		owe(who, p.Deposit)
	}
	c.CheckMoney(t, owed)
}
