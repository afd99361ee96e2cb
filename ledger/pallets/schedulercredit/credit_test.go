package schedulercredit_test

import (
	"bytes"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	credit "github.com/gocess/gocess/ledger/pallets/schedulercredit"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const period = 5 // blocks

var (
	alice, bob = palletstest.Alice, palletstest.Bob
	// stashes are bonded; Dave is not.
	stashes = []substrate.AccountID{alice, bob, palletstest.Charlie}
	api     credit.API
)

func newChain(t palletstest.TB) *palletstest.Chain {
	var bonded []staking.GenesisStaker
	for _, who := range stashes {
		bonded = append(bonded, staking.GenesisStaker{Stash: types.Address(who), Bond: types.Tokens(1000)})
	}
	return palletstest.New(t, palletstest.Genesis{
		Constants: map[string]any{"SchedulerCredit.PeriodDuration": period},
		Pallets:   map[string]any{"Staking": staking.Genesis{Stakers: bonded}},
	})
}

func do(t palletstest.TB, c *palletstest.Chain, fn func(ctx *runtime.Context)) {
	t.Helper()
	if err := c.Do(func(ctx *runtime.Context) error { fn(ctx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func u(n uint64) scale.U128 { return scale.U128From64(n) }

func TestPoints(t *testing.T) {
	c := newChain(t)
	points := uint64(0)
	for name, tt := range map[string]struct {
		record func(*runtime.Context, substrate.AccountID, scale.U128)
		size   uint64
		want   uint64
	}{
		"two fragments":              {api.RecordTag, 2 * types.FragmentSize, 180},
		"a byte more":                {api.RecordTag, 2*types.FragmentSize + 1, 360},
		"nothing":                    {api.RecordTag, 0, 0},
		"certified 32 GiB":           {api.RecordCertIdle, 32 * types.GiB, 8},
		"an idle file replaced":      {api.RecordReplace, 64 * types.MiB, 1},
		"idle space judged":          {api.RecordIdleVerify, 17 * types.GiB, 2},
		"service space judged":       {api.RecordServiceVerify, 16 * types.GiB, 192},
		"a fragment judged, rounded": {api.RecordServiceVerify, types.FragmentSize, 12},
	} {
		do(t, c, func(ctx *runtime.Context) {
			credit.CurrentCounters.Delete(ctx, alice)
			tt.record(ctx, alice, u(tt.size))
			points = credit.CurrentCounters.Get(ctx, alice).Points
		})
		if points != tt.want {
			t.Errorf("%s: %d points, want %d", name, points, tt.want)
		}
	}
}

func TestCountersSaturate(t *testing.T) {
	c := newChain(t)
	do(t, c, func(ctx *runtime.Context) {
		for range 2 {
			api.RecordTag(ctx, alice, scale.U128FromParts(1<<60, 0))
		}
		credit.CurrentCounters.Put(ctx, bob, credit.CounterEntry{Punishments: ^uint32(0)})
		api.RecordPunishment(ctx, bob)
		if e := credit.CurrentCounters.Get(ctx, alice); e.Points != ^uint64(0) {
			t.Errorf("points %d", e.Points)
		}
		if e := credit.CurrentCounters.Get(ctx, bob); e.Punishments != ^uint32(0) {
			t.Errorf("punishments %d", e.Punishments)
		}
	})
	c.GoTo(period)
	if a, b := credit.HistoryCreditValues.Get(c.Ctx(), 0, alice), credit.HistoryCreditValues.Get(c.Ctx(), 0, bob); a != 1000 || b != 0 {
		t.Errorf("credit %d and %d", a, b)
	}
}

// A third of the work with one punishment: 333 less 100.
func TestPeriodsBecomeCredit(t *testing.T) {
	c := newChain(t)
	do(t, c, func(ctx *runtime.Context) {
		credit.CurrentCounters.Put(ctx, alice, credit.CounterEntry{Points: 10, Punishments: 1})
		credit.CurrentCounters.Put(ctx, bob, credit.CounterEntry{Points: 20})
		credit.CurrentCounters.Put(ctx, palletstest.Dave, credit.CounterEntry{})
	})
	c.GoTo(period - 1)
	if api.Credits(c.Ctx()) != nil {
		t.Fatal("credits before the first period is over")
	}
	c.GoTo(period)
	if a, b := credit.HistoryCreditValues.Get(c.Ctx(), 0, alice), credit.HistoryCreditValues.Get(c.Ctx(), 0, bob); a != 233 || b != 667 {
		t.Fatalf("credit %d and %d", a, b)
	}
	for range credit.CurrentCounters.Iter(c.Ctx()) {
		t.Fatal("the counters go on")
	}
	want := []credit.Credit{{Account: alice, Score: 116}, {Account: bob, Score: 333}} // half, ties down
	slices.SortFunc(want, func(a, b credit.Credit) int { return bytes.Compare(a.Account[:], b.Account[:]) })
	if got := api.Credits(c.Ctx()); !slices.Equal(got, want) {
		t.Fatalf("credits %v, want %v", got, want)
	}
	c.GoTo(2 * period)
	if got := api.Credits(c.Ctx()); len(got) != 0 {
		t.Fatalf("credits after a period without work: %v", got)
	}
}

// Scores follow the formula of spec/pallets-mining.md §6, computed here from
// all the work there was.
func TestCreditsFollowFormula(t *testing.T) {
	slices.SortFunc(stashes, func(a, b substrate.AccountID) int { return bytes.Compare(a[:], b[:]) })
	rapid.Check(t, func(t *rapid.T) {
		c := newChain(t)
		var values []map[substrate.AccountID]int64 // by period
		for range rapid.IntRange(1, 9).Draw(t, "periods") {
			work := map[substrate.AccountID]credit.CounterEntry{}
			for _, who := range stashes {
				if rapid.Bool().Draw(t, "works") {
					work[who] = credit.CounterEntry{
						Points:      rapid.Uint64Range(0, 1<<40).Draw(t, "points"),
						Punishments: rapid.Uint32Range(0, 4).Draw(t, "punishments"),
					}
				}
			}
			do(t, c, func(ctx *runtime.Context) {
				for who, e := range work {
					credit.CurrentCounters.Put(ctx, who, e)
				}
			})
			c.GoTo((c.Number()/period + 1) * period)
			values = append(values, credits(work))
			last := len(values) - 1
			var want []credit.Credit
			for _, who := range stashes {
				if _, ok := values[last][who]; !ok {
					continue
				}
				score := int64(0)
				for i, weight := range []int64{50, 20, 15, 10, 5} {
					if i <= last {
						score += nearest(values[last-i][who]*weight, 100)
					}
				}
				want = append(want, credit.Credit{Account: who, Score: uint32(score)})
			}
			if got := api.Credits(c.Ctx()); !slices.Equal(got, want) {
				t.Fatalf("credits %v, want %v", got, want)
			}
			if p := uint32(last); p >= 5 {
				for range credit.HistoryCreditValues.IterPrefix(c.Ctx(), p-5) {
					t.Fatalf("period %d is remembered", p-5)
				}
			}
		}
	})
}

func credits(work map[substrate.AccountID]credit.CounterEntry) map[substrate.AccountID]int64 {
	total, out := new(big.Int), map[substrate.AccountID]int64{}
	for _, e := range work {
		total.Add(total, new(big.Int).SetUint64(e.Points))
	}
	for who, e := range work {
		out[who] = 0
		if total.Sign() > 0 {
			parts := new(big.Int).SetUint64(e.Points)
			parts.Mul(parts, big.NewInt(1e9)).Div(parts, total)
			fine := 10 * int64(e.Punishments)
			out[who] = max(0, nearest(parts.Int64()*1000, 1e9)-fine*fine)
		}
	}
	return out
}

// nearest is p/q rounded, ties down.
func nearest(p, q int64) int64 { return (2*p + q - 1) / (2 * q) }
