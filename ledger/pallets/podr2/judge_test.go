package podr2_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/audit/audittest"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// The chain judges what nobody else does: a good proof earns its reward, a bad
// one does not escape.
func TestJudge(t *testing.T) {
	w := newWorld(t, audittest.Options{})
	for i, c := range []struct {
		proof func([]byte) []byte
		right bool
	}{{same, true}, {wrong, false}} {
		w.round(w.miner, c.proof)
		w.Must(w.miner, w.IdleVerdict(w.miner, true, audittest.TEE))
		w.GoTo(w.Open(w.miner).Element.ServiceSlip)
		purse := balances.API{}.Free(w.Ctx(), palletstest.Bob)
		w.Must(palletstest.Bob, podr2.Judge{Miner: w.miner})
		got := palletstest.EventsOf[podr2.JudgedEvent](w.Chain)
		if want := (podr2.JudgedEvent{Miner: w.miner, Caller: scale.Some(palletstest.Bob), Result: c.right}); len(got) != 1 || got[0] != want {
			t.Errorf("events %+v, want %+v", got, want)
		}
		if verdict(t, w, w.miner) != c.right || failures(w, w.miner) != uint32(i) || completed(w, w.miner) != 1 {
			t.Errorf("verdict %v, %d failures, %d completed challenges", verdict(t, w, w.miner), failures(w, w.miner), completed(w, w.miner))
		}
		if free := (balances.API{}).Free(w.Ctx(), palletstest.Bob) == purse; free == c.right {
			t.Errorf("judging a proof that is %v: free is %v", c.right, free)
		}
		expect(t, w, palletstest.Bob, podr2.Dispute{Miner: w.miner}, podr2.ErrVerdictStands)
		expect(t, w, w.miner, w.ServiceVerdict(w.miner, true, audittest.TEE), audit.ErrSubmitted)
		w.End(w.miner)
	}
}

// A miner that keeps a false verdict to itself is judged all the same when its
// challenge ends, and so is one that found no worker. A block verifies
// JudgeLimit proofs.
func TestUnjudgedProofsAreJudgedInTheEnd(t *testing.T) {
	w := newWorld(t, audittest.Options{Miners: 2})
	w.Set(func(ctx *runtime.Context) error {
		for _, m := range w.Miners {
			audit.ServiceFailures.Put(ctx, m, 1)
			if err := ctx.Dispatch(audit.PointMinerChallenge{Miner: m}, runtime.RootOrigin()); err != nil {
				return err
			}
		}
		return nil
	})
	good, bad := w.Miners[0], w.Miners[1]
	before := w.Miner(bad).Collateral
	w.Must(bad, audit.SubmitServiceProof{Proof: wrong(w.prove(bad, w.list(bad)))})
	w.Answer(good, w.prove(good, w.list(good)))
	w.Must(good, w.IdleVerdict(good, true, audittest.TEE))
	var judged []uint32
	want := map[substrate.AccountID]bool{good: true, bad: false}
	for len(judged) < 2 {
		if w.Number() > 200 {
			t.Fatalf("judged in blocks %v only", judged)
		}
		w.NextBlocks(1)
		for _, e := range palletstest.EventsOf[podr2.JudgedEvent](w.Chain) {
			judged = append(judged, w.Number())
			if e.Caller.IsSome() || e.Result != want[e.Miner] {
				t.Errorf("event %+v", e)
			}
			if (audit.API{}).Open(w.Ctx(), e.Miner) {
				t.Error("the challenge stays open for a dispute with nobody")
			}
		}
	}
	if judged[1] != judged[0]+1 {
		t.Errorf("judged in blocks %v, want one proof a block", judged)
	}
	if failures(w, good) != 0 || completed(w, good) != 1 {
		t.Errorf("good proof: %d failures, %d completed challenges", failures(w, good), completed(w, good))
	}
	if lost := before.SaturatingSub(w.Miner(bad).Collateral); failures(w, bad) != 2 || lost != types.Tokens(200) {
		t.Errorf("bad proof: %d failures, fine of %v planck", failures(w, bad), lost)
	}
}

// A verdict of version 2 can be disputed for DisputePeriod blocks, even if
// that is longer than its challenge; verdicts are not taken any longer.
func TestDisputePeriod(t *testing.T) {
	const period = 40
	w := newWorld(t, audittest.Options{Constants: map[string]any{"Podr2.DisputePeriod": period}})
	w.round(w.miner, wrong)
	w.Must(w.miner, w.ServiceVerdict(w.miner, true, audittest.TEE))
	judged := w.Number()
	for range 3 { // the idle proof has no verdict: the window is extended
		w.GoTo(w.Open(w.miner).Element.VerifySlip + 1)
	}
	if w.Number() >= judged+period {
		t.Fatal("the dispute period is too short for this test")
	}
	expect(t, w, w.miner, w.IdleVerdict(w.miner, true, audittest.TEE), audit.ErrExpired)
	w.GoTo(judged + period - 1)
	w.Must(palletstest.Bob, podr2.Dispute{Miner: w.miner})
	w.NextBlocks(1)
	if (audit.API{}).Open(w.Ctx(), w.miner) {
		t.Error("the challenge outlives the dispute period")
	}

	w.Must(w.miner, podr2.SetVersion{Version: podr2.Version1})
	e := w.Challenge(w.miner).Element
	w.Answer(w.miner, nil)
	w.GoTo(e.VerifySlip - 2)
	w.Judge(w.miner, true)
	w.NextBlocks(1)
	if (audit.API{}).Open(w.Ctx(), w.miner) {
		t.Error("a challenge of version 1 is kept for a dispute")
	}
}
