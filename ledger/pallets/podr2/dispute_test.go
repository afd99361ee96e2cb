package podr2_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/audit/audittest"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/schedulercredit"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	scheme "github.com/gocess/gocess/storage/podr2"
)

func expect(t *testing.T, w *world, who substrate.AccountID, call runtime.Call, want error) {
	t.Helper()
	if err := w.Run(who, call); !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", runtime.RuntimeCall{Call: call}.Name(), err, want)
	}
}

func overturned(t *testing.T, w *world) podr2.OverturnedEvent {
	t.Helper()
	got := palletstest.EventsOf[podr2.OverturnedEvent](w.Chain)
	if len(got) != 1 {
		t.Fatalf("%d events Overturned", len(got))
	}
	return got[0]
}

// A valid proof that a worker judged false: the miner gets its fine and its
// reward back, as if the verdict had been true, and the dispute is free.
func TestValidProofJudgedFalse(t *testing.T) {
	w := newWorld(t, audittest.Options{})
	w.Set(func(ctx *runtime.Context) error { audit.ServiceFailures.Put(ctx, w.miner, 1); return nil })
	before := w.Miner(w.miner)
	w.round(w.miner, same)
	w.Judge(w.miner, false)
	if fined := w.Miner(w.miner); fined.Collateral == before.Collateral || failures(w, w.miner) != 2 {
		t.Fatalf("the verdict was not punished: %v, %d failures", fined.Collateral, failures(w, w.miner))
	}
	purse, bond := balances.API{}.Free(w.Ctx(), palletstest.Bob), balances.API{}.Free(w.Ctx(), palletstest.Alice)
	w.Must(palletstest.Bob, podr2.Dispute{Miner: w.miner})
	e := overturned(t, w)
	if e.Miner != w.miner || e.TEE != scale.Some(audittest.TEE) || e.Disputer != palletstest.Bob || !e.Result || !e.Punished {
		t.Errorf("event %+v", e)
	}
	// 5 % of the smallest bond of a validator.
	if lost := bond.SaturatingSub(balances.API{}.Free(w.Ctx(), palletstest.Alice)); lost != types.Tokens(50) {
		t.Errorf("the worker's stash lost %v planck, want 50 tokens", lost)
	}
	if n := schedulercredit.CurrentCounters.Get(w.Ctx(), palletstest.Alice).Punishments; n != 1 {
		t.Errorf("%d punishments are on the worker's record", n)
	}
	if !verdict(t, w, w.miner) || failures(w, w.miner) != 0 || completed(w, w.miner) != 1 {
		t.Errorf("after the dispute: verdict %v, %d failures, %d completed challenges",
			verdict(t, w, w.miner), failures(w, w.miner), completed(w, w.miner))
	}
	if now := w.Miner(w.miner); now.Collateral != before.Collateral || now.Debt != before.Debt || !bytes.Equal(now.State, before.State) {
		t.Errorf("collateral %v, debt %v, %s; want %v, %v, %s", now.Collateral, now.Debt, now.State,
			before.Collateral, before.Debt, before.State)
	}
	if now := (balances.API{}).Free(w.Ctx(), palletstest.Bob); now != purse {
		t.Errorf("the dispute costs %v planck", purse.SaturatingSub(now))
	}
	expect(t, w, palletstest.Bob, podr2.Dispute{Miner: w.miner}, podr2.ErrVerdictStands)
	w.End(w.miner)
}

// An invalid proof that a worker judged true: the reward is taken back, and the
// failure counts and is punished.
func TestInvalidProofJudgedTrue(t *testing.T) {
	w := newWorld(t, audittest.Options{})
	for i, fine := range []types.Balance{{}, types.Tokens(200)} {
		before := w.Miner(w.miner).Collateral
		w.round(w.miner, wrong)
		w.Judge(w.miner, true)
		if completed(w, w.miner) != 1 {
			t.Fatalf("round %d: %d completed challenges with two true verdicts", i, completed(w, w.miner))
		}
		// As after a false verdict before: a true one resets the count.
		w.Set(func(ctx *runtime.Context) error {
			return audit.Judgements.Mutate(ctx, w.miner, audit.ErrUnexpected, func(j *audit.Judgement) error {
				j.FailedBefore = uint32(i)
				return nil
			})
		})
		w.Must(palletstest.Bob, podr2.Dispute{Miner: w.miner})
		if e := overturned(t, w); e.Result || e.TEE != scale.Some(audittest.TEE) {
			t.Errorf("event %+v", e)
		}
		if verdict(t, w, w.miner) || failures(w, w.miner) != uint32(i+1) || completed(w, w.miner) != 0 {
			t.Errorf("round %d: verdict %v, %d failures, %d completed challenges", i,
				verdict(t, w, w.miner), failures(w, w.miner), completed(w, w.miner))
		}
		if got := before.SaturatingSub(w.Miner(w.miner).Collateral); got != fine {
			t.Errorf("round %d costs %v planck, want %v", i, got, fine)
		}
		w.End(w.miner)
	}
}

