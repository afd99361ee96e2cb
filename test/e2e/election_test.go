//go:build e2e

package e2e

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/schedulercredit"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// The election as docs/protocol/rotation.md describes it, a second time: from
// what clients can read of the chain, in big numbers, sharing no code with the
// pallet.

// candidate is somebody who wants a seat.
type candidate struct {
	stash         substrate.AccountID
	backing       *big.Int // weight of all votes
	credit        int64    // 0 to 1000
	stake, chance int64    // 0 to 1000, 0 to 999
	score         int64
}

// electionAt says who gets a seat by the election in the given block, the first
// of an era's last session, ascending. leastBacking is what a candidate needs, in
// planck.
func electionAt(t *testing.T, chain *sdk.Client, block, creditPeriod, lifeWindow uint32, leastBacking *big.Int) ([]substrate.AccountID, []candidate) {
	t.Helper()
	before, now := atHeight(t, chain, block-1), atHeight(t, chain, block)
	ctx := within(t, time.Minute)
	seats := must(sdk.Get(ctx, before, staking.ValidatorCount))(t)
	perWeight := new(big.Int).Div(must(sdk.Get(ctx, before, balances.TotalIssuance))(t).Big(), maxUint64)
	if perWeight.Sign() == 0 {
		perWeight.SetInt64(1)
	}
	all := wouldServe(t, before, must(sdk.Get(ctx, now, session.CurrentIndex))(t), lifeWindow)
	bonds := activeBonds(t, before)
	back := func(who substrate.AccountID, weight *big.Int) {
		for i := range all {
			if all[i].stash == who {
				all[i].backing.Add(all[i].backing, weight)
			}
		}
	}
	for _, c := range all {
		back(c.stash, new(big.Int).Div(bonds[c.stash], perWeight))
	}
	for _, n := range list(t, before, staking.Nominators) {
		weight := new(big.Int).Div(bonds[n.Key], perWeight)
		weight.Div(weight, big.NewInt(int64(len(n.Value.Targets))))
		for _, target := range n.Value.Targets {
			back(target, weight)
		}
	}
	least := new(big.Int).Div(leastBacking, perWeight)
	all = slices.DeleteFunc(all, func(c candidate) bool { return c.backing.Cmp(least) < 0 })
	most := new(big.Int).Set(least)
	for _, c := range all {
		if c.backing.Cmp(most) > 0 {
			most.Set(c.backing)
		}
	}
	seed := must(sdk.Get(ctx, now, babe.NextRandomness))(t)
	for i := range all {
		c := &all[i]
		share := new(big.Int).Mul(c.backing, big.NewInt(65535))
		share.Div(share, most)
		c.stake = share.Int64() * 1000 / 65535
		hash := crypto.Blake2b256([]byte("authorities"+strconv.Itoa(i)), seed[:])
		c.chance = int64(binary.LittleEndian.Uint32(hash[:4])) % 1000
		c.credit = creditOf(t, before, c.stash, block, creditPeriod)
		c.score = (5*c.credit + 3*c.stake + 2*c.chance) / 10
	}
	byScore := slices.Clone(all)
	slices.SortStableFunc(byScore, func(a, b candidate) int { return int(a.score - b.score) })
	slices.Reverse(byScore)
	var winners []substrate.AccountID
	for _, c := range byScore[:min(int(seats), len(byScore))] {
		winners = append(winners, c.stash)
	}
	slices.SortFunc(winners, func(a, b substrate.AccountID) int { return bytes.Compare(a[:], b[:]) })
	return winners, all
}

// wouldServe lists the candidates with session keys and a sign of life in the
// last sessions, ascending.
func wouldServe(t *testing.T, at sdk.At, now, window uint32) []candidate {
	t.Helper()
	var all []candidate
	ctx := within(t, time.Minute)
	for _, v := range list(t, at, staking.Validators) {
		_, hasKeys, err := sdk.Find(ctx, at, session.NextKeys, v.Key)
		if err != nil {
			t.Fatal(err)
		}
		seen, ever, err := sdk.Find(ctx, at, r2s.LastSeen, v.Key)
		if err != nil {
			t.Fatal(err)
		}
		if hasKeys && ever && seen+window >= now {
			all = append(all, candidate{stash: v.Key, backing: new(big.Int)})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int { return bytes.Compare(a.stash[:], b.stash[:]) })
	return all
}

// activeBonds are the active stakes by stash, in planck.
func activeBonds(t *testing.T, at sdk.At) map[substrate.AccountID]*big.Int {
	t.Helper()
	bonds := make(map[substrate.AccountID]*big.Int)
	for _, l := range list(t, at, staking.Ledgers) {
		bonds[l.Value.Stash] = l.Value.Active.Big()
	}
	return bonds
}

// creditOf is the weighted credit of the last five periods; nothing for who did
// not work in the last one.
func creditOf(t *testing.T, at sdk.At, who substrate.AccountID, block, period uint32) int64 {
	t.Helper()
	if block < period {
		return 0
	}
	last := block/period - 1
	score := int64(0)
	for i, weight := range []int64{50, 20, 15, 10, 5} {
		if uint32(i) > last {
			break
		}
		value, ok, err := sdk.FindPair(within(t, time.Minute), at, schedulercredit.HistoryCreditValues, last-uint32(i), who)
		if err != nil {
			t.Fatal(err)
		}
		if !ok && i == 0 {
			return 0
		}
		score += nearest(big.NewInt(int64(value)*weight), 100).Int64()
	}
	return score
}

var maxUint64 = new(big.Int).SetUint64(1<<64 - 1)

func tokens(n int64) *big.Int {
	return new(big.Int).Mul(big.NewInt(n), new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil))
}

// nearest is x/n, halves down.
func nearest(x *big.Int, n int64) *big.Int {
	q, r := new(big.Int).QuoRem(x, big.NewInt(n), new(big.Int))
	if r.Lsh(r, 1).Cmp(big.NewInt(n)) > 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

func atHeight(t *testing.T, chain *sdk.Client, block uint32) sdk.At {
	t.Helper()
	return must(chain.AtHeight(within(t, time.Minute), block))(t)
}

// must fails the test on an error.
func must[V any](v V, err error) func(*testing.T) V {
	return func(t *testing.T) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// addressText is an account as people write it.
func addressText(who substrate.AccountID) string { return types.Address(who).String() }
