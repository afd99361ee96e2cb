package sminer_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

func TestPoISKeyPutsMinerIntoService(t *testing.T) {
	w := newWorld(t, 0, nil)
	call := registration(alice, 1)
	if err := w.Run(alice, call); !errors.Is(err, sminer.ErrNotMiner) {
		t.Fatalf("without a record: %v", err)
	}
	w.newcomer(alice)
	short, forged := call, call
	short.TEESig = short.TEESig[:63]
	forged.PoISKey.G[0]++
	if err := w.Run(alice, short); !errors.Is(err, sminer.ErrMalformedSignature) {
		t.Fatalf("signature of 63 bytes: %v", err)
	}
	if err := w.Run(alice, forged); !errors.Is(err, sminer.ErrVerifyTEESigFailed) {
		t.Fatalf("another key: %v", err)
	}
	if err := w.Run(bob, call); !errors.Is(err, sminer.ErrNotMiner) {
		t.Fatalf("another account: %v", err)
	}
	w.Must(alice, call)
	m := w.miner(alice)
	info, ok := m.SpaceProofInfo.Get()
	if string(m.State) != sminer.StatePositive || !ok || info.Miner != alice || info.Accumulator != call.PoISKey.G {
		t.Fatalf("state %q, proof info of %v", m.State, info.Miner)
	}
	if all := sminer.AllMiners.Get(w.Ctx()); len(all) != 1 || all[0] != alice {
		t.Fatalf("all miners: %v", all)
	}
	if who, ok := sminer.MinerPublicKeys.Get(w.Ctx(), sminer.PoISText(info, tee)); !ok || who != alice {
		t.Fatal("the text does not lead to the miner")
	}
	if err := w.Run(alice, call); !errors.Is(err, sminer.ErrState) {
		t.Fatalf("again: %v", err)
	}
	w.sound()
}

func TestPoISKeyWithoutCollateral(t *testing.T) {
	w := newWorld(t, 0, nil)
	w.Must(alice, sminer.RegnstkAssignStaking{Beneficiary: alice, StakingAccount: bob, TiBCount: 1})
	w.Must(alice, registration(alice, 1))
	if s := w.state(alice); s != sminer.StateFrozen {
		t.Fatalf("state %q without collateral", s)
	}
	w.Must(bob, sminer.IncreaseCollateral{Miner: alice, Collateral: types.Tokens(4000)})
	if s := w.state(alice); s != sminer.StatePositive {
		t.Fatalf("state %q with collateral", s)
	}
	w.sound()
}

// proof is the record of a miner's idle files after a change of the counters.
func (w *world) proof(who account, front, rear uint64) types.SpaceProofInfo {
	info, _ := w.miner(who).SpaceProofInfo.Get()
	info.Front, info.Rear = front, rear
	info.Accumulator[0] = byte(front + rear)
	return info
}

func (w *world) certify(who account, info types.SpaceProofInfo) (added scale.U128, err error) {
	err = w.Do(func(ctx *runtime.Context) (err error) {
		added, err = api.AddIdleSpace(ctx, who, info, types.TEESignature{1})
		return err
	})
	return added, err
}

func (w *world) remove(who account, info types.SpaceProofInfo) (files uint64, err error) {
	err = w.Do(func(ctx *runtime.Context) (err error) {
		files, err = api.ShrinkIdle(ctx, who, info, types.TEESignature{2})
		return err
	})
	return files, err
}

