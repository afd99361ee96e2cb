package audit_test

import (
	"bytes"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/audit/audittest"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// While a verdict is missing the window is extended twice; the proof goes to
// another worker, one that is judged stays with its own.
func TestVerifyWindowIsExtended(t *testing.T) {
	w, miner := one(t)
	e := w.Challenge(miner).Element
	w.Answer(miner, nil)
	w.Must(miner, w.IdleVerdict(miner, true, audittest.TEE))
	w.Set(func(ctx *runtime.Context) error {
		return audit.Challenges.Mutate(ctx, miner, audit.ErrNoChallenge, func(c *audit.Challenge) error {
			idle, _ := c.Proofs.Idle.Get()
			service, _ := c.Proofs.Service.Get()
			idle.TEE, service.TEE = types.WorkerPublicKey{1}, types.WorkerPublicKey{1}
			c.Proofs.Idle, c.Proofs.Service = scale.Some(idle), scale.Some(service)
			return nil
		})
	})
	slip := e.VerifySlip
	for i := uint8(1); i <= 2; i++ {
		w.GoTo(slip + 1)
		c := w.Open(miner)
		if c.Proofs.Assign != i || c.Element.VerifySlip != w.Number()+audittest.VerifyTime {
			t.Fatalf("at block %d: extension %d until %d", w.Number(), c.Proofs.Assign, c.Element.VerifySlip)
		}
		idle, _ := c.Proofs.Idle.Get()
		service, _ := c.Proofs.Service.Get()
		if idle.TEE != (types.WorkerPublicKey{1}) || service.TEE == (types.WorkerPublicKey{1}) {
			t.Error("the judged proof, or not the other, went to another worker")
		}
		slip = c.Element.VerifySlip
	}
	w.GoTo(slip - 1)
	w.Must(miner, w.ServiceVerdict(miner, true, audittest.TEE))
	w.GoTo(slip + 1)
	if audit.Challenges.Contains(w.Ctx(), miner) {
		t.Error("the challenge goes on after the last extension")
	}
}

// Upstream takes verdicts as long as the record exists.
func TestVerdictAfterTheWindowIsExpired(t *testing.T) {
	w, miner := one(t)
	e := w.Challenge(miner).Element
	w.Answer(miner, nil)
	idle, service := w.IdleVerdict(miner, true, audittest.TEE), w.ServiceVerdict(miner, true, audittest.TEE)
	w.GoTo(e.VerifySlip - 1)
	w.Set(func(ctx *runtime.Context) error { // as a dispute period would keep the record
		audit.VerifySlips.Delete(ctx, e.VerifySlip, miner)
		audit.VerifySlips.Put(ctx, e.VerifySlip+50, miner, true)
		return nil
	})
	expect(t, w, miner, idle, audit.ErrExpired)
	expect(t, w, miner, service, audit.ErrExpired)
}

// Upstream never removes the verify slip of a challenge that is gone.
func TestVerifySlipWithoutChallengeIsRemoved(t *testing.T) {
	w, miner := one(t)
	e := w.Challenge(miner).Element
	w.Set(func(ctx *runtime.Context) error { audit.Challenges.Delete(ctx, miner); return nil })
	w.GoTo(e.VerifySlip + 1)
	if n := keysOf(w, "Audit", "AuditExtra"); n != 0 {
		t.Errorf("%d records of challenges are left", n)
	}
}

// keysOf counts the records of pallets, without the storage version.
func keysOf(w *audittest.World, pallets ...string) (n int) {
	for _, p := range pallets {
		prefix := crypto.Twox128([]byte(p))
		version := crypto.Twox128([]byte(":__STORAGE_VERSION__:"))
		for _, key := range w.Keys() {
			if bytes.HasPrefix(key, prefix[:]) && !bytes.HasPrefix(key[16:], version[:]) {
				n++
			}
		}
	}
	return n
}

func TestNothingOfAChallengeIsLeft(t *testing.T) {
	for name, run := range map[string]func(w *audittest.World, miner substrate.AccountID){
		"judged": func(w *audittest.World, miner substrate.AccountID) {
			w.Answer(miner, nil)
			w.Judge(miner, true)
		},
		"not judged": func(w *audittest.World, miner substrate.AccountID) { w.Answer(miner, nil) },
		"answered by half": func(w *audittest.World, miner substrate.AccountID) {
			w.Must(miner, audit.SubmitServiceProof{})
			w.Must(miner, w.ServiceVerdict(miner, true, audittest.TEE))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, miner := one(t)
			w.Challenge(miner)
			run(w, miner)
			w.End(miner)
			if n := keysOf(w, "Audit", "AuditExtra", "Podr2"); n != 0 {
				t.Errorf("%d records are left", n)
			}
		})
	}
}

// A block works off at most SlipLimit slips of each kind; the next ones go on,
// and nobody is forgotten.
func TestSlipsBeyondTheLimitWait(t *testing.T) {
	const miners, limit = 11, 3
	w := audittest.New(t, audittest.Options{Miners: miners, Constants: map[string]any{"Audit.SlipLimit": limit}})
	w.Set(func(ctx *runtime.Context) error {
		for _, m := range w.Miners {
			if err := ctx.Dispatch(audit.PointMinerChallenge{Miner: m}, runtime.RootOrigin()); err != nil {
				return err
			}
		}
		return nil
	})
	e := w.Open(w.Miners[0]).Element
	count := func(has func(m substrate.AccountID) bool) (n int) {
		for _, m := range w.Miners {
			if has(m) {
				n++
			}
		}
		return n
	}
	missed := func(m substrate.AccountID) bool { return audit.Misses.Get(w.Ctx(), m) == 1 }
	ended := func(m substrate.AccountID) bool { return !audit.Challenges.Contains(w.Ctx(), m) }
	w.GoTo(e.ServiceSlip)
	for block := 1; block <= 5; block++ {
		w.NextBlocks(1)
		if got, want := count(missed), min(block*limit, miners); got != want {
			t.Errorf("%d blocks after the slip %d misses are noted, want %d", block, got, want)
		}
	}
	w.GoTo(e.VerifySlip)
	for block := 1; block <= 5; block++ {
		w.NextBlocks(1)
		if got, want := count(ended), min(block*limit, miners); got != want {
			t.Errorf("%d blocks after the slip %d challenges are over, want %d", block, got, want)
		}
	}
	if n := keysOf(w, "AuditExtra"); n != 0 {
		t.Errorf("%d records of a backlog are left", n)
	}
	for _, m := range w.Miners {
		if podr2.Frozen.Contains(w.Ctx(), m) {
			t.Error("a list is frozen for ever")
		}
	}
}
