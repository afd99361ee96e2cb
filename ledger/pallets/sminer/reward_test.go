package sminer_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// u is n planck.
func u(n uint64) types.Balance { return scale.U128From64(n) }

// claim pays out and returns what the event says.
func (w *world) claim(who account) types.Balance {
	w.t.Helper()
	w.Must(who, sminer.ReceiveReward{})
	events := palletstest.EventsOf[sminer.ReceiveEvent](w.Chain)
	if len(events) != 1 {
		w.t.Fatalf("%d claims reported", len(events))
	}
	return events[0].Reward
}

// Staking pays miners at the end of an era, for the challenges of the era that
// begins.
func TestErasPayMiners(t *testing.T) {
	w := newWorld(t, 2, map[string]any{"Babe.EpochDuration": 5, "Staking.SessionsPerEra": 2})
	w.do(func(ctx *runtime.Context) error { staking.ForceEra.Put(ctx, staking.NotForcing); return nil })
	for range 60 {
		for _, who := range w.miners {
			w.pass(who, gib, gib)
			w.sound()
		}
		w.claim(w.miners[0])
		w.sound()
	}
	first, _ := treasury.RoundReward(w.Ctx(), 1)
	if era := staking.CurrentEra; first.IsZero() || w.reward(w.miners[0]).TotalReward.IsZero() {
		n, _ := era.Get(w.Ctx())
		t.Fatalf("era %d, first payout %v, rewards %+v", n, first, w.reward(w.miners[0]))
	}
}

func TestPower(t *testing.T) {
	if got := sminer.Power(u(199), u(99)); got != u(9+94) {
		t.Fatalf("power %v", got)
	}
}

// Three quarters of the power earn three quarters of the payout: half of it at
// once, the rest a ninetieth a day.
func TestRewardIsReleased(t *testing.T) {
	w := newWorld(t, 2, nil)
	first, second := w.miners[0], w.miners[1]
	w.payout(1, types.Tokens(120))
	w.pass(first, 0, 300)
	w.pass(second, 0, 100)
	w.Must(first, sminer.UpdateBeneficiary{Beneficiary: bob})
	if x := w.claim(first); !x.IsZero() {
		t.Fatalf("the era is not over and pays %v", x)
	}
	w.era(2)
	before := w.free(bob)
	if x := w.claim(first); x != types.Tokens(45) {
		t.Fatalf("half of the reward is %v", x)
	}
	r := w.reward(first)
	if r.TotalReward != types.Tokens(90) || len(r.Orders) != 1 || r.Orders[0].EachAmount != u(5e17) {
		t.Fatalf("reward %+v", r)
	}
	finish := r.Orders[0].LastReceiveBlock
	w.GoTo(finish + 2*day - 1)
	if x := w.claim(first); x != types.Tokens(1) { // two days after, in block finish+2·day
		t.Fatalf("two parts are %v", x)
	}
	w.GoTo(finish + 100*day)
	if x := w.claim(first); x != types.Tokens(44) {
		t.Fatalf("the other 88 parts are %v", x)
	}
	if x := w.free(bob).SaturatingSub(before); x != types.Tokens(90) {
		t.Fatalf("the beneficiary has got %v", x)
	}
	if r := w.reward(first); r.RewardIssued != r.TotalReward || len(r.Orders) != 0 {
		t.Fatalf("after 90 days: %+v", r)
	}
	w.sound()
}

// A claim does not take the part of the day that has passed away.
func TestClaimsDoNotDelayRewards(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.payout(1, types.Tokens(180))
	w.pass(who, 0, 100)
	finish := w.Number()
	w.era(2)
	got := types.Balance{}
	for w.Number() < finish+4*day-8 {
		got = got.SaturatingAdd(w.claim(who))
		w.NextBlocks(6)
	}
	w.GoTo(finish + 4*day - 1)
	if got = got.SaturatingAdd(w.claim(who)); got != types.Tokens(90+4) {
		t.Fatalf("%v after four days", got)
	}
}

