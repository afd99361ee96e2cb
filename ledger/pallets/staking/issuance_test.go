package staking_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// The table of spec/consensus.md §4.2: what an era of a year pays, in planck.
func TestIssuanceSchedule(t *testing.T) {
	for _, x := range []struct {
		era                uint32
		validators, miners string
	}{
		{0, "163244353182751540041067", "326488706365503080082135"},
		{1460, "163244353182751540041067", "326488706365503080082135"},
		{1461, "137288501026694045174537", "274577002053388090349075"},
		{2 * 1461, "115459629363449691991786", "230919258726899383983572"},
		{3 * 1461, "97101548294661190965092", "194203096589322381930184"},
		{4 * 1461, "81662402115810061601642", "163324804231620123203285"},
		{10 * 1461, "28893365100643173263293", "57786730201286346526587"},
		{29 * 1461, "1076272009035518642890", "2152544018071037285780"},
		{30 * 1461, "905144759598871178670", "1810289519197742357341"},
		{4_000_000_000, "905144759598871178670", "1810289519197742357341"},
	} {
		c := world(t, nil)
		// The chain stands shortly before the end of the era in question.
		c.GoTo(eraBlocks)
		err := c.Do(func(ctx *runtime.Context) error {
			staking.ActiveEra.Put(ctx, staking.ActiveEraInfo{Index: x.era, Start: scale.Some(uint64(1))})
			api.NewSession(ctx, 90)
			staking.ErasStartSessionIndex.Put(ctx, x.era+1, 90)
			api.EndSession(ctx, 89)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		e := palletstest.EventsOf[staking.EraPaidEvent](c)
		want := staking.EraPaidEvent{EraIndex: x.era, ValidatorPayout: parse(t, x.validators), SminerPayout: parse(t, x.miners)}
		var got staking.EraPaidEvent
		for _, got = range e {
			if got.EraIndex == x.era {
				break
			}
		}
		if got != want {
			t.Errorf("era %d pays %+v, want %+v", x.era, got, want)
		}
		checkMoney(t, c)
	}
}
