package audit_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/audit/audittest"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/schedulercredit"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

func one(t palletstest.TB) (*audittest.World, substrate.AccountID) {
	w := audittest.New(t, audittest.Options{})
	return w, w.Miners[0]
}

// expect runs a call that must fail.
func expect(t *testing.T, w *audittest.World, who substrate.AccountID, call runtime.Call, want error) {
	t.Helper()
	if err := w.Run(who, call); !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", runtime.RuntimeCall{Call: call}.Name(), err, want)
	}
}

// A challenge that goes well, with every record on its way.
func TestChallenge(t *testing.T) {
	w, miner := one(t)
	c := w.Challenge(miner)
	now := w.Number()
	e := c.Element
	if e.Start != now || e.IdleSlip != now+audittest.ProveTime || e.ServiceSlip != now+audittest.ProveTime ||
		e.VerifySlip != now+audittest.ProveTime+audittest.VerifyTime {
		t.Fatalf("at block %d: %+v", now, e)
	}
	m := w.Miner(miner)
	info, _ := m.SpaceProofInfo.Get()
	if s := c.Snapshot; s.IdleSpace != m.IdleSpace || s.ServiceSpace != m.ServiceSpace ||
		s.ServiceBloomFilter != m.ServiceBloomFilter || s.SpaceProofInfo != info || s.TEESignature != m.TEESignature {
		t.Fatal("the snapshot is not the miner's record")
	}
	if !audit.ProofSlips.Contains(w.Ctx(), e.ServiceSlip, miner) || !audit.VerifySlips.Contains(w.Ctx(), e.VerifySlip, miner) {
		t.Fatal("a slip is missing")
	}
	w.Set(func(ctx *runtime.Context) error { audit.Misses.Put(ctx, miner, 3); return nil })

	w.Must(miner, audit.SubmitIdleProof{Proof: audittest.IdleHash})
	if got := palletstest.EventsOf[audit.SubmitIdleProofEvent](w.Chain); len(got) != 1 || got[0].Miner != miner {
		t.Errorf("events %+v", got)
	}
	if audit.Misses.Get(w.Ctx(), miner) != 3 {
		t.Error("one of two proofs ends a row of misses")
	}
	w.Must(miner, audit.SubmitServiceProof{Proof: []byte("17")})
	if got := palletstest.EventsOf[audit.SubmitServiceProofEvent](w.Chain); len(got) != 1 || got[0].Miner != miner {
		t.Errorf("events %+v", got)
	}
	if audit.Misses.Get(w.Ctx(), miner) != 0 {
		t.Error("both proofs do not end a row of misses")
	}
	c = w.Open(miner)
	idle, _ := c.Proofs.Idle.Get()
	service, _ := c.Proofs.Service.Get()
	for _, tee := range []types.WorkerPublicKey{idle.TEE, service.TEE} {
		if tee != audittest.TEE && tee != audittest.OtherTEE {
			t.Errorf("worker %x should judge", tee)
		}
	}
	if string(idle.Proof) != string(audittest.IdleHash) || string(service.Proof) != "17" {
		t.Errorf("proofs are %x and %q", idle.Proof, service.Proof)
	}

	w.Set(func(ctx *runtime.Context) error { audit.ServiceFailures.Put(ctx, miner, 1); return nil })
	w.Must(miner, w.ServiceVerdict(miner, true, audittest.TEE))
	if got := palletstest.EventsOf[audit.SubmitServiceVerifyResultEvent](w.Chain); len(got) != 1 ||
		got[0] != (audit.SubmitServiceVerifyResultEvent{TEE: audittest.TEE, Miner: miner, Result: true}) {
		t.Errorf("events %+v", got)
	}
	if n := audit.ServiceFailures.Get(w.Ctx(), miner); n != 0 {
		t.Errorf("%d failures after a true verdict", n)
	}
	if n := len(sminer.CompleteMinerSnapShots.Get(w.Ctx(), miner)); n != 0 {
		t.Errorf("%d completed challenges with one verdict", n)
	}
	if teeworker.LastWork.Get(w.Ctx(), audittest.TEE) != w.Number() {
		t.Error("the worker counts as idle")
	}
	w.Must(miner, w.IdleVerdict(miner, true, audittest.OtherTEE))
	if got := palletstest.EventsOf[audit.SubmitIdleVerifyResultEvent](w.Chain); len(got) != 1 ||
		got[0] != (audit.SubmitIdleVerifyResultEvent{TEE: audittest.OtherTEE, Miner: miner, Result: true}) {
		t.Errorf("events %+v", got)
	}
	done := sminer.CompleteMinerSnapShots.Get(w.Ctx(), miner)
	if len(done) != 1 || done[0].FinishBlock != w.Number() || done[0].Power != sminer.Power(m.IdleSpace, m.ServiceSpace) {
		t.Fatalf("completed challenges: %+v", done)
	}
	w.GoTo(e.VerifySlip)
	w.Open(miner)
	w.NextBlocks(1)
	if (audit.API{}).Open(w.Ctx(), miner) {
		t.Fatal("the challenge is still open after its last slip")
	}
	if again := w.Challenge(miner); again.Proofs.Idle.IsSome() || again.Proofs.Service.IsSome() {
		t.Error("the next challenge has proofs already")
	}
}

