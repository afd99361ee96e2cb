package authoritydiscovery_test

import (
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/authoritydiscovery"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// The keys follow the validators: from genesis, and from session to session.
func TestKeysFollowSessions(t *testing.T) {
	key := func(b byte) types.AuthorityDiscoveryKey { return types.AuthorityDiscoveryKey{b} }
	keys := func(b byte) types.SessionKeys {
		return types.SessionKeys{
			Grandpa: types.GrandpaKey{b}, Babe: types.BabeKey{b}, ImOnline: types.ImOnlineKey{b},
			AuthorityDiscovery: key(b), Beefy: types.BeefyKey{b},
		}
	}
	const epoch = 4
	c := palletstest.New(t, palletstest.Genesis{
		Constants: map[string]any{"Babe.EpochDuration": epoch},
		Pallets: map[string]any{"Session": session.Genesis{Validators: []session.GenesisValidator{
			{Stash: types.Address(palletstest.Author), Keys: keys(1)}, {Stash: types.Address(palletstest.Bob), Keys: keys(2)},
		}}},
	})
	check := func(want ...types.AuthorityDiscoveryKey) {
		t.Helper()
		if got := authoritydiscovery.Keys.Get(c.Ctx()); !slices.Equal(got, want) {
			t.Errorf("block %d: keys %x, want %x", c.Number(), got, want)
		}
		if got := authoritydiscovery.NextKeys.Get(c.Ctx()); !slices.Equal(got, want) {
			t.Errorf("block %d: next keys %x, want %x", c.Number(), got, want)
		}
	}
	check(key(1), key(2))
	err := c.Do(func(ctx *runtime.Context) error {
		session.QueuedKeys.Put(ctx, []session.ValidatorKeys{{Validator: palletstest.Bob, Keys: keys(2)}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	check(key(1), key(2))
	before := session.CurrentIndex.Get(c.Ctx())
	for session.CurrentIndex.Get(c.Ctx()) == before {
		c.NextBlocks(1)
	}
	check(key(2))
}
