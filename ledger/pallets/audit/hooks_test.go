package audit_test

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/audit/audittest"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Nobody is challenged before FirstChallenge, and then one miner in each
// ChallengePeriod, drawn by the block's randomness.
func TestDraw(t *testing.T) {
	const first, period = 10, 4
	w := audittest.New(t, audittest.Options{Miners: 5, Constants: map[string]any{
		"Audit.FirstChallenge": first, "Audit.ChallengePeriod": period,
	}})
	drawn := make(map[substrate.AccountID]bool)
	for w.Number() < 60 {
		busy := make(map[substrate.AccountID]bool)
		for _, m := range w.Miners {
			busy[m] = audit.Challenges.Contains(w.Ctx(), m)
		}
		w.NextBlocks(1)
		now := w.Number()
		got := palletstest.EventsOf[audit.GenerateChallengeEvent](w.Chain)
		if now < first || now%period != 0 {
			if len(got) != 0 {
				t.Fatalf("block %d: %d challenges", now, len(got))
			}
			continue
		}
		seed := crypto.Blake2b256([]byte("randomness"), binary.LittleEndian.AppendUint32(nil, now))
		h := crypto.Blake2b256([]byte("rewardpt"), binary.LittleEndian.AppendUint32(nil, now), seed[:])
		want := w.Miners[binary.LittleEndian.Uint64(h[:8])%uint64(len(w.Miners))]
		if busy[want] {
			if len(got) != 0 {
				t.Fatalf("block %d: %d challenges, but the drawn miner has one", now, len(got))
			}
			continue
		}
		if len(got) != 1 || got[0].Miner != want || w.Open(want).Element.Start != now {
			t.Fatalf("block %d: challenged %v, want %v", now, got, want)
		}
		drawn[want] = true
	}
	if len(drawn) < 3 {
		t.Errorf("only %d of 5 miners were drawn", len(drawn))
	}
}

func TestChallengeNeeds(t *testing.T) {
	for name, take := range map[string]func(ctx *runtime.Context, miner substrate.AccountID) error{
		"a PoIS key": func(ctx *runtime.Context, miner substrate.AccountID) error {
			return sminer.Miners.Mutate(ctx, miner, sminer.ErrNotMiner, func(m *sminer.Miner) error {
				m.SpaceProofInfo = scale.None[types.SpaceProofInfo]()
				return nil
			})
		},
		"space": func(ctx *runtime.Context, miner substrate.AccountID) error {
			return sminer.Miners.Mutate(ctx, miner, sminer.ErrNotMiner, func(m *sminer.Miner) error {
				m.IdleSpace, m.ServiceSpace = scale.U128{}, scale.U128{}
				return nil
			})
		},
		"a verifier": func(ctx *runtime.Context, _ substrate.AccountID) error {
			teeworker.ValidationTypeList.Put(ctx, nil)
			return nil
		},
		"a graph": func(ctx *runtime.Context, _ substrate.AccountID) error {
			sminer.Expenders.Delete(ctx)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, miner := one(t)
			w.Set(func(ctx *runtime.Context) error { return take(ctx, miner) })
			if err := w.Root(audit.PointMinerChallenge{Miner: miner}); err != nil {
				t.Fatal(err)
			}
			if audit.Challenges.Contains(w.Ctx(), miner) {
				t.Errorf("challenged without %s", name)
			}
		})
	}
}

// The slips of the public network (spec/pallets-mining.md §2.2).
func TestSlips(t *testing.T) {
	w := audittest.New(t, audittest.Options{Constants: map[string]any{
		"Audit.ProveTime": 50, "Audit.VerifyTime": 600, "Audit.IdleProveRate": 203_613_264,
		"Audit.ServiceProveRate": 25_165_824, "Audit.VerifyRate": 2_147_483_648,
	}})
	miner := w.Miners[0]
	const idle, service = 20 * types.TiB, 3 * types.TiB
	w.Set(func(ctx *runtime.Context) error {
		return sminer.Miners.Mutate(ctx, miner, sminer.ErrNotMiner, func(m *sminer.Miner) error {
			m.IdleSpace, m.ServiceSpace = scale.U128From64(idle), scale.U128From64(service)
			return nil
		})
	})
	e := w.Challenge(miner).Element
	now := w.Number()
	idleSlip, serviceSlip := now+uint32(idle/203_613_264)+50, now+uint32(service/25_165_824)+50
	verifySlip := max(idleSlip, serviceSlip) + uint32((idle+service)/2_147_483_648/2) + 600
	if e.IdleSlip != idleSlip || e.ServiceSlip != serviceSlip || e.VerifySlip != verifySlip {
		t.Errorf("slips %d, %d, %d; want %d, %d, %d", e.IdleSlip, e.ServiceSlip, e.VerifySlip, idleSlip, serviceSlip, verifySlip)
	}
}