// A wrong verdict falls even if nobody can be punished for it.
func TestVerdictOfAnUnbondedWorkerFalls(t *testing.T) {
	w := newWorld(t, audittest.Options{})
	w.round(w.miner, same)
	w.Must(w.miner, w.ServiceVerdict(w.miner, false, audittest.OtherTEE))
	w.Must(palletstest.Bob, podr2.Dispute{Miner: w.miner})
	if e := overturned(t, w); e.TEE != scale.Some(audittest.OtherTEE) || e.Punished {
		t.Errorf("event %+v", e)
	}
	if !verdict(t, w, w.miner) {
		t.Error("the verdict stands")
	}
}

// The verdict on idle space may come after the dispute.
func TestIdleVerdictAfterTheDispute(t *testing.T) {
	w := newWorld(t, audittest.Options{})
	for _, c := range []struct {
		proof func([]byte) []byte
		want  int
	}{{wrong, 0}, {same, 1}} {
		w.round(w.miner, c.proof)
		w.Must(w.miner, w.ServiceVerdict(w.miner, c.want == 0, audittest.TEE))
		w.Must(palletstest.Bob, podr2.Dispute{Miner: w.miner})
		w.Must(w.miner, w.IdleVerdict(w.miner, true, audittest.TEE))
		if got := completed(w, w.miner); got != c.want {
			t.Errorf("%d completed challenges, want %d", got, c.want)
		}
		w.End(w.miner)
	}
}

func TestRightVerdictStands(t *testing.T) {
	w := newWorld(t, audittest.Options{})
	for _, proof := range []func([]byte) []byte{
		same, wrong,
		func(b []byte) []byte { return b[:len(b)-1] },
		func(b []byte) []byte { return append(bytes.Clone(b), 0) },
		func([]byte) []byte { return nil },
		func([]byte) []byte { return []byte("1234567890") }, // as version 1
		func(b []byte) []byte { b = bytes.Clone(b); b[1] ^= 1; return b },
	} {
		w.round(w.miner, proof)
		proved, _ := w.Open(w.miner).Proofs.Service.Get()
		right := bytes.Equal(proved.Proof, w.prove(w.miner, w.list(w.miner)))
		w.Must(w.miner, w.ServiceVerdict(w.miner, right, audittest.TEE))
		purse := balances.API{}.Free(w.Ctx(), palletstest.Bob)
		expect(t, w, palletstest.Bob, podr2.Dispute{Miner: w.miner}, podr2.ErrVerdictStands)
		if now := (balances.API{}).Free(w.Ctx(), palletstest.Bob); !now.Less(purse) {
			t.Error("a dispute for nothing is free")
		}
		if verdict(t, w, w.miner) != right {
			t.Errorf("the verdict on proof %x became %v", proved.Proof, !right)
		}
		w.End(w.miner)
	}
}

// A proof counts for one challenge of one miner.
func TestReplayedAndBorrowedProofs(t *testing.T) {
	w := newWorld(t, audittest.Options{Miners: 2})
	var old []byte
	w.round(w.miner, func(b []byte) []byte { old = b; return b })
	w.Judge(w.miner, true)
	expect(t, w, palletstest.Bob, podr2.Dispute{Miner: w.miner}, podr2.ErrVerdictStands)
	w.End(w.miner)

	w.round(w.miner, func([]byte) []byte { return old })
	w.Judge(w.miner, true)
	w.Must(palletstest.Bob, podr2.Dispute{Miner: w.miner})
	w.End(w.miner)

	w.Challenge(w.Miners[1])
	list := w.list(w.miner)
	w.Challenge(w.miner)
	borrowed := w.prove(w.Miners[1], list)
	w.Answer(w.miner, borrowed)
	w.Judge(w.miner, true)
	w.Must(palletstest.Bob, podr2.Dispute{Miner: w.miner})
	if verdict(t, w, w.miner) {
		t.Error("another miner's proof counts")
	}
}

