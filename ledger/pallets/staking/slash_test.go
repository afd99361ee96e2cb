package staking_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/treasury"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

func leastBond(t *testing.T, c *palletstest.Chain, x amount) {
	t.Helper()
	if err := c.Do(func(ctx *runtime.Context) error { staking.MinValidatorBond.Put(ctx, x); return nil }); err != nil {
		t.Fatal(err)
	}
}

// A TEE worker's stash loses 5 % of MinValidatorBond at once, to the treasury.
func TestSlashScheduler(t *testing.T) {
	c := world(t, nil)
	leastBond(t, c, types.Tokens(1_000_000))
	before, pot := money.Free(c.Ctx(), validator), money.Free(c.Ctx(), pallets.Treasury)
	if err := c.Do(func(ctx *runtime.Context) error { return api.SlashScheduler(ctx, validator) }); err != nil {
		t.Fatal(err)
	}
	fine := types.Tokens(50_000)
	if e := palletstest.EventsOf[staking.SlashedEvent](c); len(e) != 1 || e[0] != (staking.SlashedEvent{Staker: validator, Amount: fine}) {
		t.Fatalf("events %+v", e)
	}
	if got := money.Free(c.Ctx(), validator); got != before.SaturatingSub(fine) {
		t.Errorf("the stash has %v of %v", got, before)
	}
	if got := money.Free(c.Ctx(), pallets.Treasury); got != pot.SaturatingAdd(fine) {
		t.Errorf("the treasury has %v, had %v", got, pot)
	}
	if e := palletstest.EventsOf[treasury.DepositEvent](c); len(e) != 1 || e[0].Value != fine {
		t.Errorf("events %+v", e)
	}
	if l := ledger(t, c, validator); l.Total != types.Tokens(2_950_000) {
		t.Errorf("%v is left bonded", l.Total)
	}
	checkMoney(t, c)
	if err := c.Do(func(ctx *runtime.Context) error { return api.SlashScheduler(ctx, bob) }); !errors.Is(err, staking.ErrNotStash) {
		t.Errorf("slash of a stranger: %v", err)
	}
}

func TestSlashOfNothing(t *testing.T) {
	c := world(t, nil)
	if err := c.Do(func(ctx *runtime.Context) error { return api.SlashScheduler(ctx, validator) }); err != nil {
		t.Fatal(err)
	}
	if len(c.Events()) != 0 && len(palletstest.EventsOf[staking.SlashedEvent](c)) != 0 {
		t.Fatalf("events %+v", c.Events())
	}
	checkMoney(t, c)
}

// Repeated fines take what there is and never more.
func TestSlashTakesAllAtMost(t *testing.T) {
	c := world(t, nil)
	c.Must(bob, bond(100))
	leastBond(t, c, types.Tokens(1_000)) // a fine of 50 tokens
	for range 4 {
		if err := c.Do(func(ctx *runtime.Context) error { return api.SlashScheduler(ctx, bob) }); err != nil {
			t.Fatal(err)
		}
		checkMoney(t, c)
	}
	if l := ledger(t, c, bob); !l.Total.IsZero() {
		t.Fatalf("%v is left", l.Total)
	}
	c.Must(alice, staking.ReapStash{Stash: bob})
	if api.IsBonded(c.Ctx(), bob) {
		t.Fatal("the bond is left")
	}
	checkMoney(t, c)
}

