package offences_test

import (
	"encoding/hex"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/grandpa"
	"github.com/gocess/gocess/ledger/pallets/offences"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// The fractions of spec/consensus.md §2.6, by hand.
func TestEquivocationFraction(t *testing.T) {
	for _, c := range []struct {
		k, n uint32
		want substrate.Perbill
	}{
		{1, 4, 562_500_000}, {2, 4, 1_000_000_000}, {1, 11, 74_380_164}, {3, 11, 669_421_487},
		{4, 11, 1_000_000_000}, {1, 100, 900_000}, {33, 100, 980_100_000}, {1, 1, 1_000_000_000},
	} {
		if got := grandpa.EquivocationFraction(c.k, c.n); got != c.want {
			t.Errorf("%d of %d: %d, want %d", c.k, c.n, got, c.want)
		}
	}
}

// A double vote costs the fraction for one offender, the seat's power and the
// right to be told as enabled, and nothing else changes.
func TestDoubleVoteIsPunished(t *testing.T) {
	w := newWorld(t, 4, nil)
	w.GoTo(6)
	w.accuse(3, 1)
	ctx, offender := w.Ctx(), w.validators[1]

	// Time slot: set 0, height 3. Kind: 16 bytes.
	if got := palletstest.EventsOf[offences.OffenceEvent](w.Chain); len(got) != 1 ||
		string(got[0].Kind[:]) != "grandpa:equivoca" ||
		hex.EncodeToString(got[0].Timeslot) != "00000000000000000300000000000000" {
		t.Fatalf("offences: %+v", got)
	}
	want := staking.SlashReportedEvent{Validator: offender, Fraction: 562_500_000, SlashEra: 0}
	if got := palletstest.EventsOf[staking.SlashReportedEvent](w.Chain); len(got) != 1 || got[0] != want {
		t.Fatalf("reports: %+v", got)
	}
	// Exposures count in votes; the bond is 3,000,000 tokens all but a vote's worth.
	overview, _ := staking.ErasStakersOverview.Get(ctx, 0, offender)
	part := substrate.Perbill(562_500_000).Mul(overview.Own)
	if got, _ := staking.ValidatorSlashInEra.Get(ctx, 0, offender); got.Amount != part || got.Fraction != 562_500_000 {
		t.Fatalf("slash in era: %+v, want %v", got, part)
	}
	list := staking.UnappliedSlashes.Get(ctx, 0+deferral+1)
	if len(list) != 1 || list[0].Validator != offender || list[0].Own != part || len(list[0].Others) != 0 {
		t.Fatalf("deferred: %+v", list)
	}
	if got := session.DisabledValidators.Get(ctx); !slices.Equal(got, []uint32{1}) {
		t.Fatalf("disabled: %v", got)
	}
	if got := w.logs("BABE"); len(got) != 1 || hex.EncodeToString(got[0]) != "0201000000" {
		t.Fatalf("BABE logs %x", got)
	}
	if got := w.logs("FRNK"); len(got) != 1 || hex.EncodeToString(got[0]) != "030100000000000000" {
		t.Fatalf("FRNK logs %x", got)
	}
	if !(r2s.API{}).IsExcluded(ctx, offender) || (r2s.API{}).IsExcluded(ctx, w.validators[2]) {
		t.Fatal("excluded are others than the offender")
	}
	if got := session.Validators.Get(ctx); !slices.Equal(got, w.validators) {
		t.Fatalf("validators: %v", got)
	}
	if !staking.Validators.Contains(ctx, offender) {
		t.Fatal("the offender was chilled")
	}
	w.accuse(3, 1) // again
	if got := palletstest.EventsOf[offences.OffenceEvent](w.Chain); len(got) != 0 {
		t.Fatalf("the same offence twice: %+v", got)
	}
}

// Who offends in the same time slot makes it worse for all, and staking takes no
// more than the difference.
func TestConcurrentOffencesAddUp(t *testing.T) {
	w := newWorld(t, 4, nil)
	w.GoTo(6)
	w.accuse(3, 1)
	w.accuse(3, 2)
	if got := palletstest.EventsOf[staking.SlashReportedEvent](w.Chain); len(got) != 2 ||
		got[0].Fraction != 1_000_000_000 || got[1].Fraction != 1_000_000_000 {
		t.Fatalf("reports: %+v", got)
	}
	sums := map[substrate.AccountID]types.Balance{}
	for _, s := range staking.UnappliedSlashes.Get(w.Ctx(), deferral+1) {
		sums[s.Validator] = sums[s.Validator].SaturatingAdd(s.Own)
	}
	for _, i := range []int{1, 2} {
		overview, _ := staking.ErasStakersOverview.Get(w.Ctx(), 0, w.validators[i])
		if sums[w.validators[i]] != overview.Own {
			t.Errorf("validator %d is to lose %v of %v", i, sums[w.validators[i]], overview.Own)
		}
	}
	// Only a third may be disabled, rounded down: one of four.
	if got := session.DisabledValidators.Get(w.Ctx()); !slices.Equal(got, []uint32{1}) {
		t.Errorf("disabled: %v", got)
	}
	if a := (r2s.API{}); !a.IsExcluded(w.Ctx(), w.validators[1]) || !a.IsExcluded(w.Ctx(), w.validators[2]) {
		t.Error("an offender may vote")
	}
}

// A slash is carried out when its era begins: the stake goes to the treasury. One
// that the council cancels is not.
func TestDeferredSlashes(t *testing.T) {
	for _, cancel := range []bool{false, true} {
		w := newWorld(t, 4, nil)
		w.GoTo(6)
		w.accuse(3, 1)
		due := uint32(deferral + 1)
		part := staking.UnappliedSlashes.Get(w.Ctx(), due)[0].Own
		if cancel {
			if err := w.Root(staking.CancelDeferredSlash{Era: due, SlashIndices: []uint32{0}}); err != nil {
				t.Fatal(err)
			}
			part = types.Balance{}
		}
		w.GoTo(due * eraBlocks)
		before, _ := staking.Ledgers.Get(w.Ctx(), w.validators[1])
		if before.Active != types.Tokens(3_000_000) {
			t.Fatalf("the bond is %v before era %d", before.Active, due)
		}
		w.NextBlocks(1)
		after, _ := staking.Ledgers.Get(w.Ctx(), w.validators[1])
		if got := before.Active.SaturatingSub(after.Active); got != part {
			t.Errorf("cancelled %v: lost %v, want %v", cancel, got, part)
		}
		if len(staking.UnappliedSlashes.Get(w.Ctx(), due)) != 0 {
			t.Error("the slash is still due")
		}
		if got := (balances.API{}).Free(w.Ctx(), w.validators[1]); got != types.Tokens(10_000_000).SaturatingSub(part) {
			t.Errorf("the offender has %v", got)
		}
	}
}

// Invulnerable validators keep their stake and are not disabled, but a key that
// signed twice decides no more blocks.
func TestInvulnerable(t *testing.T) {
	w := newWorld(t, 4, nil, 1)
	w.GoTo(6)
	w.accuse(3, 1)
	if n := len(palletstest.EventsOf[staking.SlashReportedEvent](w.Chain)); n != 0 {
		t.Errorf("%d reports", n)
	}
	if got := session.DisabledValidators.Get(w.Ctx()); len(got) != 0 {
		t.Errorf("disabled: %v", got)
	}
	if !(r2s.API{}).IsExcluded(w.Ctx(), w.validators[1]) {
		t.Error("the key may go on")
	}
}

// The vote comes back with the next era, in which the offender may be elected.
func TestExclusionEndsWithTheEra(t *testing.T) {
	w := newWorld(t, 4, nil)
	w.GoTo(6)
	w.accuse(3, 1)
	w.silent[1] = true // nobody counts its votes
	w.GoTo(eraBlocks)
	if got := palletstest.EventsOf[staking.SlashReportedEvent](w.Chain); len(got) != 0 {
		t.Errorf("absence without votes is punished: %+v", got)
	}
	if !(r2s.API{}).IsExcluded(w.Ctx(), w.validators[1]) {
		t.Error("the exclusion ends within the era")
	}
	if got := (r2s.API{}).Excluded(w.Ctx(), sessions); len(got) != 0 {
		t.Errorf("excluded in the next era: %v", got)
	}
	w.NextBlocks(1)
	if (r2s.API{}).IsExcluded(w.Ctx(), w.validators[1]) || len(r2s.Exclusions.Get(w.Ctx())) != 0 {
		t.Error("the exclusion outlives the era")
	}
}

// Evidence about strangers, about blocks that are too old to be punished or not
// there yet, changes nothing.
func TestUselessEvidence(t *testing.T) {
	w := newWorld(t, 4, map[string]any{"Staking.BondingDuration": 1, "Staking.SlashDeferDuration": 1})
	w.GoTo(6)
	for _, c := range []struct {
		validator int
		height    uint32
	}{{9, 3}, {1, 0}} {
		w.accuse(c.height, c.validator)
		if got := w.Events(); len(palletstest.EventsOf[offences.OffenceEvent](w.Chain)) != 0 {
			t.Errorf("%+v: %+v", c, got)
		}
	}
	w.GoTo(4 * eraBlocks)
	w.accuse(3, 1)
	if got := palletstest.EventsOf[staking.OldSlashingReportDiscardedEvent](w.Chain); len(got) != 1 || got[0].SessionIndex != 0 {
		t.Errorf("an offence of era 0 in era 3: %+v", w.Events())
	}
	if n := len(staking.UnappliedSlashes.Get(w.Ctx(), 2)); n != 0 {
		t.Errorf("%d slashes", n)
	}
}

// An offence of an era that is over is punished by that era's exposure; nobody is
// disabled for it.
func TestOffenceOfAnEarlierEra(t *testing.T) {
	w := newWorld(t, 4, nil)
	w.GoTo(eraBlocks + 2)
	w.accuse(3, 1)
	if got := palletstest.EventsOf[staking.SlashReportedEvent](w.Chain); len(got) != 1 || got[0].SlashEra != 0 {
		t.Fatalf("reports: %+v", got)
	}
	if n := len(staking.UnappliedSlashes.Get(w.Ctx(), deferral+1)); n != 1 {
		t.Errorf("%d slashes are due", n)
	}
	if got := session.DisabledValidators.Get(w.Ctx()); len(got) != 0 {
		t.Errorf("disabled: %v", got)
	}
}

// The key history follows the keys: an old key is its holder's for the sessions
// in which it decided blocks, and forgotten with them.
func TestKeyHistory(t *testing.T) {
	w := newWorld(t, 2, map[string]any{"Staking.BondingDuration": 1, "Staking.SlashDeferDuration": 0})
	old := addressOf(1)
	fresh := keysOf(7)
	w.Must(w.validators[1], session.SetKeys{Keys: fresh})
	w.GoTo(3 * epochBlocks)
	find := func(address [20]byte, block uint32) (uint32, bool) {
		who, session, n, ok := r2s.API{}.HolderAt(w.Ctx(), address, block)
		if ok && (who != w.validators[1] || n != 2) {
			t.Errorf("block %d: %v of %d", block, who, n)
		}
		return session, ok
	}
	for block := uint32(1); block <= w.Number(); block++ {
		// Keys count from the session after the next.
		isNew := block > 2*epochBlocks
		if s, ok := find(old, block); ok == isNew || s != (block-1)/epochBlocks {
			t.Errorf("block %d: the old key is there: %v, session %d", block, ok, s)
		}
		if _, ok := find(addressOf(7), block); ok != isNew {
			t.Errorf("block %d: the new key is there: %v", block, ok)
		}
	}
	if got := grandpa.CurrentSetID.Get(w.Ctx()); got != 1 {
		t.Errorf("set %d", got)
	}
	if s, _ := grandpa.SetIDSession.Get(w.Ctx(), 0); s != 1 {
		t.Errorf("set 0 ended with session %d", s)
	}
	w.GoTo(4*eraBlocks + 1)
	if _, ok := find(old, 1); ok || len(r2s.KeySetStarts.Get(w.Ctx())) != 1 {
		t.Errorf("sets since sessions %v", r2s.KeySetStarts.Get(w.Ctx()))
	}
}

// Calls that prove equivocations by seals or GRANDPA votes say that they prove
// nothing.
func TestEquivocationCalls(t *testing.T) {
	w := newWorld(t, 1, nil)
	proof := grandpa.EquivocationProof{Equivocation: grandpa.PrevoteEquivocation{}}
	if err := w.Run(palletstest.Alice, grandpa.ReportEquivocation{EquivocationProof: proof}); err != grandpa.ErrInvalidEquivocationProof {
		t.Errorf("grandpa: %v", err)
	}
	if err := w.Run(palletstest.Alice, babe.ReportEquivocation{}); err != babe.ErrInvalidEquivocationProof {
		t.Errorf("babe: %v", err)
	}
	if err := w.Root(grandpa.ReportEquivocationUnsigned{EquivocationProof: proof}); err == nil {
		t.Error("root reports without a signature")
	}
	if err := w.Run(palletstest.Alice, babe.ReportEquivocationUnsigned{}); err == nil {
		t.Error("a signer reports without a signature")
	}
}
