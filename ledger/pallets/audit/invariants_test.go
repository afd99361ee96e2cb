package audit_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/audit/audittest"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"pgregory.net/rapid"
)

// account is what a miner's books should say.
type account struct {
	misses    uint8
	failures  uint32
	before    uint32 // failures before the verdict of the open challenge
	completed int    // challenges that are over
	lost      types.Balance
	fine      types.Balance // by the verdict of the open challenge
	open      audit.Challenge
	hasOpen   bool
}

var (
	missFine    = scale.U128From64(100)
	verdictFine = types.Tokens(200)
)

func (a *account) judged(result bool) {
	a.fine = types.Balance{}
	a.failures = 0
	if result {
		return
	}
	a.failures = a.before + 1
	if a.failures >= 2 {
		a.fine = verdictFine
	}
}

func bothTrue(c audit.Challenge) bool {
	idle, _ := c.Proofs.Idle.Get()
	service, _ := c.Proofs.Service.Get()
	return idle.Verdict.Or(false) && service.Verdict.Or(false)
}

// After any sequence of calls and blocks, the miners' counts, rewards and
// collateral are those of a simple book-keeper, every challenge has one verify
// slip ahead and one frozen list, and what is over leaves nothing.
//
// The miners have no fragments: an empty proof is right. The first one uses
// version 2, so that its verdicts can be disputed.
func TestBooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := audittest.New(t, audittest.Options{Miners: 2})
		w.Must(w.Miners[0], podr2.SetVersion{Version: podr2.Version2})
		books := make([]account, len(w.Miners))
		collateral := w.Miner(w.Miners[0]).Collateral
		try := func(who substrate.AccountID, call runtime.Call) bool { return w.Run(who, call) == nil }
		observe := func() { // after each block
			for i, m := range w.Miners {
				a := &books[i]
				if a.hasOpen && w.Number() == a.open.Element.ServiceSlip+1 && a.open.Proofs.Service.IsNone() {
					if a.misses++; a.misses > 1 {
						a.lost = a.lost.SaturatingAdd(missFine)
					}
				}
				now, ok := audit.Challenges.Get(w.Ctx(), m)
				// The next challenge may start in the block that ends the last.
				if a.hasOpen && (!ok || now.Element.Start != a.open.Element.Start) {
					if p, answered := a.open.Proofs.Service.Get(); answered && p.Verdict.IsNone() && i == 0 {
						a.before = a.failures // the chain judges version 2 in the end
						a.judged(len(p.Proof) == 0)
						p.Verdict = scale.Some(len(p.Proof) == 0)
						a.open.Proofs.Service = scale.Some(p)
					}
					if bothTrue(a.open) {
						a.completed++
					}
					a.lost, a.fine = a.lost.SaturatingAdd(a.fine), types.Balance{}
				}
				a.open, a.hasOpen = now, ok
			}
		}
		pick := func(t *rapid.T) (*account, substrate.AccountID) {
			i := rapid.IntRange(0, len(books)-1).Draw(t, "miner")
			return &books[i], w.Miners[i]
		}
		answered := func(a *account) {
			if a.open.Proofs.Idle.IsSome() && a.open.Proofs.Service.IsSome() {
				a.misses = 0
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"challenge": func(t *rapid.T) {
				_, m := pick(t)
				if err := w.Root(audit.PointMinerChallenge{Miner: m}); err != nil {
					t.Fatal(err)
				}
				observe()
			},
			"prove idle space": func(t *rapid.T) {
				a, m := pick(t)
				done := try(m, audit.SubmitIdleProof{Proof: audittest.IdleHash})
				if observe(); done {
					answered(a)
				}
			},
			"prove service data": func(t *rapid.T) {
				a, m := pick(t)
				proof := []byte(rapid.SampledFrom([]string{"", "x"}).Draw(t, "proof"))
				done := try(m, audit.SubmitServiceProof{Proof: proof})
				if observe(); done {
					answered(a)
				}
			},
			"challenge and judge": func(t *rapid.T) {
				a, m := pick(t)
				if a.hasOpen {
					t.Skip("a challenge is open")
				}
				w.Challenge(m)
				observe()
				w.Must(m, audit.SubmitIdleProof{Proof: audittest.IdleHash})
				observe()
				proof := []byte(rapid.SampledFrom([]string{"", "x"}).Draw(t, "proof"))
				w.Must(m, audit.SubmitServiceProof{Proof: proof})
				observe()
				answered(a)
				result := rapid.Bool().Draw(t, "result")
				w.Must(m, w.ServiceVerdict(m, result, audittest.TEE))
				observe()
				a.before = a.failures
				a.judged(result)
				if rapid.Bool().Draw(t, "idle space") {
					w.Must(m, w.IdleVerdict(m, true, audittest.TEE))
					observe()
				}
			},
			"judge idle space": func(t *rapid.T) {
				_, m := pick(t)
				try(m, w.IdleVerdict(m, rapid.Bool().Draw(t, "result"), audittest.TEE))
				observe()
			},
			"judge service data": func(t *rapid.T) {
				a, m := pick(t)
				result := rapid.Bool().Draw(t, "result")
				done := try(m, w.ServiceVerdict(m, result, audittest.TEE))
				if observe(); done {
					a.before = a.failures
					a.judged(result)
				}
			},
			"judge on chain": func(t *rapid.T) {
				a, m := pick(t)
				done := try(palletstest.Eve, podr2.Judge{Miner: m})
				if observe(); done {
					p, _ := a.open.Proofs.Service.Get()
					a.before = a.failures
					a.judged(len(p.Proof) == 0)
				}
			},
			"dispute": func(t *rapid.T) {
				a, m := &books[0], w.Miners[0]
				done := try(palletstest.Eve, podr2.Dispute{Miner: m})
				if observe(); done {
					p, _ := a.open.Proofs.Service.Get()
					a.judged(len(p.Proof) == 0)
				}
			},
			"next block": func(t *rapid.T) {
				for range rapid.SampledFrom([]int{1, 3, 25}).Draw(t, "blocks") {
					w.NextBlocks(1)
					observe()
				}
			},
			"": func(t *rapid.T) {
				for i, m := range w.Miners {
					check(t, w, m, &books[i], collateral)
				}
			},
		})
		for _, m := range w.Miners {
			w.End(m)
		}
		if n := keysOf(w, "AuditExtra"); n != 0 {
			t.Fatalf("%d records are left", n)
		}
	})
}