// The block of a slip still counts. Upstream notes the miss before the block's
// extrinsics run, and then takes the proof.
func TestProofInTheBlockOfItsSlipCounts(t *testing.T) {
	w, miner := one(t)
	w.GoTo(w.Challenge(miner).Element.ServiceSlip - 1)
	w.Must(miner, audit.SubmitServiceProof{})
	w.NextBlocks(3)
	if n := audit.Misses.Get(w.Ctx(), miner); n != 0 {
		t.Errorf("%d misses", n)
	}
}

// A challenge that root ends before its proofs are due leaves nothing that
// counts against the next one.
func TestChallengeEndedEarly(t *testing.T) {
	w, miner := one(t)
	first := w.Challenge(miner).Element
	soon := w.Number() + 2
	if err := w.Root(audit.TestUpdateVerifySlip{Old: first.VerifySlip, New: soon, Miner: miner}); err != nil {
		t.Fatal(err)
	}
	w.GoTo(soon + 1)
	if audit.Challenges.Contains(w.Ctx(), miner) {
		t.Fatal("the challenge goes on")
	}
	if next := w.Challenge(miner).Element; next.ServiceSlip <= first.ServiceSlip+1 {
		t.Fatalf("proofs until %d and until %d", first.ServiceSlip, next.ServiceSlip)
	}
	w.GoTo(first.ServiceSlip + 2)
	if n := audit.Misses.Get(w.Ctx(), miner); n != 0 {
		t.Errorf("%d misses before any proof was due", n)
	}
}

// Misses in a row are punished from the second on and force the miner out at
// MissLimit; a missing idle proof alone costs nothing.
func TestMisses(t *testing.T) {
	const limit = 5
	w := audittest.New(t, audittest.Options{Constants: map[string]any{"Audit.MissLimit": limit}})
	miner := w.Miners[0]
	collateral := w.Miner(miner).Collateral
	for miss := uint8(1); miss < limit; miss++ {
		w.Challenge(miner)
		w.End(miner)
		if got := audit.Misses.Get(w.Ctx(), miner); got != miss {
			t.Fatalf("%d misses, want %d", got, miss)
		}
		fine := types.Balance{}
		if miss > 1 {
			fine = scale.U128From64(100) // it never earned anything
		}
		now := w.Miner(miner).Collateral
		if got := collateral.SaturatingSub(now); got != fine {
			t.Fatalf("miss %d costs %v planck, want %v", miss, got, fine)
		}
		collateral = now
	}
	if s := string(w.Miner(miner).State); s != sminer.StatePositive {
		t.Fatalf("before the limit the miner is %s", s)
	}
	w.Challenge(miner)
	w.End(miner)
	if s := string(w.Miner(miner).State); s != sminer.StateOffline {
		t.Errorf("at the limit the miner is %s", s)
	}
	if n := audit.Misses.Get(w.Ctx(), miner); n != 0 {
		t.Errorf("%d misses of a miner that is out", n)
	}

	w, miner = one(t)
	w.Challenge(miner)
	w.Must(miner, audit.SubmitServiceProof{})
	w.End(miner)
	if n := audit.Misses.Get(w.Ctx(), miner); n != 0 {
		t.Errorf("%d misses for an idle proof that is missing", n)
	}
}

// Upstream's hooks leave half of a punishment behind when its second half
// fails. Here the collateral of one miner is not there: nothing of it moves,
// the miss counts all the same, and the others are dealt with.
func TestMinersArePunishedEachByItself(t *testing.T) {
	w := audittest.New(t, audittest.Options{Miners: 3})
	poor := w.Miners[1]
	const left = 50
	w.Set(func(ctx *runtime.Context) error {
		for _, m := range w.Miners {
			audit.Misses.Put(ctx, m, 1)
		}
		reserved := balances.API{}.Reserved(ctx, poor)
		balances.API{}.Unreserve(ctx, poor, reserved.SaturatingSub(scale.U128From64(left)))
		return nil
	})
	before := make(map[substrate.AccountID]types.Balance)
	for _, m := range w.Miners {
		before[m] = w.Miner(m).Collateral
		w.Challenge(m)
	}
	for _, m := range w.Miners {
		w.End(m)
		if n := audit.Misses.Get(w.Ctx(), m); n != 2 {
			t.Errorf("%d misses, want 2", n)
		}
		fine := scale.U128From64(100)
		if m == poor {
			fine = types.Balance{}
		}
		if got := before[m].SaturatingSub(w.Miner(m).Collateral); got != fine {
			t.Errorf("the second miss costs %v planck, want %v", got, fine)
		}
	}
	if got := (balances.API{}).Reserved(w.Ctx(), poor); got != scale.U128From64(left) {
		t.Errorf("%v planck are reserved after a punishment that failed, want %d", got, left)
	}
}