// What a challenge asks about is the list before it started, under the key of
// then, whatever changes meanwhile.
func TestChallengeIsAboutTheFrozenList(t *testing.T) {
	w := newWorld(t, audittest.Options{Constants: map[string]any{"Audit.ProveTime": 20}})
	list := w.list(w.miner)
	w.Challenge(w.miner)
	w.forget(w.miner, w.names[0], w.names[2])
	w.store(w.miner, fragmentsTo(5)...)
	w.store(w.miner, w.names[2])
	if err := w.Root(podr2.ClearTaggerKey{}); err != nil {
		t.Fatal(err)
	}
	other, err := scheme.NewSecretKey(sha256.Sum256([]byte("other tagger")))
	if err != nil {
		t.Fatal(err)
	}
	w.Must(palletstest.Bob, w.registration(other.Public()))
	seed := podr2.SeedOf(w.Open(w.miner).Element, w.miner)
	w.Answer(w.miner, w.prove(w.miner, list))
	// The window is extended; the question stays.
	w.GoTo(w.Open(w.miner).Element.VerifySlip + 1)
	if again := podr2.SeedOf(w.Open(w.miner).Element, w.miner); w.Open(w.miner).Proofs.Assign != 1 || again != seed {
		t.Fatalf("the extended challenge has seed %x, want %x", again, seed)
	}
	w.Judge(w.miner, true)
	expect(t, w, palletstest.Bob, podr2.Dispute{Miner: w.miner}, podr2.ErrVerdictStands)
	w.End(w.miner)
	if n := keysUnder(w.Chain, podr2.FrozenSlots.Prefix()); n == 0 {
		return
	}
	cleanAll(t, w.Chain)
	if n := keysUnder(w.Chain, podr2.FrozenSlots.Prefix()); n != 0 {
		t.Errorf("%d slots are left", n)
	}
}

// A miner without fragments proves with nothing.
func TestNoFragments(t *testing.T) {
	w := newWorld(t, audittest.Options{})
	w.forget(w.miner, w.names...)
	for _, c := range []struct {
		proof []byte
		right bool
	}{{nil, true}, {[]byte{2}, false}} {
		for _, judged := range []bool{c.right, !c.right} {
			w.Challenge(w.miner)
			w.Answer(w.miner, c.proof)
			w.Must(w.miner, w.ServiceVerdict(w.miner, judged, audittest.TEE))
			var want error
			if judged == c.right {
				want = podr2.ErrVerdictStands
			}
			expect(t, w, palletstest.Bob, podr2.Dispute{Miner: w.miner}, want)
			if verdict(t, w, w.miner) != c.right {
				t.Errorf("proof %x counts as %v", c.proof, !c.right)
			}
			w.End(w.miner)
		}
	}
}

func TestDisputeRejects(t *testing.T) {
	w := newWorld(t, audittest.Options{})
	dispute, judge := podr2.Dispute{Miner: w.miner}, podr2.Judge{Miner: w.miner}
	for _, call := range []runtime.Call{dispute, judge} {
		if err := w.Root(call); !errors.Is(err, runtime.ErrBadOrigin) {
			t.Errorf("%T by root: %v", call, err)
		}
		expect(t, w, palletstest.Bob, call, podr2.ErrNoChallenge)
	}
	w.Challenge(w.miner)
	expect(t, w, palletstest.Bob, dispute, podr2.ErrNoProof)
	expect(t, w, palletstest.Bob, judge, podr2.ErrNoProof)
	w.Must(w.miner, audit.SubmitServiceProof{})
	expect(t, w, palletstest.Bob, dispute, podr2.ErrNoVerdict)
	expect(t, w, palletstest.Bob, judge, podr2.ErrTooEarly)
	w.Must(w.miner, w.ServiceVerdict(w.miner, false, audittest.TEE))
	expect(t, w, palletstest.Bob, judge, podr2.ErrVerdictExists)
	w.End(w.miner)

	w.Must(w.miner, podr2.SetVersion{Version: podr2.Version1})
	w.Challenge(w.miner)
	w.Must(w.miner, audit.SubmitServiceProof{})
	w.Must(w.miner, w.ServiceVerdict(w.miner, true, audittest.TEE))
	expect(t, w, palletstest.Bob, dispute, podr2.ErrNotVersion2)
	w.End(w.miner)

	w.Must(w.miner, podr2.SetVersion{Version: podr2.Version2})
	if err := w.Root(podr2.ClearTaggerKey{}); err != nil {
		t.Fatal(err)
	}
	w.Challenge(w.miner)
	w.Must(w.miner, audit.SubmitServiceProof{})
	w.Must(w.miner, w.ServiceVerdict(w.miner, true, audittest.TEE))
	w.Must(palletstest.Bob, w.registration(w.key.Public()))
	expect(t, w, palletstest.Bob, dispute, podr2.ErrNoTaggerKey)
}
