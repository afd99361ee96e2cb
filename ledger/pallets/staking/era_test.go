package staking_test

import (
	"math/big"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/cesstreasury"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Eras follow sessions: CurrentEra advances with the first block of an era's
// last session, ActiveEra with the first block of the next era; that block's
// author still earns points for the era before (spec/consensus.md §4.1, §9.2).
func TestErasFollowSessions(t *testing.T) {
	c := world(t, nil)
	pot := substrate.AccountOfPallet(types.RewardPot)
	minted := types.Tokens(1)
	for height := uint32(1); height <= 5*eraBlocks; height++ {
		c.NextBlocks(1)
		ctx := c.Ctx()
		active := (height - 1) / eraBlocks
		planned := active
		if (height-1)%eraBlocks >= eraBlocks-epochBlocks {
			planned++
		}
		if got := api.ActiveEra(ctx); got != active {
			t.Fatalf("block %d is in era %d, want %d", height, got, active)
		}
		if got := api.CurrentEra(ctx); got != planned {
			t.Fatalf("block %d: era %d is planned, want %d", height, got, planned)
		}
		if got := staking.CurrentPlannedSession.Get(ctx); got != (height-1)/epochBlocks+1 {
			t.Fatalf("block %d: session %d is planned", height, got)
		}
		if got := session.CurrentIndex.Get(ctx); got != (height-1)/epochBlocks {
			t.Fatalf("block %d is in session %d", height, got)
		}
		info, _ := staking.ActiveEra.Get(ctx)
		if start, ok := info.Start.Get(); !ok || start != uint64(active*eraBlocks+1)*6000 {
			t.Fatalf("block %d: era %d began at %d, %v", height, active, start, ok)
		}
		paid := palletstest.EventsOf[staking.EraPaidEvent](c)
		if first := height > 1 && (height-1)%eraBlocks == 0; first != (len(paid) == 1) {
			t.Fatalf("block %d pays %d eras", height, len(paid))
		}
		for _, e := range paid {
			minted = minted.SaturatingAdd(e.SminerPayout)
			if e.EraIndex != active-1 {
				t.Fatalf("block %d pays era %d", height, e.EraIndex)
			}
			if reward, _ := staking.ErasValidatorReward.Get(ctx, e.EraIndex); reward != e.ValidatorPayout {
				t.Fatalf("era %d: %v is recorded for validators", e.EraIndex, reward)
			}
			// The payout for era N is booked under N+1, the planned era.
			if total, _ := (cesstreasury.API{}).RoundReward(ctx, active); total != e.SminerPayout {
				t.Fatalf("round %d has %v", active, total)
			}
		}
		if got := money.Free(ctx, pot); got != minted {
			t.Fatalf("block %d: miners' pot has %v, want %v", height, got, minted)
		}
	}
	for era := range uint32(4) {
		want := uint32(eraBlocks * 20)
		if era == 0 {
			want += 20
		}
		points := staking.ErasRewardPoints.Get(c.Ctx(), era)
		if own, _ := points.Individual.Get(validator); own != want || points.Total != want {
			t.Errorf("era %d: %d of %d points, want all of %d", era, own, points.Total, want)
		}
	}
	if got := staking.BondedEras.Get(c.Ctx()); !slices.Equal(got, []staking.BondedEra{{Era: 0, Session: 0}, {Era: 1, Session: 3}, {Era: 2, Session: 6}, {Era: 3, Session: 9}, {Era: 4, Session: 12}}) {
		t.Errorf("bonded eras %v", got)
	}
	checkMoney(t, c)
}

func TestForcing(t *testing.T) {
	t.Run("none", func(t *testing.T) {
		c := world(t, nil)
		root(t, c, staking.ForceNoEras{})
		c.GoTo(3 * eraBlocks)
		if era := api.ActiveEra(c.Ctx()); era != 0 {
			t.Fatalf("era %d began", era)
		}
	})
	t.Run("new", func(t *testing.T) {
		c := world(t, nil)
		root(t, c, staking.ForceNewEra{})
		c.GoTo(epochBlocks + 1)
		if era := api.CurrentEra(c.Ctx()); era != 1 {
			t.Fatalf("era %d is planned", era)
		}
		if mode := staking.ForceEra.Get(c.Ctx()); mode != staking.NotForcing {
			t.Fatalf("mode %d goes on", mode)
		}
		c.GoTo(2*epochBlocks + 1)
		if era := api.ActiveEra(c.Ctx()); era != 1 {
			t.Fatalf("era %d is active", era)
		}
		c.GoTo(5*epochBlocks + 1)
		if era := api.ActiveEra(c.Ctx()); era != 2 {
			t.Fatalf("era %d is active: eras have three sessions again", era)
		}
	})
	t.Run("always", func(t *testing.T) {
		c := world(t, nil)
		root(t, c, staking.ForceNewEraAlways{})
		c.GoTo(6*epochBlocks + 1)
		if era := api.ActiveEra(c.Ctx()); era != 5 {
			t.Fatalf("era %d after six sessions", era)
		}
	})
}

// Old eras leave nothing behind.
func TestHistoryIsBounded(t *testing.T) {
	c := world(t, map[string]any{"Staking.HistoryDepth": 2, "Staking.BondingDuration": 3})
	c.Must(bob, bond(1000))
	c.Must(bob, staking.Nominate{Targets: to(validator)})
	c.GoTo(3*eraBlocks + 1)
	c.Must(alice, staking.PayoutStakers{ValidatorStash: validator, Era: 2})
	c.GoTo(8*eraBlocks + 1)
	ctx := c.Ctx()
	for _, era := range []uint32{0, 1, 2, 3, 4, 5} {
		kept := era+2 >= api.CurrentEra(ctx)
		if _, ok := staking.ErasStakersOverview.Get(ctx, era, validator); ok != kept {
			t.Errorf("era %d: overview kept: %v", era, ok)
		}
		if _, ok := staking.ErasValidatorReward.Get(ctx, era); ok != kept {
			t.Errorf("era %d: reward kept: %v", era, ok)
		}
		if _, ok := staking.ErasStartSessionIndex.Get(ctx, era); ok != kept {
			t.Errorf("era %d: start kept: %v", era, ok)
		}
		if ok := staking.ErasValidatorPrefs.Contains(ctx, era, validator) || staking.ClaimedRewards.Contains(ctx, era, validator); ok != kept {
			t.Errorf("era %d: preferences or claims kept: %v", era, ok)
		}
		for range staking.ErasStakersPaged.IterPrefix(ctx, era) {
			if !kept {
				t.Errorf("era %d: pages kept", era)
			}
		}
	}
	if got := staking.BondedEras.Get(ctx); len(got) != 4 || got[0].Era != 5 {
		t.Errorf("bonded eras %v: the last four can be slashed", got)
	}
}

// Independent arithmetic of spec/consensus.md §4.3, on big integers.

var billion = big.NewInt(1_000_000_000)

func ratio(p, q amount) *big.Int {
	x := new(big.Int).Mul(p.Big(), billion)
	return x.Div(x, q.Big())
}

func nearest(parts, x *big.Int) *big.Int {
	q, r := new(big.Int).DivMod(new(big.Int).Mul(parts, x), billion, new(big.Int))
	if new(big.Int).Mul(r, big.NewInt(2)).Cmp(billion) > 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

func u128(t testing.TB, x *big.Int) amount {
	t.Helper()
	v, ok := scale.U128FromBig(x)
	if !ok {
		t.Fatalf("%v does not fit", x)
	}
	return v
}

// An era with two validators, a commission, five nominators on three pages and
// all kinds of payees pays to the planck.
func TestPayoutIsExact(t *testing.T) {
	c := world(t, map[string]any{"Staking.MaxExposurePageSize": 2})
	commission := substrate.Perbill(123_456_789)
	c.Must(validator, staking.Validate{Prefs: staking.ValidatorPrefs{Commission: commission}})
	payees := []staking.RewardDestination{
		staking.PayStaked{}, staking.PayStash{}, staking.PayAccount{Account: palletstest.Account("pension")},
		staking.PayNone{}, staking.PayController{},
	}
	payeeOf := map[accountID]staking.RewardDestination{validator: staking.PayStaked{}}
	for i, who := range []accountID{alice, bob, charlie, dave, palletstest.Eve} {
		x := types.Tokens(uint64(1_000_003 * (i + 1))).SaturatingAdd(scale.U128From64(uint64(i)*7 + 1))
		c.Must(who, staking.Bond{Value: x, Payee: payees[i]})
		c.Must(who, staking.Nominate{Targets: to(validator)})
		payeeOf[who] = payees[i]
	}
	c.GoTo(3*eraBlocks - 1)
	other := palletstest.Account("another validator")
	if err := c.Do(func(ctx *runtime.Context) error {
		points := staking.ErasRewardPoints.Get(ctx, 2)
		points.Individual.Put(other, 130)
		points.Total += 130
		staking.ErasRewardPoints.Put(ctx, 2, points)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	c.GoTo(3*eraBlocks + 1)
	ctx := c.Ctx()
	overview, _ := staking.ErasStakersOverview.Get(ctx, 2, validator)
	if overview.PageCount != 3 || overview.NominatorCount != 5 {
		t.Fatalf("overview %+v", overview)
	}
	points := staking.ErasRewardPoints.Get(ctx, 2)
	own, _ := points.Individual.Get(validator)
	reward, _ := staking.ErasValidatorReward.Get(ctx, 2)
	total := nearest(ratio(scale.U128From64(uint64(own)), scale.U128From64(uint64(points.Total))), reward.Big())
	cut := nearest(big.NewInt(int64(commission)), total)
	rest := new(big.Int).Sub(total, cut)

	issued := balances.TotalIssuance.Get(ctx)
	sum := amount{}
	for page := range uint32(3) {
		nominators, ok := staking.ErasStakersPaged.Get(c.Ctx(), 2, validator, page)
		if !ok {
			t.Fatalf("no page %d", page)
		}
		staked := amount{}
		if page == 0 {
			staked = overview.Own
		}
		mine := nearest(ratio(staked, overview.Total), rest)
		mine.Add(mine, nearest(ratio(nominators.PageTotal.SaturatingAdd(staked), overview.Total), cut))
		want := map[accountID]amount{validator: u128(t, mine)}
		for _, n := range nominators.Others {
			if payeeOf[n.Who] != (staking.PayNone{}) {
				want[n.Who] = u128(t, nearest(ratio(n.Value, overview.Total), rest))
			}
		}
		before := map[accountID]staking.Ledger{}
		for who := range want {
			before[who] = ledger(t, c, who)
		}
		c.Must(palletstest.Eve, staking.PayoutStakers{ValidatorStash: validator, Era: 2})
		started := palletstest.EventsOf[staking.PayoutStartedEvent](c)
		if len(started) != 1 || started[0].Page != page || started[0].Next.IsSome() != (page < 2) {
			t.Fatalf("page %d: %+v", page, started)
		}
		rewarded := palletstest.EventsOf[staking.RewardedEvent](c)
		if len(rewarded) != len(want) {
			t.Fatalf("page %d: %d rewards, want %d", page, len(rewarded), len(want))
		}
		for _, e := range rewarded {
			sum = sum.SaturatingAdd(e.Amount)
			if e.Amount != want[e.Stash] || e.Dest != payeeOf[e.Stash] {
				t.Errorf("page %d: %v gets %v in %v, want %v", page, types.Address(e.Stash), e.Amount, e.Dest, want[e.Stash])
			}
			grown := ledger(t, c, e.Stash).Active.SaturatingSub(before[e.Stash].Active)
			if e.Dest == (staking.PayStaked{}) && grown != e.Amount || e.Dest != (staking.PayStaked{}) && !grown.IsZero() {
				t.Errorf("the bond of %v grew by %v", types.Address(e.Stash), grown)
			}
		}
		checkMoney(t, c)
	}
	if got := balances.TotalIssuance.Get(c.Ctx()).SaturatingSub(issued); got != sum {
		t.Errorf("%v was minted for rewards of %v", got, sum)
	}
}