func TestProofCallsReject(t *testing.T) {
	idle, service := audit.SubmitIdleProof{Proof: audittest.IdleHash}, audit.SubmitServiceProof{}
	t.Run("NoChallenge", func(t *testing.T) {
		w, miner := one(t)
		expect(t, w, miner, idle, audit.ErrNoChallenge)
		expect(t, w, miner, service, audit.ErrNoChallenge)
	})
	t.Run("BadOrigin", func(t *testing.T) {
		w, _ := one(t)
		for _, call := range []runtime.Call{idle, service, audit.SubmitVerifyIdleResult{}, audit.SubmitVerifyServiceResult{}} {
			if err := w.Root(call); !errors.Is(err, runtime.ErrBadOrigin) {
				t.Errorf("%T by root: %v", call, err)
			}
		}
	})
	t.Run("Submitted", func(t *testing.T) {
		w, miner := one(t)
		w.Challenge(miner)
		w.Answer(miner, nil)
		expect(t, w, miner, idle, audit.ErrSubmitted)
		expect(t, w, miner, service, audit.ErrSubmitted)
	})
	t.Run("Expired", func(t *testing.T) {
		w, miner := one(t)
		w.GoTo(w.Challenge(miner).Element.IdleSlip)
		expect(t, w, miner, idle, audit.ErrExpired)
		expect(t, w, miner, service, audit.ErrExpired)
	})
	t.Run("SystemError without verifiers", func(t *testing.T) {
		w, miner := one(t)
		w.Challenge(miner)
		w.Set(func(ctx *runtime.Context) error { teeworker.ValidationTypeList.Put(ctx, nil); return nil })
		expect(t, w, miner, idle, audit.ErrSystem)
		expect(t, w, miner, service, audit.ErrSystem)
	})
}

