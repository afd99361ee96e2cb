package proxy_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/cacher"
	"github.com/gocess/gocess/ledger/pallets/collective"
	"github.com/gocess/gocess/ledger/pallets/indices"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/proxy"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/treasury"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

func TestWhatTypesAllow(t *testing.T) {
	for _, tt := range []struct {
		call                            runtime.Call
		nonTransfer, governance, stakes bool
	}{
		{system.Remark{}, true, false, false},
		{utility.Batch{}, true, false, false},
		{balances.TransferKeepAlive{}, false, false, false},
		{balances.Burn{}, false, false, false},
		{indices.Claim{}, true, false, false},
		{indices.Transfer{}, false, false, false},
		{cacher.Register{}, true, false, false},
		{cacher.Pay{}, false, false, false},
		{storagehandler.MintTerritory{}, true, false, false},
		{storagehandler.BuyConsignment{}, false, false, false},
		{storagehandler.TerritoryGrants{}, false, false, false},
		{staking.Bond{}, true, false, true},
		{staking.Validate{}, true, false, true},
		{proxy.AddProxy{}, true, false, false},
		{collective.Vote[collective.OfCouncil]{}, true, true, false},
		{collective.Close[collective.OfTechnicalCommittee]{}, true, true, false},
		{treasury.SpendLocal{}, true, true, false},
	} {
		name := runtime.RuntimeCall{Call: tt.call}.Name()
		for typ, want := range map[proxy.Type]bool{
			proxy.Any: true, proxy.NonTransfer: tt.nonTransfer, proxy.Governance: tt.governance, proxy.Staking: tt.stakes,
		} {
			if got := typ.Allows(tt.call); got != want {
				t.Errorf("type %d allows %s: %v, want %v", typ, name, got, want)
			}
		}
	}
	if proxy.Type(9).Allows(system.Remark{}) {
		t.Error("a type that does not exist allows a call")
	}
}

func TestWhatTypesCover(t *testing.T) {
	all := []proxy.Type{proxy.Any, proxy.NonTransfer, proxy.Governance, proxy.Staking}
	for i, row := range []string{"1111", "0111", "0010", "0001"} {
		for j, want := range row {
			if got := all[i].Covers(all[j]); got != (want == '1') {
				t.Errorf("type %d covers %d: %v", i, j, got)
			}
		}
	}
}

// A proxy's rules hold for calls inside calls that run with its origin.
func TestRulesSurviveNesting(t *testing.T) {
	sub := utility.Derivative(bob, 3)
	calls := []runtime.RuntimeCall{wrap(system.Remark{}), wrap(pay(dave, 5))}
	for _, tt := range []struct {
		name  string
		call  runtime.Call
		inner error // of the proxy's call
	}{
		{"a transfer", pay(dave, 5), runtime.ErrCallFiltered},
		{"batch", utility.Batch{Calls: calls}, nil},
		{"batch_all", utility.BatchAll{Calls: calls}, runtime.ErrCallFiltered},
		{"force_batch", utility.ForceBatch{Calls: calls}, nil},
		{"batch in a batch", utility.Batch{Calls: []runtime.RuntimeCall{wrap(utility.Batch{Calls: calls})}}, nil},
		{"as_derivative", utility.AsDerivative{Index: 3, Call: wrap(pay(dave, 5))}, runtime.ErrCallFiltered},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := palletstest.New(t, palletstest.Genesis{})
			c.Must(bob, pay(sub, 100))
			c.Must(bob, addProxy(charlie, proxy.NonTransfer, 0))
			before := money.Free(c.Ctx(), dave)
			c.Must(charlie, asBob(tt.call))
			want := error(nil)
			if tt.inner != nil {
				want = dispatchError(tt.inner)
			}
			wants(t, executed(t, c), want)
			if got := money.Free(c.Ctx(), dave); got != before {
				t.Errorf("a proxy that must not transfer moved %v planck", got.SaturatingSub(before))
			}
		})
	}
}

// A proxy of a proxy acts for the second account by the rules of the second
// alone.
func TestProxiesOfProxies(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(alice, addProxy(bob, proxy.Any, 0))
	c.Must(bob, addProxy(charlie, proxy.NonTransfer, 0))
	before := money.Free(c.Ctx(), dave)
	c.Must(charlie, asBob(proxy.Proxy{Real: at(alice), Call: wrap(pay(dave, 5))}))
	wants(t, executed(t, c), nil)
	if got := money.Free(c.Ctx(), dave).SaturatingSub(before); got != types.Tokens(5) {
		t.Errorf("Dave got %v planck", got)
	}
}

func TestNoProxyGivesMoreRightsThanItHas(t *testing.T) {
	filtered := dispatchError(runtime.ErrCallFiltered)
	for _, tt := range []struct {
		name string
		has  proxy.Type
		call runtime.Call
		want error
	}{
		{"any gives any", proxy.Any, addProxy(dave, proxy.Any, 0), nil},
		{"any removes all", proxy.Any, proxy.RemoveProxies{}, nil},
		{"non-transfer gives any", proxy.NonTransfer, addProxy(dave, proxy.Any, 0), filtered},
		{"non-transfer gives staking", proxy.NonTransfer, addProxy(dave, proxy.Staking, 0), nil},
		{"non-transfer removes any", proxy.NonTransfer, proxy.RemoveProxy{Delegate: at(alice)}, filtered},
		{"non-transfer removes itself", proxy.NonTransfer, proxy.RemoveProxy{Delegate: at(charlie), Type: proxy.NonTransfer}, nil},
		{"non-transfer removes all", proxy.NonTransfer, proxy.RemoveProxies{}, filtered},
		{"non-transfer kills", proxy.NonTransfer, proxy.KillPure{Spawner: at(bob)}, filtered},
		{"any kills what is not pure", proxy.Any, proxy.KillPure{Spawner: at(bob)}, dispatchError(proxy.ErrNoPermission)},
		{"staking gives staking", proxy.Staking, addProxy(dave, proxy.Staking, 0), filtered},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := palletstest.New(t, palletstest.Genesis{})
			c.Must(bob, addProxy(alice, proxy.Any, 0))
			c.Must(bob, addProxy(charlie, tt.has, 0))
			c.Must(charlie, asBob(tt.call))
			wants(t, executed(t, c), tt.want)
			batched := utility.Batch{Calls: []runtime.RuntimeCall{wrap(tt.call)}}
			if tt.want == filtered && tt.has == proxy.NonTransfer {
				list := proxy.Proxies.Get(c.Ctx(), bob)
				c.Must(charlie, asBob(batched))
				if got := proxy.Proxies.Get(c.Ctx(), bob); len(got.List) != len(list.List) {
					t.Errorf("in a batch it works: %+v", got)
				}
			}
		})
	}
}