func check(t *rapid.T, w *audittest.World, m substrate.AccountID, a *account, collateral types.Balance) {
	ctx := w.Ctx()
	if got := audit.Misses.Get(ctx, m); got != a.misses {
		t.Fatalf("%d misses, want %d", got, a.misses)
	}
	if got := audit.ServiceFailures.Get(ctx, m); got != a.failures {
		t.Fatalf("%d failures, want %d", got, a.failures)
	}
	want := a.completed
	if a.hasOpen && bothTrue(a.open) {
		want++
	}
	if got := len(sminer.CompleteMinerSnapShots.Get(ctx, m)); got != want {
		t.Fatalf("%d completed challenges, want %d", got, want)
	}
	if got, want := collateral.SaturatingSub(w.Miner(m).Collateral), a.lost.SaturatingAdd(a.fine); got != want {
		t.Fatalf("fines of %v planck, want %v", got, want)
	}
	slips := 0
	ctx.Scan(audit.VerifySlips.Prefix(), nil, func(key, _ []byte) bool {
		block, who, err := audit.VerifySlips.DecodeKey(key)
		if err != nil {
			t.Fatal(err)
		}
		if who == m {
			slips++
			if block < w.Number() {
				t.Fatalf("at block %d a slip of block %d waits for ever", w.Number(), block)
			}
		}
		return true
	})
	p, _ := a.open.Proofs.Service.Get()
	_, frozen := podr2.Frozen.Get(ctx, m)
	_, judgement := audit.Judgements.Get(ctx, m)
	if (slips == 1) != a.hasOpen || slips > 1 || frozen != a.hasOpen || judgement != p.Verdict.IsSome() {
		t.Fatalf("challenge %v: %d verify slips, frozen list %v, judgement %v with verdict %v",
			a.hasOpen, slips, frozen, judgement, p.Verdict)
	}
}
