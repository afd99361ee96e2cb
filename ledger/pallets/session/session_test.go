package session_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

const epoch = 4 // blocks

var (
	author, bob, eve = palletstest.Author, palletstest.Bob, palletstest.Eve
	api              session.API
)

func keys(b byte) types.SessionKeys {
	return types.SessionKeys{
		Grandpa: types.GrandpaKey{b}, Babe: types.BabeKey{b}, ImOnline: types.ImOnlineKey{b},
		AuthorityDiscovery: types.AuthorityDiscoveryKey{b}, Beefy: types.BeefyKey{b},
	}
}

// world has two validators, the author and Bob, with keys 1 and 2.
func world(t *testing.T) *palletstest.Chain {
	return palletstest.New(t, palletstest.Genesis{
		Constants: map[string]any{"Babe.EpochDuration": epoch},
		Pallets: map[string]any{"Session": session.Genesis{Validators: []session.GenesisValidator{
			{Stash: types.Address(author), Keys: keys(1)}, {Stash: types.Address(bob), Keys: keys(2)},
		}}},
	})
}

func queued(c *palletstest.Chain) (list []types.SessionKeys) {
	for _, v := range session.QueuedKeys.Get(c.Ctx()) {
		list = append(list, v.Keys)
	}
	return list
}

// Keys that are registered in session 0 are queued when session 1 begins and
// serve in session 2.
func TestKeysTakeEffectTwoSessionsLater(t *testing.T) {
	c := world(t)
	c.Must(bob, session.SetKeys{Keys: keys(3)})
	if owner, ok := api.KeyOwner(c.Ctx(), types.KeyTypeBabe, make([]byte, 32)); ok {
		t.Fatalf("%v owns zeros", owner)
	}
	c.GoTo(epoch)
	if got := queued(c); !slices.Equal(got, []types.SessionKeys{keys(1), keys(2)}) {
		t.Fatalf("queued in session 0: %v", got)
	}
	c.GoTo(epoch + 1)
	if got := queued(c); !slices.Equal(got, []types.SessionKeys{keys(1), keys(3)}) || !session.QueuedChanged.Get(c.Ctx()) {
		t.Fatalf("queued in session 1: %v", got)
	}
	if e := palletstest.EventsOf[session.NewSessionEvent](c); len(e) != 1 || e[0].SessionIndex != 1 {
		t.Fatalf("events %v", e)
	}
	c.GoTo(2*epoch + 1)
	if session.QueuedChanged.Get(c.Ctx()) {
		t.Error("the same keys again are a change")
	}
}

func TestSetAndPurgeKeys(t *testing.T) {
	c := world(t)
	consumers := func(who substrate.AccountID) uint32 { return system.Accounts.Get(c.Ctx(), who).Consumers }
	for name, err := range map[string]error{
		"without a bond": c.Run(eve, session.SetKeys{Keys: keys(9)}),
		"no keys":        c.Run(eve, session.PurgeKeys{}),
		"taken":          c.Run(bob, session.SetKeys{Keys: keys(1)}),
	} {
		want := map[string]error{
			"without a bond": session.ErrNoAssociatedValidatorID, "no keys": session.ErrNoKeys, "taken": session.ErrDuplicatedKey,
		}[name]
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	mixed := keys(5)
	mixed.Beefy = types.BeefyKey{1}
	if err := c.Run(bob, session.SetKeys{Keys: mixed}); !errors.Is(err, session.ErrDuplicatedKey) {
		t.Errorf("one key of another: %v", err)
	}
	before := consumers(bob)
	c.Must(bob, session.SetKeys{Keys: keys(5), Proof: []byte("not looked at")})
	if consumers(bob) != before {
		t.Error("other keys refer to the account once more")
	}
	if _, ok := api.KeyOwner(c.Ctx(), types.KeyTypeGrandpa, slices.Concat([]byte{2}, make([]byte, 31))); ok {
		t.Error("the old key still has an owner")
	}
	if owner, ok := api.KeyOwner(c.Ctx(), types.KeyTypeGrandpa, slices.Concat([]byte{5}, make([]byte, 31))); !ok || owner != bob {
		t.Errorf("the new key is %v's", owner)
	}
	c.Must(bob, session.PurgeKeys{})
	if consumers(bob) != before-1 || session.NextKeys.Contains(c.Ctx(), bob) {
		t.Error("the keys are not gone")
	}
	c.Must(eve, staking.Bond{Value: types.Tokens(5), Payee: staking.PayStash{}})
	c.Must(eve, session.SetKeys{Keys: keys(2)}) // free again
	c.GoTo(3*epoch + 1)
	if got := queued(c); !slices.Equal(got, []types.SessionKeys{keys(1)}) {
		t.Errorf("queued without Bob: %v", got)
	}
}

// Somebody must decide blocks: when all have removed their keys the last ones go on.
func TestLastKeysStay(t *testing.T) {
	c := world(t)
	c.Must(bob, session.PurgeKeys{})
	c.Must(author, session.PurgeKeys{})
	c.GoTo(3*epoch + 1)
	if got := queued(c); !slices.Equal(got, []types.SessionKeys{keys(1), keys(2)}) {
		t.Errorf("queued: %v", got)
	}
}

func TestDisable(t *testing.T) {
	c := world(t)
	err := c.Do(func(ctx *runtime.Context) error {
		for _, step := range []struct {
			index uint32
			want  bool
		}{{1, true}, {1, false}, {2, false}, {0, true}} {
			if got := api.Disable(ctx, step.index); got != step.want {
				t.Errorf("disable %d: %v", step.index, got)
			}
		}
		if i, ok := api.IndexOf(ctx, bob); !ok || i != 1 {
			t.Errorf("Bob has index %d", i)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := session.DisabledValidators.Get(c.Ctx()); !slices.Equal(got, []uint32{0, 1}) || !api.IsDisabled(c.Ctx(), 1) {
		t.Errorf("disabled %v", got)
	}
	c.GoTo(epoch + 1) // nothing changed: they stay disabled
	if !api.IsDisabled(c.Ctx(), 0) {
		t.Error("the session has ended, the validators are the same")
	}
	c.Must(bob, session.SetKeys{Keys: keys(7)})
	c.GoTo(3*epoch + 1)
	if api.IsDisabled(c.Ctx(), 0) {
		t.Error("the validators changed")
	}
}

// The genesis registers keys of candidates who have no seat.
func TestGenesisCandidates(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{Pallets: map[string]any{"Session": session.Genesis{
		Validators: []session.GenesisValidator{{Stash: types.Address(author), Keys: keys(1)}},
		Candidates: []session.GenesisValidator{{Stash: types.Address(bob), Keys: keys(2)}},
	}}})
	if k, ok := api.Keys(c.Ctx(), bob); !ok || k != keys(2) || len(api.Validators(c.Ctx())) != 1 || len(queued(c)) != 1 {
		t.Errorf("Bob's keys %v, validators %v", k, api.Validators(c.Ctx()))
	}
}