// Upstream leaves up to 90 planck of every order in the pot.
func TestBugDustOfTranches(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.payout(1, u(1_000_000_179))
	w.pass(who, 100, 100)
	w.era(2)
	w.NextBlocks(100 * day)
	if x := w.claim(who); x != u(1_000_000_179) {
		t.Fatalf("paid %v", x)
	}
	if pot := w.free(rewardPot); pot != types.Tokens(1) {
		t.Fatalf("the pot keeps %v", pot)
	}
	w.sound()
}

// An era without payout waits; what other eras pay does not.
func TestBugRoundWithoutPayoutBlocksClaims(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.pass(who, 0, 100) // in era 0, which never gets a payout
	w.payout(1, types.Tokens(180))
	w.pass(who, 0, 100)
	w.era(2)
	if x := w.claim(who); x != types.Tokens(90) {
		t.Fatalf("paid %v", x)
	}
	list := sminer.CompleteMinerSnapShots.Get(w.Ctx(), who)
	if len(list) != 1 || list[0].EraIndex != 0 || list[0].Issued {
		t.Fatalf("waiting: %+v", list)
	}
	w.payout(0, types.Tokens(360)) // late, but it comes
	w.era(2)
	if x := w.claim(who); x != types.Tokens(180) {
		t.Fatalf("paid %v", x)
	}
	w.sound()
}

// Challenges of eras without payout make room for those that can be paid.
func TestUnpaidErasMakeRoom(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	for range 90 {
		w.pass(who, 0, 100)
	}
	w.pass(who, 0, 100) // era 0 is not over
	if n := len(sminer.CompleteMinerSnapShots.Get(w.Ctx(), who)); n != 90 {
		t.Fatalf("%d wait", n)
	}
	w.payout(1, types.Tokens(180))
	w.pass(who, 0, 100)
	w.era(2)
	if x := w.claim(who); x != types.Tokens(90) {
		t.Fatalf("paid %v", x)
	}
	w.sound()
}

// A miner with more orders than fit loses none: those equally far are joined.
func TestBugMoreThan90Orders(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	paid, earned := types.Balance{}, types.Balance{}
	for era := uint32(1); era <= 60; era++ {
		x := types.Tokens(uint64(era))
		w.payout(era, x)
		earned = earned.SaturatingAdd(x)
		for range 4 {
			w.pass(who, 0, 100)
		}
		w.era(era + 1)
		if era%3 == 0 {
			paid = paid.SaturatingAdd(w.claim(who))
		}
		w.sound()
	}
	if n := len(w.reward(who).Orders); n != 90 {
		t.Fatalf("%d orders", n)
	}
	if total := w.reward(who).TotalReward; total != earned {
		t.Fatalf("earned %v of %v", total, earned)
	}
	w.NextBlocks(92 * day)
	if paid = paid.SaturatingAdd(w.claim(who)); paid != earned {
		t.Fatalf("paid %v of %v", paid, earned)
	}
	w.sound()
}

// A miner that claims nothing for long is paid before its list overflows.
func TestFullListIsSettled(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	earned := types.Balance{}
	for era := uint32(1); era <= 100; era++ {
		w.payout(era, types.Tokens(1))
		earned = earned.SaturatingAdd(types.Tokens(1))
		w.pass(who, 0, 100)
	}
	w.era(101)
	w.claim(who)
	if total := w.reward(who).TotalReward; total != earned {
		t.Fatalf("earned %v of %v", total, earned)
	}
	w.sound()
}

