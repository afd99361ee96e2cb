package r2s_test

import (
	"fmt"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

type accountID = substrate.AccountID

const (
	epoch    = 12 // blocks; more than there are candidates, since each proof takes a block
	sessions = 3  // per era
	era      = epoch * sessions
)

// candidate is a validator's node: its stash and the keys that it holds.
type candidate struct {
	stash         accountID
	grandpa, babe crypto.Pair
	bond          uint64 // tokens
}

func pair(t testing.TB, scheme crypto.Scheme, uri string) crypto.Pair {
	t.Helper()
	p, err := crypto.FromURI(scheme, uri)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newCandidate(t testing.TB, i int) candidate {
	uri := fmt.Sprintf("//candidate%d", i)
	return candidate{
		stash: palletstest.Account(uri), bond: 3_000_000 + uint64(i)*200_000,
		grandpa: pair(t, crypto.Ed25519, uri), babe: pair(t, crypto.Sr25519, uri),
	}
}

func (v candidate) keys() types.SessionKeys {
	return types.SessionKeys{
		Grandpa: types.GrandpaKey(v.grandpa.Public()), Babe: types.BabeKey(v.babe.Public()),
		ImOnline: types.ImOnlineKey(v.stash), AuthorityDiscovery: types.AuthorityDiscoveryKey(v.stash),
		Beefy: types.BeefyKey(append([]byte{2}, v.stash[:]...)),
	}
}

// world has n candidates of which the first ones have the seats.
func world(t testing.TB, n, seats int, constants map[string]any) (*palletstest.Chain, []candidate) {
	t.Helper()
	g := palletstest.Genesis{
		Balances: map[accountID]types.Balance{
			substrate.AccountOfPallet(types.RewardPot): types.Tokens(1),
		},
		Constants: map[string]any{
			"Babe.EpochDuration": epoch, "Staking.SessionsPerEra": sessions, "SchedulerCredit.PeriodDuration": era,
		},
	}
	for name, v := range constants {
		g.Constants[name] = v
	}
	var list []candidate
	var keys session.Genesis
	stakes := staking.Genesis{ValidatorCount: uint32(seats), MinimumValidatorCount: 2}
	for i := range n {
		v := newCandidate(t, i)
		list = append(list, v)
		g.Balances[v.stash] = types.Tokens(10_000_000)
		entry := session.GenesisValidator{Stash: types.Address(v.stash), Keys: v.keys()}
		if i < seats {
			keys.Validators = append(keys.Validators, entry)
		} else {
			keys.Candidates = append(keys.Candidates, entry)
		}
		stakes.Stakers = append(stakes.Stakers, staking.GenesisStaker{Stash: types.Address(v.stash), Bond: types.Tokens(v.bond)})
	}
	g.Pallets = map[string]any{"Session": keys, "Staking": stakes}
	return palletstest.New(t, g), list
}

// proof is the extrinsic with which a candidate's node proves its life.
func (v candidate) proof(t testing.TB, c *palletstest.Chain, number uint32) []byte {
	t.Helper()
	genesis := system.BlockHashes.Get(c.Ctx(), 0)
	call, err := r2s.SignLife(genesis, v.stash, number, v.grandpa, v.babe)
	if err != nil {
		t.Fatal(err)
	}
	return encode(t, call)
}

func encode(t testing.TB, call r2s.ProveLife) []byte {
	t.Helper()
	x := runtime.Extrinsic{Call: runtime.RuntimeCall{Call: call}}
	raw, err := x.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
