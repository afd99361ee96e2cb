package staking_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// The exposure in the genesis of the public test network: with 2,300,000,001
// tokens issued a bond of 3,000,000 counts a little less (spec/consensus.md §5).
func TestExposureCountsInVotes(t *testing.T) {
	c := world(t, nil)
	c.NextBlocks(1)
	if err := c.Do(func(ctx *runtime.Context) error {
		balances.TotalIssuance.Put(ctx, types.Tokens(2_300_000_001))
		staking.ForceEra.Put(ctx, staking.ForceNew)
		api.NewSession(ctx, 1)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	o, ok := staking.ErasStakersOverview.Get(c.Ctx(), 1, validator)
	want := parse(t, "2999999999999999910206895")
	if !ok || o.Total != want || o.Own != want || o.PageCount != 0 {
		t.Fatalf("overview %+v, want a total of %v", o, want)
	}
	if total := staking.ErasTotalStake.Get(c.Ctx(), 1); total != want {
		t.Fatalf("all together %v", total)
	}
	if least := staking.MinimumActiveStake.Get(c.Ctx()); least != scale.U128From64(1<<64-1) {
		t.Fatalf("the least stake without nominators is %v", least)
	}
}

// A nominator's stake is spread over those of its targets that serve, to the
// last vote; the others of its targets get nothing.
func TestNominationsAreSpread(t *testing.T) {
	c := world(t, map[string]any{"Staking.MaxElectingVoters": 5})
	c.Must(bob, bond(3_000_000))
	c.Must(bob, staking.Validate{})
	lives(t, c, bob)
	stake := types.Tokens(1_000_000).SaturatingAdd(scale.U128From64(1_234_567_891))
	for _, who := range []accountID{charlie, dave, palletstest.Eve, alice} {
		c.Must(who, staking.Bond{Value: stake, Payee: staking.PayStash{}})
		c.Must(who, staking.Nominate{Targets: to(validator, bob, who, validator)})
	}
	unit := types.Balance{}
	if err := c.Do(func(ctx *runtime.Context) error {
		unit = balances.TotalIssuance.Get(ctx).Div64(1<<64 - 1)
		staking.ForceEra.Put(ctx, staking.ForceNew)
		staking.ValidatorCount.Put(ctx, 2)
		api.NewSession(ctx, 1)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if e := palletstest.EventsOf[staking.SnapshotVotersSizeExceededEvent](c); len(e) != 1 || e[0].Size != 5 {
		t.Fatalf("events %+v: only three nominators count", e)
	}
	votes, era := stake.Div(unit), api.CurrentEra(c.Ctx())
	got := map[accountID]amount{}
	for _, v := range []accountID{validator, bob} {
		o, _ := staking.ErasStakersOverview.Get(c.Ctx(), era, v)
		page, _ := staking.ErasStakersPaged.Get(c.Ctx(), era, v, 0)
		sum := amount{}
		for _, n := range page.Others {
			got[n.Who] = got[n.Who].SaturatingAdd(n.Value)
			sum = sum.SaturatingAdd(n.Value)
		}
		if page.PageTotal != sum || o.Total != o.Own.SaturatingAdd(sum) || o.NominatorCount != 3 {
			t.Errorf("overview %+v of a page of %v", o, sum)
		}
	}
	if len(got) != 3 {
		t.Fatalf("%d nominators count", len(got))
	}
	for who, x := range got {
		if x != votes.SaturatingMul(unit) {
			t.Errorf("%v backs with %v of %v", types.Address(who), x, stake)
		}
	}
}