func TestIdleSpaceFollowsCounters(t *testing.T) {
	w := newWorld(t, 0, map[string]any{"Sminer.IdleFileSize": gib})
	w.join(alice, 1)
	for name, tt := range map[string]struct {
		info types.SpaceProofInfo
		want error
	}{
		"nothing new":        {w.proof(alice, 0, 0), sminer.ErrCount},
		"another front":      {w.proof(alice, 1, 5), sminer.ErrCount},
		"more than declared": {w.proof(alice, 0, 1025), sminer.ErrExceedingDeclarationSpace},
	} {
		if _, err := w.certify(alice, tt.info); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	added, err := w.certify(alice, w.proof(alice, 0, 16))
	if err != nil || added != scale.U128From64(16*gib) {
		t.Fatalf("16 files add %v, %v", added, err)
	}
	m := w.miner(alice)
	if info, _ := m.SpaceProofInfo.Get(); m.IdleSpace != added || m.TEESignature[0] != 1 || info.Rear != 16 || info.Accumulator[0] != 16 {
		t.Fatalf("record %v bytes, rear %d", m.IdleSpace, info.Rear)
	}
	if _, err := w.certify(alice, w.proof(alice, 0, 16)); !errors.Is(err, sminer.ErrCount) {
		t.Fatalf("replayed: %v", err)
	}
	for name, info := range map[string]types.SpaceProofInfo{
		"another rear":    w.proof(alice, 1, 17),
		"no file":         w.proof(alice, 0, 16),
		"more than exist": w.proof(alice, 17, 16),
	} {
		if _, err := w.remove(alice, info); !errors.Is(err, sminer.ErrCount) {
			t.Errorf("%s: %v", name, err)
		}
	}
	files, err := w.remove(alice, w.proof(alice, 3, 16))
	if err != nil || files != 3 {
		t.Fatalf("removed %d, %v", files, err)
	}
	if m := w.miner(alice); m.IdleSpace != added || m.TEESignature[0] != 2 {
		t.Fatalf("removing files left %v bytes: the space went when it was locked", m.IdleSpace)
	}
}

// The proof of one miner cannot be filed for another, nor for another key.
func TestBugUnboundIdleProof(t *testing.T) {
	w := newWorld(t, 0, nil)
	w.join(alice, 1)
	w.join(bob, 2)
	foreign := w.proof(bob, 0, 4)
	if _, err := w.certify(alice, foreign); !errors.Is(err, sminer.ErrUnexpected) {
		t.Fatalf("Bob's proof for Alice: %v", err)
	}
	other := w.proof(alice, 0, 4)
	other.PoISKey = key(9)
	if _, err := w.certify(alice, other); !errors.Is(err, sminer.ErrUnexpected) {
		t.Fatalf("proof for another key: %v", err)
	}
	if _, err := w.remove(alice, foreign); !errors.Is(err, sminer.ErrUnexpected) {
		t.Fatalf("Bob's deletion for Alice: %v", err)
	}
}

func TestFrozenMinersCertifyNothing(t *testing.T) {
	w := newWorld(t, 0, map[string]any{"Sminer.IdleFileSize": gib})
	w.join(alice, 1)
	if _, err := w.certify(alice, w.proof(alice, 0, 3)); err != nil {
		t.Fatal(err)
	}
	w.edit(alice, func(m *sminer.Miner) { m.State = sminer.State(sminer.StateFrozen) })
	if _, err := w.certify(alice, w.proof(alice, 0, 4)); !errors.Is(err, sminer.ErrNotPositiveState) {
		t.Fatal(err)
	}
	if files, err := w.remove(alice, w.proof(alice, 2, 3)); err != nil || files != 2 {
		t.Fatalf("a frozen miner removes %d files of 2: %v", files, err)
	}
	w.edit(alice, func(m *sminer.Miner) { m.State = sminer.State(sminer.StateOffline) })
	if _, err := w.remove(alice, w.proof(alice, 3, 3)); !errors.Is(err, sminer.ErrNotPositiveState) {
		t.Fatal(err)
	}
	if _, err := w.certify(bob, types.SpaceProofInfo{Miner: bob, Rear: 4}); !errors.Is(err, sminer.ErrNotMiner) {
		t.Fatal(err)
	}
}

func TestReplacementsSettle(t *testing.T) {
	w := newWorld(t, 1, map[string]any{"Sminer.IdleFileSize": 64 << 20})
	who, files := w.miners[0], func(n uint64) scale.U128 { return scale.U128From64(n << 26) }
	settle := func(n uint64) error {
		return w.Do(func(ctx *runtime.Context) error { return api.SettleReplacement(ctx, who, files(n)) })
	}
	if err := settle(1); !errors.Is(err, sminer.ErrInsufficientReplaceable) {
		t.Fatalf("nothing pending: %v", err)
	}
	w.do(func(ctx *runtime.Context) error {
		return api.AddPendingReplacement(ctx, who, files(3).SaturatingSub(scale.U128From64(1)))
	})
	if err := settle(3); !errors.Is(err, sminer.ErrOverflow) {
		t.Fatalf("more than pending: %v", err)
	}
	if err := settle(2); err != nil {
		t.Fatal(err)
	}
	if err := settle(1); !errors.Is(err, sminer.ErrInsufficientReplaceable) {
		t.Fatalf("less than a file pending: %v", err)
	}
}

func TestFragmentsAreCounted(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	f := file("data", 1).DealInfo[0].FragmentList
	w.do(func(ctx *runtime.Context) error { return api.AddFragments(ctx, who, f[:2]) })
	w.do(func(ctx *runtime.Context) error { return api.ForgetFragments(ctx, who, f[:1]) })
	var want types.BloomFilter
	if err := want.Insert(f[1]); err != nil {
		t.Fatal(err)
	}
	if got := w.miner(who).ServiceBloomFilter; got != want {
		t.Fatal("the filter does not count what is left")
	}
	err := w.Do(func(ctx *runtime.Context) error { return api.ForgetFragments(ctx, who, f[:1]) })
	if !errors.Is(err, sminer.ErrBloomElemPush) {
		t.Fatalf("forgotten twice: %v", err)
	}
}