func TestUndoneChallengeEarnsNothing(t *testing.T) {
	w := newWorld(t, 2, nil)
	good, bad := w.miners[0], w.miners[1]
	w.payout(1, types.Tokens(360))
	w.pass(good, 0, 100)
	w.pass(bad, 0, 100)
	undo := func(finish uint32) {
		w.do(func(ctx *runtime.Context) error { return api.UndoSnapshot(ctx, bad, 1, finish) })
	}
	finish := w.Number()
	undo(finish + 1) // no such challenge
	if sum := sminer.CompleteSnapShots.Get(w.Ctx(), 1); sum.MinerCount != 2 {
		t.Fatalf("sum %+v", sum)
	}
	undo(finish)
	if sum := sminer.CompleteSnapShots.Get(w.Ctx(), 1); sum.MinerCount != 1 || sum.TotalPower != u(95) {
		t.Fatalf("sum %+v", sum)
	}
	w.era(2)
	if x := w.claim(bad); !x.IsZero() {
		t.Fatalf("the undone challenge paid %v", x)
	}
	if x := w.claim(good); x != types.Tokens(180) {
		t.Fatalf("the other paid %v", x)
	}
	undo(finish)
	w.sound()
}

// Undoing after others got their orders never promises more than the round has.
func TestUndoAfterOrders(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.payout(1, u(1000))
	finish := uint32(0)
	for _, who := range w.miners {
		w.pass(who, 0, 1000)
		finish = w.Number()
	}
	w.era(2)
	w.claim(w.miners[0])
	w.do(func(ctx *runtime.Context) error { return api.UndoSnapshot(ctx, w.miners[2], 1, finish) })
	w.claim(w.miners[1])
	if total, taken := treasury.RoundReward(w.Ctx(), 1); total.Less(taken) || taken != u(833) {
		t.Fatalf("promised %v of %v", taken, total)
	}
	w.sound()
}

// However many challenges a miner passes and whenever it claims, in the end it
// has received what they earned, to the planck.
func TestNoRewardIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const day = 2 // blocks
		w, model := newWorld(t, 2, map[string]any{"Sminer.OneDayBlock": day}), newLedger()
		era, last := uint32(1), uint32(rapid.IntRange(2, 40).Draw(t, "eras"))
		for ; era < last; era++ {
			x := u(rapid.Uint64Range(1, 1e15).Draw(t, "payout"))
			w.payout(era, x)
			model.payout(era, x)
			for range rapid.IntRange(0, 6).Draw(t, "challenges") {
				who := rapid.SampledFrom(w.miners).Draw(t, "miner")
				w.pass(who, 0, 1000)
				model.pass(who, era, w.Number(), u(0), u(1000))
			}
			if rapid.IntRange(0, 3).Draw(t, "claims") == 0 {
				w.era(era + 1)
				w.claim(rapid.SampledFrom(w.miners).Draw(t, "claimant"))
			}
			w.NextBlocks(rapid.Uint32Range(0, 2*day).Draw(t, "blocks"))
			w.sound()
		}
		w.era(era)
		for _, who := range w.miners { // orders that were joined end a day later
			w.claim(who)
		}
		w.NextBlocks(91 * day)
		for _, who := range w.miners {
			w.claim(who)
			model.settle(who, era)
			if r := w.reward(who); r.RewardIssued != model.total(who) || len(r.Orders) != 0 {
				t.Fatalf("miner %v received %v of %v", who, r.RewardIssued, model.total(who))
			}
		}
		w.sound()
	})
}

func TestWhoMayClaim(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.Must(alice, sminer.ReceiveReward{}) // no miner: nothing happens
	who := w.miners[0]
	for state, want := range map[string]error{
		sminer.StatePositive: nil, sminer.StateExit: nil,
		sminer.StateFrozen: sminer.ErrNotPositiveState, sminer.StateLock: sminer.ErrNotPositiveState,
		sminer.StateOffline: sminer.ErrNotPositiveState, sminer.StateNotReady: sminer.ErrNotPositiveState,
	} {
		w.edit(who, func(m *sminer.Miner) { m.State = sminer.State(state) })
		if err := w.Run(who, sminer.ReceiveReward{}); !errors.Is(err, want) {
			t.Errorf("in state %q: %v", state, err)
		}
	}
}
