package proxy_test

import (
	"encoding/hex"
	"testing"

	"golang.org/x/crypto/blake2b"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/proxy"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// spawn makes a pure proxy of Bob and says how to kill it.
func spawn(t *testing.T, c *palletstest.Chain, typ proxy.Type) (substrate.AccountID, proxy.KillPure) {
	t.Helper()
	c.Must(bob, proxy.CreatePure{Type: typ, Index: 9})
	e := palletstest.EventsOf[proxy.PureCreatedEvent](c)
	if len(e) != 1 || e[0].Who != bob || e[0].ProxyType != typ || e[0].DisambiguationIndex != 9 {
		t.Fatalf("events %+v", e)
	}
	// The timestamp is extrinsic 0.
	return e[0].Pure, proxy.KillPure{Spawner: at(bob), Type: typ, Index: 9, Height: c.Number(), Extrinsic: 1}
}

func as(pure substrate.AccountID, call runtime.Call) proxy.Proxy {
	return proxy.Proxy{Real: at(pure), Call: wrap(call)}
}

func TestPureProxies(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	pure, kill := spawn(t, c, proxy.Any)
	if want := proxy.PureAccount(bob, proxy.Any, 9, proxy.Birth{Height: c.Number(), Extrinsic: 1}); pure != want {
		t.Errorf("the account is %x, want %x", pure, want)
	}
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{bob: hundredths(1041)})
	c.Must(alice, pay(pure, 100))
	c.Must(bob, as(pure, pay(dave, 5)))
	wants(t, executed(t, c), nil)
	wants(t, c.Run(charlie, as(pure, pay(dave, 5))), proxy.ErrNotProxy)

	wants(t, c.Run(bob, kill), proxy.ErrNoPermission)
	for _, wrong := range []func(*proxy.KillPure){
		func(k *proxy.KillPure) { k.Spawner = at(charlie) },
		func(k *proxy.KillPure) { k.Type = proxy.Staking },
		func(k *proxy.KillPure) { k.Index++ },
		func(k *proxy.KillPure) { k.Height++ },
		func(k *proxy.KillPure) { k.Extrinsic++ },
	} {
		k := kill
		wrong(&k)
		c.Must(bob, as(pure, k))
		wants(t, executed(t, c), dispatchError(proxy.ErrNoPermission))
	}
	c.Must(bob, as(pure, kill))
	wants(t, executed(t, c), nil)
	c.CheckMoney(t, nil)
	wants(t, c.Run(bob, as(pure, pay(dave, 5))), proxy.ErrNotProxy)
}

func TestOneExtrinsicMakesSeveralPureProxies(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	create := func(i uint16) runtime.RuntimeCall { return wrap(proxy.CreatePure{Index: i}) }
	c.Must(bob, utility.BatchAll{Calls: []runtime.RuntimeCall{create(0), create(1)}})
	wants(t, c.Run(bob, utility.BatchAll{Calls: []runtime.RuntimeCall{create(2), create(2)}}), proxy.ErrDuplicate)
}

// In upstream a pure proxy that changes its proxies gets the deposit of its
// spawner, or the spawner what the pure proxy paid.
func TestDepositsOfPureProxiesReturnToWhoLeftThem(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	pure, kill := spawn(t, c, proxy.Any)
	c.Must(alice, pay(pure, 100))
	c.Must(bob, as(pure, addProxy(charlie, proxy.Any, 0)))
	c.Must(bob, as(pure, addProxy(dave, proxy.Any, 0)))
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{bob: hundredths(1041), pure: hundredths(66)})
	c.Must(bob, as(pure, proxy.RemoveProxy{Delegate: at(dave)}))
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{bob: hundredths(1041), pure: hundredths(33)})
	// The spawner's own proxy goes: its deposit stays for the one that is left.
	c.Must(bob, as(pure, proxy.RemoveProxy{Delegate: at(bob)}))
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{bob: hundredths(1041)})
	c.Must(charlie, as(pure, addProxy(bob, proxy.Any, 0)))
	c.Must(charlie, as(pure, kill))
	wants(t, executed(t, c), nil)
	c.CheckMoney(t, nil)
}

func TestRemovingAllProxiesOfAPureProxy(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	pure, _ := spawn(t, c, proxy.Any)
	c.Must(bob, as(pure, proxy.RemoveProxies{}))
	wants(t, executed(t, c), nil)
	c.CheckMoney(t, nil)
}

// The derivation, by hand and without the code under test.
func TestPureAccountVector(t *testing.T) {
	raw, err := hex.DecodeString("6d6f646c70792f70726f78795f5f5f5f" + // modlpy/proxy____
		"d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d" + // Alice
		"15cd5b07" + "02000000" + "00" + "0700") // block 123456789, extrinsic 2, Any, 7
	if err != nil {
		t.Fatal(err)
	}
	spawner := substrate.AccountID(raw[16:48])
	got := proxy.PureAccount(spawner, proxy.Any, 7, proxy.Birth{Height: 123_456_789, Extrinsic: 2})
	if got != substrate.AccountID(blake2b.Sum256(raw)) {
		t.Errorf("the account is %x", got)
	}
	if hex.EncodeToString(got[:]) != pureVector {
		t.Errorf("the account is %x, want %s", got, pureVector)
	}
}

// pureVector was computed with @polkadot/util-crypto 14.
const pureVector = "c30bf8ba53e42a18b0dec36cf30ec60796d49aa04efbcab6019620857a75d819"

func TestKillPureOnTheWire(t *testing.T) {
	raw, err := scale.Marshal(wrap(proxy.KillPure{Spawner: at(substrate.AccountID{}), Type: proxy.Staking, Index: 258, Height: 100, Extrinsic: 1}))
	if err != nil {
		t.Fatal(err)
	}
	want := "230500" + hex.EncodeToString(make([]byte, 32)) + "03" + "0201" + "9101" + "04"
	if got := hex.EncodeToString(raw); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