func TestVerdictCallsReject(t *testing.T) {
	// Each case changes good verdicts of an answered challenge.
	for _, c := range []struct {
		name    string
		idle    func(*audit.SubmitVerifyIdleResult)
		service func(*audit.SubmitVerifyServiceResult)
		want    error
	}{
		{"TeeNoPermission of a marker",
			func(c *audit.SubmitVerifyIdleResult) { c.TEE = audittest.Marker },
			func(c *audit.SubmitVerifyServiceResult) { c.TEE = audittest.Marker }, audit.ErrTEENoPermission},
		{"TeeNoPermission of nobody",
			func(c *audit.SubmitVerifyIdleResult) { c.TEE = types.WorkerPublicKey{1} },
			func(c *audit.SubmitVerifyServiceResult) { c.TEE = types.WorkerPublicKey{1} }, audit.ErrTEENoPermission},
		{"MalformedSignature",
			func(c *audit.SubmitVerifyIdleResult) { c.Signature = c.Signature[:63] },
			func(c *audit.SubmitVerifyServiceResult) { c.Signature = nil }, audit.ErrMalformedSignature},
		{"VerifyTeeSigFailed",
			func(c *audit.SubmitVerifyIdleResult) { c.Signature[5]++ },
			func(c *audit.SubmitVerifyServiceResult) { c.Signature[5]++ }, audit.ErrVerifyTEESigFailed},
		{"VerifyTeeSigFailed of another worker's verdict",
			func(c *audit.SubmitVerifyIdleResult) { c.TEE = audittest.OtherTEE },
			func(c *audit.SubmitVerifyServiceResult) { c.TEE = audittest.OtherTEE }, audit.ErrVerifyTEESigFailed},
		{"VerifyTeeSigFailed of the other verdict",
			func(c *audit.SubmitVerifyIdleResult) { c.Result = false },
			func(c *audit.SubmitVerifyServiceResult) { c.Result = false }, audit.ErrVerifyTEESigFailed},
		{"BloomFilterError", nil,
			func(c *audit.SubmitVerifyServiceResult) { c.BloomFilter[3]++ }, audit.ErrBloomFilter},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, miner := one(t)
			w.Challenge(miner)
			w.Answer(miner, nil)
			if c.idle != nil {
				call := w.IdleVerdict(miner, true, audittest.TEE)
				c.idle(&call)
				expect(t, w, miner, call, c.want)
			}
			call := w.ServiceVerdict(miner, true, audittest.TEE)
			c.service(&call)
			expect(t, w, miner, call, c.want)
		})
	}
	t.Run("NoChallenge", func(t *testing.T) {
		w, miner := one(t)
		expect(t, w, miner, w.IdleVerdict(miner, true, audittest.TEE), audit.ErrNoChallenge)
		expect(t, w, miner, w.ServiceVerdict(miner, true, audittest.TEE), audit.ErrNoChallenge)
	})
	t.Run("UnSubmitted", func(t *testing.T) {
		w, miner := one(t)
		w.Challenge(miner)
		expect(t, w, miner, w.IdleVerdict(miner, true, audittest.TEE), audit.ErrUnsubmitted)
		expect(t, w, miner, w.ServiceVerdict(miner, true, audittest.TEE), audit.ErrUnsubmitted)
	})
	t.Run("Submitted", func(t *testing.T) {
		w, miner := one(t)
		w.Challenge(miner)
		w.Answer(miner, nil)
		w.Judge(miner, true)
		expect(t, w, miner, w.IdleVerdict(miner, false, audittest.TEE), audit.ErrSubmitted)
		expect(t, w, miner, w.ServiceVerdict(miner, false, audittest.TEE), audit.ErrSubmitted)
	})
	t.Run("verdict on another miner's challenge", func(t *testing.T) {
		w := audittest.New(t, audittest.Options{Miners: 2})
		for _, miner := range w.Miners {
			w.Challenge(miner)
			w.Answer(miner, nil)
		}
		expect(t, w, w.Miners[1], w.IdleVerdict(w.Miners[0], true, audittest.TEE), audit.ErrVerifyTEESigFailed)
		expect(t, w, w.Miners[1], w.ServiceVerdict(w.Miners[0], true, audittest.TEE), audit.ErrVerifyTEESigFailed)
	})
}

// A verdict about other idle files or another proof counts as false.
func TestIdleVerdictIsAboutTheSnapshot(t *testing.T) {
	for name, change := range map[string]func(*audit.SubmitVerifyIdleResult){
		"front":       func(c *audit.SubmitVerifyIdleResult) { c.Front++ },
		"rear":        func(c *audit.SubmitVerifyIdleResult) { c.Rear-- },
		"accumulator": func(c *audit.SubmitVerifyIdleResult) { c.Accumulator[9]++ },
	} {
		t.Run(name, func(t *testing.T) {
			w, miner := one(t)
			w.Challenge(miner)
			w.Answer(miner, nil)
			call := w.IdleVerdict(miner, true, audittest.TEE)
			change(&call)
			w.Must(miner, call)
			p, _ := w.Open(miner).Proofs.Idle.Get()
			if got := p.Verdict; got != scale.Some(false) {
				t.Errorf("the verdict is %v", got)
			}
			if got := palletstest.EventsOf[audit.SubmitIdleVerifyResultEvent](w.Chain); len(got) != 1 || got[0].Result {
				t.Errorf("events %+v", got)
			}
		})
	}
	t.Run("proof", func(t *testing.T) {
		w, miner := one(t)
		c := w.Challenge(miner)
		w.Must(miner, audit.SubmitIdleProof{Proof: []byte("other")})
		s := c.Snapshot.SpaceProofInfo
		w.Must(miner, w.IdleVerdict(miner, true, audittest.TEE))
		p, _ := w.Open(miner).Proofs.Idle.Get()
		if got := p.Verdict; got != scale.Some(false) {
			t.Errorf("the verdict on another proof than the submitted one is %v (%d files)", got, s.Rear)
		}
	})
}

