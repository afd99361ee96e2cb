package system_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

var alice = palletstest.Alice

func is(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Anybody may remark, an origin without account too; only an account can be
// named in an event.
func TestRemarks(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	council := runtime.CustomOrigin(types.OriginCouncil{Origin: types.CollectiveMembers{Ayes: 1, Seats: 1}})
	for _, o := range []runtime.Origin{{}, runtime.RootOrigin(), runtime.SignedOrigin(alice), council} {
		is(t, c.Do(func(ctx *runtime.Context) error { return ctx.Dispatch(system.Remark{}, o) }), nil)
	}
	is(t, c.Root(system.RemarkWithEvent{}), runtime.ErrBadOrigin)
	text := []byte("hello")
	c.Must(alice, system.RemarkWithEvent{Remark: text})
	want := []system.RemarkedEvent{{Sender: alice, Hash: crypto.Blake2b256(text)}}
	if got := palletstest.EventsOf[system.RemarkedEvent](c); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestRawStorage(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	pair := func(k, v string) system.KeyValue { return system.KeyValue{Key: []byte(k), Value: []byte(v)} }
	set := system.SetStorage{Items: []system.KeyValue{pair("test:a", "1"), pair("test:b", ""), pair("test:c", "3"), pair("test:a", "2"), pair("tesu", "4")}}
	for _, call := range []runtime.Call{
		set, system.KillStorage{Keys: [][]byte{[]byte("test:a")}}, system.KillPrefix{Prefix: []byte("test:"), Subkeys: 9}, system.SetHeapPages{Pages: 8},
	} {
		is(t, c.Run(alice, call), runtime.ErrBadOrigin)
	}
	check := func(what string, want ...string) {
		t.Helper()
		var got []string
		c.Ctx().Scan([]byte("tes"), nil, func(k, v []byte) bool {
			got = append(got, string(k)+"="+string(v))
			return true
		})
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	is(t, c.Root(set), nil)
	check("set", "test:a=2", "test:b=", "test:c=3", "tesu=4")
	is(t, c.Root(system.KillPrefix{Prefix: []byte("test:")}), nil)
	check("kill no key of a prefix", "test:a=2", "test:b=", "test:c=3", "tesu=4")
	is(t, c.Root(system.KillPrefix{Prefix: []byte("test:"), Subkeys: 2}), nil)
	check("kill two keys of a prefix", "test:c=3", "tesu=4")
	is(t, c.Root(system.KillStorage{Keys: [][]byte{[]byte("test:c"), []byte("absent")}}), nil)
	check("kill a key", "tesu=4")
	is(t, c.Root(system.SetHeapPages{Pages: 8}), nil)
	if got := c.Ctx().Get([]byte(":heappages")); !slices.Equal(got, []byte{8, 0, 0, 0, 0, 0, 0, 0}) {
		t.Errorf(":heappages is %x", got)
	}
}

// An upgrade can be authorized and named wrong, but no code on chain can
// replace the node's.
func TestUpgradesAreRefused(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	code := []byte("code")
	is(t, c.Run(alice, system.ApplyAuthorizedUpgrade{Code: code}), system.ErrNothingAuthorized)
	is(t, c.Run(alice, system.AuthorizeUpgrade{}), runtime.ErrBadOrigin)
	is(t, c.Root(system.AuthorizeUpgrade{CodeHash: crypto.Blake2b256(code)}), nil)
	if got := palletstest.EventsOf[system.UpgradeAuthorizedEvent](c); len(got) != 1 || !got[0].CheckVersion {
		t.Errorf("%+v", got)
	}
	is(t, c.Run(alice, system.ApplyAuthorizedUpgrade{Code: []byte("other")}), system.ErrUnauthorized)
	is(t, c.Run(alice, system.ApplyAuthorizedUpgrade{Code: code}), system.ErrFailedToExtractRuntimeVersion)
	is(t, c.Root(system.AuthorizeUpgradeWithoutChecks{CodeHash: substrate.H256{1}}), nil)
	if got, ok := system.AuthorizedUpgrade.Get(c.Ctx()); !ok || got.CheckVersion || got.CodeHash != (substrate.H256{1}) {
		t.Errorf("%+v", got)
	}
	is(t, c.Run(alice, system.SetCode{Code: code}), runtime.ErrBadOrigin)
	is(t, c.Root(system.SetCode{Code: code}), system.ErrFailedToExtractRuntimeVersion)
	is(t, c.Root(system.SetCodeWithoutChecks{Code: code}), system.ErrFailedToExtractRuntimeVersion)
}

// The chain remembers BlockHashCount hashes, and that of genesis for ever:
// immortal signatures depend on it.
func TestBlockHashes(t *testing.T) {
	const keep = 5
	c := palletstest.New(t, palletstest.Genesis{Constants: map[string]any{"System.BlockHashCount": keep}})
	c.NextBlocks(3 * keep)
	var kept []types.BlockNumber
	for number := range system.BlockHashes.Iter(c.Ctx()) {
		kept = append(kept, number)
	}
	slices.Sort(kept)
	last := c.Number()
	if want := []types.BlockNumber{0, last - 5, last - 4, last - 3, last - 2, last - 1}; !slices.Equal(kept, want) {
		t.Errorf("after block %d the hashes of %v are kept, want %v", last, kept, want)
	}
}

// Who depends on an account keeps it alive; what it provides cannot go first.
func TestReferences(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	who := palletstest.Account("referred")
	err := c.Do(func(ctx *runtime.Context) error {
		is(t, system.IncConsumers(ctx, who), runtime.ErrNoProviders)
		if !system.IncProviders(ctx, who) || system.IncProviders(ctx, who) {
			t.Error("the first provider makes the account, the second does not")
		}
		is(t, system.IncConsumers(ctx, who), nil)
		is(t, system.DecProviders(ctx, who), nil)
		if system.CanDecProvider(ctx, who) {
			t.Error("the last provider can go")
		}
		is(t, system.DecProviders(ctx, who), runtime.ErrConsumerRemaining)
		system.DecConsumers(ctx, who)
		is(t, system.DecProviders(ctx, who), nil)
		if system.Exists(ctx, who) {
			t.Error("nobody needs the account, and it is there")
		}
		return nil
	})
	is(t, err, nil)
	if got := palletstest.EventsOf[system.KilledAccountEvent](c); len(got) != 1 || got[0].Account != who {
		t.Errorf("%+v", got)
	}
}
