package offences_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/grandpa"
	"github.com/gocess/gocess/ledger/pallets/historical"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
)

// Block 1 and every first block of an epoch tell the authorities and the
// randomness of the next epoch, as NextEpochData of BABE.
func TestNextEpochIsAnnounced(t *testing.T) {
	w := newWorld(t, 2, nil)
	want := func(keys ...byte) []byte {
		data := []byte{1, byte(len(keys)) << 2}
		for _, k := range keys {
			data = append(data, k)
			data = append(data, make([]byte, 31)...)
			data = append(data, 1, 0, 0, 0, 0, 0, 0, 0)
		}
		next := babe.NextRandomness.Get(w.Ctx())
		return append(data, next[:]...)
	}
	w.Must(w.validators[1], session.SetKeys{Keys: keysOf(7)}) // block 1
	if got := w.logs("BABE"); len(got) != 1 || !bytes.Equal(got[0], want(1, 2)) {
		t.Errorf("block 1: %x", got)
	}
	if next := babe.NextRandomness.Get(w.Ctx()); next != [32]byte{} {
		t.Errorf("the second epoch's randomness is %x", next)
	}
	w.NextBlocks(epochBlocks - 1)
	if got := w.logs("BABE"); len(got) != 0 {
		t.Errorf("block %d: %x", w.Number(), got)
	}
	w.NextBlocks(1)
	// The keys of block 1 are queued now and count from the next session on.
	if got := w.logs("BABE"); len(got) != 1 || !bytes.Equal(got[0], want(1, 8)) {
		t.Errorf("block %d: %x", w.Number(), got)
	}
	if got := w.logs("FRNK"); len(got) != 0 {
		t.Errorf("block %d: new voters %x", w.Number(), got)
	}
	w.NextBlocks(epochBlocks)
	authorities := append([]byte{8, 1}, make([]byte, 31)...)
	authorities = append(append(authorities, 1, 0, 0, 0, 0, 0, 0, 0, 8), make([]byte, 31)...)
	authorities = append(authorities, 1, 0, 0, 0, 0, 0, 0, 0)
	change := append(append([]byte{1}, authorities...), 0, 0, 0, 0)
	if got := w.logs("FRNK"); len(got) != 1 || !bytes.Equal(got[0], change) {
		t.Errorf("block %d: %x, want %x", w.Number(), got, change)
	}
	if got := palletstest.EventsOf[grandpa.NewAuthoritiesEvent](w.Chain); len(got) != 1 || len(got[0].AuthoritySet) != 2 {
		t.Errorf("events %+v", got)
	}
	if id, set := grandpa.CurrentSetID.Get(w.Ctx()), grandpa.Authorities.Get(w.Ctx()); id != 1 || set[1].Key[0] != 8 {
		t.Errorf("set %d: %x", id, set)
	}
	if got := babe.Authorities.Get(w.Ctx()); got[1].Key[0] != 8 {
		t.Errorf("authorities %x", got)
	}
}

// A configuration is planned, announced an epoch ahead, and then is the present
// one.
func TestPlanConfigChange(t *testing.T) {
	w := newWorld(t, 1, nil)
	plan := babe.NextConfigV1{C: babe.Ratio{Numerator: 1, Denominator: 2}, AllowedSlots: babe.PrimarySlots}
	for _, bad := range []babe.NextConfigV1{
		{C: babe.Ratio{Numerator: 0, Denominator: 4}, AllowedSlots: babe.PrimarySlots},
		{C: babe.Ratio{Numerator: 1}, AllowedSlots: babe.PrimaryAndSecondaryVRFSlots},
	} {
		if err := w.Root(babe.PlanConfigChange{Config: bad}); err != babe.ErrInvalidConfiguration {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if err := w.Run(palletstest.Alice, babe.PlanConfigChange{Config: plan}); err == nil {
		t.Error("anybody plans")
	}
	if err := w.Root(babe.PlanConfigChange{Config: plan}); err != nil {
		t.Fatal(err)
	}
	first := func() babe.EpochConfiguration { c, _ := babe.EpochConfig.Get(w.Ctx()); return c }
	before := first()
	w.GoTo(epochBlocks + 1)
	log := []byte{3, 1, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0}
	if got := w.logs("BABE"); len(got) != 2 || !bytes.Equal(got[1], log) || first() != before {
		t.Errorf("announced %x, present %+v", got, first())
	}
	if babe.PendingEpochConfigChange.Exists(w.Ctx()) {
		t.Error("the plan stays")
	}
	w.GoTo(2*epochBlocks + 1)
	if got := first(); got.C != plan.C || got.AllowedSlots != plan.AllowedSlots {
		t.Errorf("present %+v", got)
	}
}

// note_stalled begins a new set of voters with the next session.
func TestNoteStalled(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.GoTo(epochBlocks + 1)
	if id := grandpa.CurrentSetID.Get(w.Ctx()); id != 0 {
		t.Fatalf("set %d", id)
	}
	if err := w.Root(grandpa.NoteStalled{Delay: 3, BestFinalizedBlockNumber: 4}); err != nil {
		t.Fatal(err)
	}
	w.GoTo(2*epochBlocks + 1)
	if id := grandpa.CurrentSetID.Get(w.Ctx()); id != 1 || grandpa.Stalled.Exists(w.Ctx()) {
		t.Errorf("set %d", id)
	}
}

// Each session has a commitment to its validators, from the time that they are
// queued until their offences are too old.
func TestHistoricalSessions(t *testing.T) {
	w := newWorld(t, 2, map[string]any{"Staking.BondingDuration": 1, "Staking.SlashDeferDuration": 0})
	w.GoTo(3*eraBlocks + 1)
	r, ok := historical.StoredRange.Get(w.Ctx())
	now := session.CurrentIndex.Get(w.Ctx())
	if !ok || r.First != 2*sessions || r.End != now+2 {
		t.Fatalf("sessions %+v at session %d", r, now)
	}
	var stored []uint32
	for s, c := range historical.Commitments.Iter(w.Ctx()) {
		stored = append(stored, s)
		want := crypto.Blake2b256(scale.MustMarshal(session.QueuedKeys.Get(w.Ctx())))
		if c.Root != want || c.Count != 2 {
			t.Errorf("session %d: %+v", s, c)
		}
	}
	slices.Sort(stored)
	if len(stored) != int(r.End-r.First) || stored[0] != r.First {
		t.Errorf("stored %v, range %+v", stored, r)
	}
}