// What was bonded when the offence happened is slashed in proportion, chunks
// that were unlocking before it only when that does not suffice.
func TestSlashOrder(t *testing.T) {
	c := world(t, nil)
	c.Must(bob, bond(1000))
	c.Must(bob, staking.Unbond{Value: types.Tokens(100)}) // unlocks in era 4
	c.GoTo(2 * eraBlocks)
	c.Must(bob, staking.Unbond{Value: types.Tokens(300)}) // unlocks in era 6
	leastBond(t, c, types.Tokens(3_000))                  // a fine of 150 tokens, in era 2
	if err := c.Do(func(ctx *runtime.Context) error { return api.SlashScheduler(ctx, bob) }); err != nil {
		t.Fatal(err)
	}
	l := ledger(t, c, bob)
	// 150 of 600 + 300 is a sixth of each, rounded up to 10⁻¹⁸.
	if l.Total != types.Tokens(850) || len(l.Unlocking) != 2 || l.Unlocking[0].Value != types.Tokens(100) {
		t.Fatalf("ledger %+v", l)
	}
	if lost := types.Tokens(600).SaturatingSub(l.Active); lost.Less(types.Tokens(100)) || types.Tokens(100).SaturatingAdd(types.Tokens(1)).Less(lost) {
		t.Fatalf("the active stake lost %v", lost)
	}
	checkMoney(t, c)
}

func deferred(t *testing.T, c *palletstest.Chain, era uint32, slashes ...staking.UnappliedSlash) {
	t.Helper()
	if err := c.Do(func(ctx *runtime.Context) error { staking.UnappliedSlashes.Put(ctx, era, slashes); return nil }); err != nil {
		t.Fatal(err)
	}
}

// Deferred slashes are carried out when their era begins: reporters get their
// part, the treasury the rest; canceled ones are not.
func TestDeferredSlashes(t *testing.T) {
	c := world(t, nil)
	c.Must(bob, bond(1000))
	c.Must(charlie, bond(1000))
	slash := func(own uint64) staking.UnappliedSlash {
		return staking.UnappliedSlash{
			Validator: bob, Own: types.Tokens(own),
			Others:    []staking.AccountAmount{{Account: charlie, Amount: types.Tokens(30)}, {Account: alice, Amount: types.Tokens(9)}},
			Reporters: []substrate.AccountID{dave, palletstest.Eve}, Payout: types.Tokens(10),
		}
	}
	deferred(t, c, 2, slash(500), slash(70), slash(900))
	root(t, c, staking.CancelDeferredSlash{Era: 2, SlashIndices: []uint32{0, 2}})
	c.GoTo(2 * eraBlocks)
	pot, reporter := money.Free(c.Ctx(), pallets.Treasury), money.Free(c.Ctx(), dave)
	c.NextBlocks(1)
	if e := palletstest.EventsOf[staking.SlashedEvent](c); len(e) != 2 || e[0].Amount != types.Tokens(70) || e[1].Amount != types.Tokens(30) {
		t.Fatalf("events %+v", e)
	}
	if got := money.Free(c.Ctx(), dave).SaturatingSub(reporter); got != types.Tokens(5) {
		t.Errorf("a reporter got %v", got)
	}
	if got := money.Free(c.Ctx(), pallets.Treasury).SaturatingSub(pot); got != types.Tokens(90) {
		t.Errorf("the treasury got %v", got)
	}
	if len(staking.UnappliedSlashes.Get(c.Ctx(), 2)) != 0 {
		t.Error("slashes are left")
	}
	checkMoney(t, c)
}

// The caller must count the slashing spans that it clears.
func TestSpansAreCounted(t *testing.T) {
	c := world(t, nil)
	c.Must(bob, bond(1000))
	err := c.Do(func(ctx *runtime.Context) error {
		staking.SlashingSpans.Put(ctx, bob, staking.Spans{SpanIndex: 2, LastStart: 1, Prior: []uint32{1, 1}})
		for i := range uint32(3) {
			staking.SpanSlash.Put(ctx, staking.SpanKey{Stash: bob, Span: i}, staking.SpanRecord{Slashed: types.Tokens(1)})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Root(staking.ForceUnstake{Stash: bob, NumSlashingSpans: 2}); !errors.Is(err, staking.ErrIncorrectSlashingSpans) {
		t.Fatalf("two of three spans: %v", err)
	}
	root(t, c, staking.ForceUnstake{Stash: bob, NumSlashingSpans: 3})
	for range staking.SpanSlash.Iter(c.Ctx()) {
		t.Fatal("a span is left")
	}
	checkMoney(t, c)
}