// False service proofs are fined from FaultTolerance in a row on.
func TestFailuresInARow(t *testing.T) {
	w, miner := one(t)
	round := func(result bool) types.Balance {
		t.Helper()
		before := w.Miner(miner).Collateral
		w.Challenge(miner)
		w.Answer(miner, nil)
		w.Judge(miner, result)
		w.End(miner)
		return before.SaturatingSub(w.Miner(miner).Collateral)
	}
	fine := types.Tokens(200) // 5 % of what 1 TiB or less needs
	for i, step := range []struct {
		result bool
		fine   types.Balance
		failed uint32
	}{
		{false, types.Balance{}, 1}, {true, types.Balance{}, 0}, {false, types.Balance{}, 1},
		{false, fine, 2}, {false, fine, 3}, {true, types.Balance{}, 0},
	} {
		if got := round(step.result); got != step.fine {
			t.Fatalf("round %d costs %v planck, want %v", i, got, step.fine)
		}
		if got := audit.ServiceFailures.Get(w.Ctx(), miner); got != step.failed {
			t.Fatalf("round %d: %d failures, want %d", i, got, step.failed)
		}
	}
	if n := len(sminer.CompleteMinerSnapShots.Get(w.Ctx(), miner)); n != 2 {
		t.Errorf("%d completed challenges, want 2", n)
	}
}

// Service verdicts earn service points; upstream counts them as idle ones.
func TestServiceVerdictEarnsServicePoints(t *testing.T) {
	w, miner := one(t)
	w.Challenge(miner)
	w.Answer(miner, nil)
	w.Must(miner, w.ServiceVerdict(miner, true, audittest.TEE))
	if got := counters(w).Points; got != 12 { // 12 for every GiB begun
		t.Errorf("%d points for a service verdict, want 12", got)
	}
	w.Must(miner, w.IdleVerdict(miner, true, audittest.TEE))
	if got := counters(w).Points; got != 12+64 { // 1 for every 16 GiB of 1 TiB of idle files
		t.Errorf("%d points for both verdicts, want 76", got)
	}
}

// A worker without stash earns nothing, but its verdict stands. Upstream
// refuses the verdict.
func TestVerdictOfAWorkerWithoutStashStands(t *testing.T) {
	w, miner := one(t)
	w.Set(func(ctx *runtime.Context) error {
		worker, _ := teeworker.Workers.Get(ctx, audittest.TEE)
		worker.StashAccount = scale.None[substrate.AccountID]()
		teeworker.Workers.Put(ctx, audittest.TEE, worker)
		return nil
	})
	w.Challenge(miner)
	w.Answer(miner, nil)
	w.Judge(miner, true)
	if n := len(sminer.CompleteMinerSnapShots.Get(w.Ctx(), miner)); n != 1 {
		t.Errorf("%d completed challenges", n)
	}
	if got := counters(w).Points; got != 0 {
		t.Errorf("%d points", got)
	}
}

// Two runs of the same blocks end in the same state.
func TestDeterminism(t *testing.T) {
	run := func() [32]byte {
		w := audittest.New(t, audittest.Options{Miners: 3, Constants: map[string]any{
			"Audit.FirstChallenge": 1, "Audit.ChallengePeriod": 2,
		}})
		for round := range 40 {
			for i, m := range w.Miners {
				c, ok := audit.Challenges.Get(w.Ctx(), m)
				switch {
				case !ok || (round+i)%3 == 0:
				case c.Proofs.Service.IsNone():
					_ = w.Run(m, audit.SubmitServiceProof{Proof: []byte("1")})
				case c.Proofs.Idle.IsNone():
					_ = w.Run(m, audit.SubmitIdleProof{Proof: audittest.IdleHash})
				default:
					_ = w.Run(m, w.ServiceVerdict(m, round%2 == 0, audittest.TEE))
				}
			}
			w.NextBlocks(1)
		}
		h := sha256.New()
		w.Ctx().Scan(nil, nil, func(key, value []byte) bool {
			h.Write(key)
			h.Write(value)
			return true
		})
		return [32]byte(h.Sum(nil))
	}
	// Signatures are randomised, but only their validity counts.
	if a, b := run(), run(); a != b {
		t.Errorf("states %x and %x", a, b)
	}
}
