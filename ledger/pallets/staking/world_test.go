package staking_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/voterlist"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

type (
	accountID = substrate.AccountID
	amount    = types.Balance
)

var (
	alice     = palletstest.Alice
	bob       = palletstest.Bob
	charlie   = palletstest.Charlie
	dave      = palletstest.Dave
	validator = palletstest.Author // writes all blocks
	api       = staking.API{}
	money     = balances.API{}
)

// Eras of the tests are short: 12 blocks.
const (
	epochBlocks = 4
	sessions    = 3
	eraBlocks   = epochBlocks * sessions
)

var lockID = balances.Identifier([]byte("staking "))

// world starts a chain whose validator has bonded 3,000,000 tokens.
func world(t palletstest.TB, constants map[string]any) *palletstest.Chain {
	t.Helper()
	all := map[string]any{
		"Babe.EpochDuration": epochBlocks, "Staking.SessionsPerEra": sessions,
		"Staking.BondingDuration": 4, "Staking.SlashDeferDuration": 2,
		"R2S.LeastBacking": types.Tokens(1_000_000), // who is slashed stays electable
	}
	for name, v := range constants {
		all[name] = v
	}
	return palletstest.New(t, palletstest.Genesis{
		Constants: all,
		Balances:  map[accountID]amount{substrate.AccountOfPallet(types.RewardPot): types.Tokens(1)},
		Pallets: map[string]any{"Staking": staking.Genesis{
			Stakers: []staking.GenesisStaker{{Stash: types.Address(validator), Bond: types.Tokens(3_000_000)}},
		}},
	})
}

func bond(tokens uint64) staking.Bond {
	return staking.Bond{Value: types.Tokens(tokens), Payee: staking.PayStaked{}}
}

// lives registers session keys for a stash and lets its node be seen in the
// sessions of the tests.
func lives(t palletstest.TB, c *palletstest.Chain, stash accountID) {
	t.Helper()
	c.Must(stash, session.SetKeys{Keys: keysOf(stash)})
	if err := c.Do(func(ctx *runtime.Context) error { r2s.LastSeen.Put(ctx, stash, 1000); return nil }); err != nil {
		t.Fatal(err)
	}
}

// keysOf are session keys that nobody else has.
func keysOf(stash accountID) (k types.SessionKeys) {
	copy(k.Grandpa[:], stash[:])
	copy(k.Babe[:], stash[:])
	copy(k.ImOnline[:], stash[:])
	copy(k.AuthorityDiscovery[:], stash[:])
	copy(k.Beefy[:], stash[:])
	return k
}

func to(list ...accountID) (addresses []substrate.MultiAddress) {
	for _, who := range list {
		addresses = append(addresses, substrate.AddressOf(who))
	}
	return addresses
}

func ledger(t palletstest.TB, c *palletstest.Chain, controller accountID) staking.Ledger {
	t.Helper()
	l, ok := staking.Ledgers.Get(c.Ctx(), controller)
	if !ok {
		t.Fatalf("%v controls no bond", types.Address(controller))
	}
	return l
}

func root(t palletstest.TB, c *palletstest.Chain, call runtime.Call) {
	t.Helper()
	if err := c.Root(call); err != nil {
		t.Fatalf("%T: %v", call, err)
	}
}

// checkMoney holds what is true between any two blocks: the total issuance is
// the sum of all balances; each bond is the sum of its parts and equals its
// lock, and nothing else is locked; counters count.
func checkMoney(t palletstest.TB, c *palletstest.Chain) {
	t.Helper()
	ctx := c.Ctx()
	sum := amount{}
	for _, a := range system.Accounts.Iter(ctx) {
		sum = sum.SaturatingAdd(a.Data.Free).SaturatingAdd(a.Data.Reserved)
	}
	if total := balances.TotalIssuance.Get(ctx); total != sum {
		t.Fatalf("the total issuance is %v, all accounts together have %v", total, sum)
	}
	bonds, worth := 0, 0
	for stash, controller := range staking.Bonded.Iter(ctx) {
		bonds++
		l, ok := staking.Ledgers.Get(ctx, controller)
		if !ok || l.Stash != stash {
			t.Fatalf("%v is bonded without a ledger of its own", types.Address(stash))
		}
		if !l.Total.IsZero() {
			worth++
		}
		parts := l.Active
		for i, chunk := range l.Unlocking {
			parts = parts.SaturatingAdd(chunk.Value)
			if chunk.Value.IsZero() || i > 0 && chunk.Era <= l.Unlocking[i-1].Era {
				t.Fatalf("chunks of %v: %+v", types.Address(stash), l.Unlocking)
			}
		}
		if parts != l.Total {
			t.Fatalf("the parts of the bond of %v add up to %v, it is %v", types.Address(stash), parts, l.Total)
		}
		if locked := money.Locked(ctx, stash, lockID); locked != l.Total {
			t.Fatalf("%v is locked on %v, which has bonded %v", locked, types.Address(stash), l.Total)
		}
		if total := money.Free(ctx, stash).SaturatingAdd(money.Reserved(ctx, stash)); total.Less(l.Total) {
			t.Fatalf("%v has bonded %v and owns %v", types.Address(stash), l.Total, total)
		}
	}
	ledgers, locks := 0, 0
	for range staking.Ledgers.Iter(ctx) {
		ledgers++
	}
	for range balances.Locks.Iter(ctx) {
		locks++
	}
	// A bond that was slashed to nothing has no lock.
	if ledgers != bonds || locks != worth {
		t.Fatalf("%d stashes, %d of them with tokens, have %d ledgers and %d locks", bonds, worth, ledgers, locks)
	}
	validators, nominators := uint32(0), uint32(0)
	for stash := range staking.Validators.Iter(ctx) {
		validators++
		if staking.Nominators.Contains(ctx, stash) {
			t.Fatalf("%v validates and nominates", types.Address(stash))
		}
	}
	for range staking.Nominators.Iter(ctx) {
		nominators++
	}
	listed := uint32(0)
	for range (voterlist.API{}).All(ctx) {
		listed++
	}
	if listed != validators+nominators || voterlist.ListNodes.Count(ctx) != listed {
		t.Fatalf("%d voters are listed and %d counted; there are %d", listed, voterlist.ListNodes.Count(ctx), validators+nominators)
	}
	if validators != staking.CounterForValidators.Get(ctx) || nominators != staking.Nominators.Count(ctx) {
		t.Fatalf("%d validators and %d nominators are not what the counters say", validators, nominators)
	}
}

func parse(t testing.TB, s string) amount {
	t.Helper()
	v, err := scale.ParseU128(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