func TestRootCalls(t *testing.T) {
	w := audittest.New(t, audittest.Options{Constants: map[string]any{"Audit.ProveTime": 20}})
	miner := w.Miners[0]
	for _, call := range []runtime.Call{
		audit.UpdateCountedClear{Miner: miner}, audit.TestUpdateClearSlip{Miner: miner},
		audit.TestUpdateVerifySlip{Miner: miner}, audit.PointMinerChallenge{Miner: miner},
	} {
		expect(t, w, palletstest.Alice, call, runtime.ErrBadOrigin)
	}
	root := func(call runtime.Call, want error) {
		t.Helper()
		if err := w.Root(call); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", runtime.RuntimeCall{Call: call}.Name(), err, want)
		}
	}
	w.Set(func(ctx *runtime.Context) error { audit.Misses.Put(ctx, miner, 3); return nil })
	root(audit.UpdateCountedClear{Miner: miner}, nil)
	if n := audit.Misses.Get(w.Ctx(), miner); n != 0 {
		t.Errorf("%d misses", n)
	}
	root(audit.PointMinerChallenge{Miner: palletstest.Alice}, nil)
	if audit.Challenges.Contains(w.Ctx(), palletstest.Alice) {
		t.Error("an account that is no miner has a challenge")
	}
	e := w.Challenge(miner).Element
	root(audit.PointMinerChallenge{Miner: miner}, nil)
	if again := w.Open(miner).Element; again.Start != e.Start {
		t.Error("an open challenge is replaced")
	}
	root(audit.TestUpdateClearSlip{Old: e.ServiceSlip + 1, New: e.ServiceSlip + 9, Miner: miner}, audit.ErrNonExistentMission)
	root(audit.TestUpdateClearSlip{Old: e.ServiceSlip, New: 1, Miner: miner}, audit.ErrExpired)
	root(audit.TestUpdateVerifySlip{Old: 1, New: e.VerifySlip, Miner: miner}, audit.ErrNonExistentMission)
	root(audit.TestUpdateVerifySlip{Old: e.VerifySlip, New: 1, Miner: miner}, audit.ErrExpired)
	root(audit.TestUpdateClearSlip{Old: e.ServiceSlip, New: e.ServiceSlip + 9, Miner: miner}, nil)
	root(audit.TestUpdateVerifySlip{Old: e.VerifySlip, New: e.VerifySlip + 5, Miner: miner}, nil)
	w.GoTo(e.ServiceSlip + 9)
	if n := audit.Misses.Get(w.Ctx(), miner); n != 0 {
		t.Errorf("%d misses before the slip that was moved", n)
	}
	w.NextBlocks(1)
	if n := audit.Misses.Get(w.Ctx(), miner); n != 1 {
		t.Errorf("%d misses after the slip that was moved", n)
	}
	if got := w.Open(miner).Element.VerifySlip; got != e.VerifySlip+5 {
		t.Errorf("verdicts until %d, want %d", got, e.VerifySlip+5)
	}
	w.GoTo(e.VerifySlip + 5)
	w.Open(miner)
	w.NextBlocks(1)
	if audit.Challenges.Contains(w.Ctx(), miner) {
		t.Error("the challenge outlives the slip that was moved")
	}
}

func counters(w *audittest.World) schedulercredit.CounterEntry {
	return schedulercredit.CurrentCounters.Get(w.Ctx(), palletstest.Alice)
}
