package offences_test

import (
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/imonline"
	"github.com/gocess/gocess/ledger/pallets/offences"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// The fractions of spec/consensus.md §4.4, by hand.
func TestOfflineFraction(t *testing.T) {
	for _, c := range []struct {
		k, n uint32
		want substrate.Perbill
	}{
		{1, 4, 0}, {2, 4, 52_500_000}, {3, 4, 70_000_000}, {2, 11, 0}, {3, 11, 19_090_909},
		{11, 100, 0}, {12, 100, 2_100_000}, {44, 100, 69_300_000}, {45, 100, 70_000_000}, {100, 100, 70_000_000},
		{1, 1, 0},
	} {
		if got := imonline.OfflineFraction(c.k, c.n); got != c.want {
			t.Errorf("%d of %d: %d, want %d", c.k, c.n, got, c.want)
		}
	}
}

func TestSessionWithEverybody(t *testing.T) {
	w := newWorld(t, 4, nil)
	w.GoTo(epochBlocks)
	for i := range uint32(4) {
		if on, _ := imonline.ReceivedHeartbeats.Get(w.Ctx(), 0, i); !on {
			t.Errorf("validator %d is not online", i)
		}
	}
	if got := imonline.AuthoredBlocks.Get(w.Ctx(), 0, w.validators[0]); got != epochBlocks {
		t.Errorf("%d blocks", got)
	}
	w.NextBlocks(1)
	if len(palletstest.EventsOf[imonline.AllGoodEvent](w.Chain)) != 1 {
		t.Errorf("events %+v", w.Events())
	}
	for range imonline.ReceivedHeartbeats.IterPrefix(w.Ctx(), 0) {
		t.Fatal("votes of an old session are kept")
	}
	for range imonline.AuthoredBlocks.IterPrefix(w.Ctx(), 0) {
		t.Fatal("blocks of an old session are kept")
	}
	if got := imonline.HeartbeatAfter.Get(w.Ctx()); got != epochBlocks+1+epochBlocks/2 {
		t.Errorf("heartbeats after %d", got)
	}
	want := []types.ImOnlineKey{{1}, {2}, {3}, {4}}
	if got := imonline.Keys.Get(w.Ctx()); !slices.Equal(got, want) {
		t.Errorf("keys %x", got)
	}
}

// Two of four who take no part in a session lose 5.25 %; one is free.
func TestAbsenceIsPunished(t *testing.T) {
	for _, c := range []struct {
		silent   []int
		fraction substrate.Perbill
		disabled []uint32
	}{
		{[]int{2}, 0, []uint32{2}},
		{[]int{2, 3}, 52_500_000, []uint32{2}},
	} {
		w := newWorld(t, 4, nil)
		w.GoTo(epochBlocks + 1)
		for _, i := range c.silent {
			w.silent[i] = true
		}
		w.GoTo(2*epochBlocks + 1)
		some := palletstest.EventsOf[imonline.SomeOfflineEvent](w.Chain)
		if len(some) != 1 || len(some[0].Offline) != len(c.silent) {
			t.Fatalf("%v silent: %+v", c.silent, w.Events())
		}
		if got := palletstest.EventsOf[offences.OffenceEvent](w.Chain); len(got) != 1 ||
			string(got[0].Kind[:]) != "im-online:offlin" || !slices.Equal(got[0].Timeslot, []byte{1, 0, 0, 0}) {
			t.Errorf("offences %+v", got)
		}
		for k, i := range c.silent {
			overview, _ := staking.ErasStakersOverview.Get(w.Ctx(), 0, w.validators[i])
			if got := some[0].Offline[k]; got.Stash != w.validators[i] || got.Exposure.Total != overview.Total {
				t.Errorf("offline: %+v", got)
			}
		}
		slashed := staking.UnappliedSlashes.Get(w.Ctx(), deferral+1)
		if c.fraction == 0 && len(slashed) != 0 || c.fraction > 0 && len(slashed) != len(c.silent) {
			t.Errorf("slashes %+v", slashed)
		}
		for _, s := range slashed {
			overview, _ := staking.ErasStakersOverview.Get(w.Ctx(), 0, s.Validator)
			if s.Own != c.fraction.Mul(overview.Own) {
				t.Errorf("slashed %v of %v", s.Own, overview.Own)
			}
		}
		if got := staking.DisabledValidators.Get(w.Ctx()); !slices.Equal(got, c.disabled) {
			t.Errorf("disabled %v", got)
		}
		if got := session.DisabledValidators.Get(w.Ctx()); !slices.Equal(got, c.disabled) {
			t.Errorf("disabled in the session %v", got)
		}
	}
}

// The votes in the first block of a session are those on the last block of the
// session before, and save who was silent until then.
func TestVotesOfTheBoundary(t *testing.T) {
	w := newWorld(t, 4, nil)
	w.GoTo(epochBlocks)
	w.silent[2], w.silent[3] = true, true
	w.NextBlocks(1) // session 1; not silent in session 0
	w.GoTo(2 * epochBlocks)
	w.silent[2] = false
	w.NextBlocks(1) // session 2 begins with 2's vote on the last block of session 1
	some := palletstest.EventsOf[imonline.SomeOfflineEvent](w.Chain)
	if len(some) != 1 || len(some[0].Offline) != 1 || some[0].Offline[0].Stash != w.validators[3] {
		t.Fatalf("%+v", w.Events())
	}
}

// Heartbeats are stale before they arrive.
func TestHeartbeatsAreRefused(t *testing.T) {
	w := newWorld(t, 1, nil)
	x := runtime.Extrinsic{Call: runtime.RuntimeCall{Call: imonline.HeartbeatCall{}}}
	raw, err := x.Encode()
	if err != nil {
		t.Fatal(err)
	}
	parent := runtime.Parent{}
	if _, _, err := w.Runtime().Decode(parent, raw); err != substrate.InvalidStale {
		t.Errorf("a heartbeat: %v", err)
	}
	if err := w.Run(palletstest.Alice, imonline.HeartbeatCall{}); err != runtime.ErrBadOrigin {
		t.Errorf("a signed heartbeat: %v", err)
	}
}
