package sminer_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// exit lets a miner leave of its own will.
func (w *world) exit(who account) {
	w.t.Helper()
	start, _ := sminer.StakingStartBlocks.Get(w.Ctx(), who)
	if end := start + stake; w.Number() < end {
		w.GoTo(end)
	}
	w.Must(who, sminer.MinerExitPrep{Miner: who})
	w.NextBlocks(lock)
	if s := w.state(who); s != sminer.StateExit {
		w.t.Fatalf("state %q after the lock", s)
	}
}

func (w *world) force(who account) error {
	return w.Do(func(ctx *runtime.Context) error { return api.ForceExit(ctx, who) })
}

func (w *world) target(who account) sminer.RestoralTarget {
	target, ok := api.RestoralTarget(w.Ctx(), who)
	if !ok {
		w.t.Fatalf("no target of restoral for %v", who)
	}
	return target
}

func TestVoluntaryExit(t *testing.T) {
	w := newWorld(t, 2, nil)
	who := w.miners[0]
	w.edit(who, func(m *sminer.Miner) { m.ServiceSpace = scale.U128From64(5 << 40) })
	w.edit(who, func(m *sminer.Miner) { m.DeclarationSpace = types.Tebibytes(6) })
	if err := w.Run(who, sminer.MinerExitPrep{Miner: who}); !errors.Is(err, sminer.ErrInsufficientStakingPeriod) {
		t.Fatalf("too early: %v", err)
	}
	w.GoTo(stake)
	w.Must(who, sminer.MinerExitPrep{Miner: who})
	if e := palletstest.EventsOf[sminer.MinerExitPrepEvent](w.Chain); len(e) != 1 || e[0].Miner != who || w.state(who) != sminer.StateLock {
		t.Fatalf("events %v, state %q", e, w.state(who))
	}
	if err := w.Run(who, sminer.MinerExitPrep{Miner: who}); !errors.Is(err, sminer.ErrState) {
		t.Fatalf("again: %v", err)
	}
	if err := w.Run(who, sminer.MinerWithdraw{}); !errors.Is(err, sminer.ErrState) {
		t.Fatalf("withdrawal before the exit: %v", err)
	}
	w.NextBlocks(lock - 2)
	target := w.target(who)
	if w.state(who) != sminer.StateExit || target.ServiceSpace != scale.U128From64(5<<40) || target.CoolingBlock != w.Number()+6*cooling {
		t.Fatalf("block %d: state %q, target %+v", w.Number(), w.state(who), target)
	}
	w.sound()
	if err := w.Run(who, sminer.MinerWithdraw{}); !errors.Is(err, sminer.ErrState) {
		t.Fatalf("withdrawal of a miner with fragments left: %v", err)
	}
	w.do(func(ctx *runtime.Context) error { return api.AddRestored(ctx, who, scale.U128From64(5<<40)) })
	w.Must(who, sminer.MinerWithdraw{})
	if e := palletstest.EventsOf[sminer.WithdrawEvent](w.Chain); len(e) != 1 || !w.reserved(who).IsZero() {
		t.Fatalf("events %v, reserved %v", e, w.reserved(who))
	}
	if !api.Leaving(w.Ctx(), who) {
		t.Fatal("nobody may restore the rest")
	}
	if err := w.Run(who, sminer.Regnstk{TiBCount: 0}); !errors.Is(err, sminer.ErrAlreadyRegistered) {
		t.Fatalf("registered again: %v", err)
	}
	w.sound()
}

func TestCoolingEndsWithoutRestoral(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.edit(who, func(m *sminer.Miner) { m.ServiceSpace = u(8 << 20) })
	w.exit(who)
	w.GoTo(w.target(who).CoolingBlock - 1)
	w.Must(who, sminer.MinerWithdraw{})
	w.sound()
}

// Upstream unreserves again with every call, at the expense of the staking
// account's other miners.
func TestBugRepeatableWithdraw(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.Must(bob, sminer.RegnstkAssignStaking{Beneficiary: bob, StakingAccount: charlie, TiBCount: 1})
	w.Must(alice, sminer.RegnstkAssignStaking{Beneficiary: alice, StakingAccount: charlie, TiBCount: 1})
	for i, who := range []account{alice, bob} {
		w.Must(charlie, sminer.IncreaseCollateral{Miner: who, Collateral: types.Tokens(4000)})
		w.Must(who, registration(who, byte(i)))
	}
	w.exit(alice)
	w.Must(alice, sminer.MinerWithdraw{})
	if got := w.reserved(charlie); got != types.Tokens(4000) {
		t.Fatalf("Charlie has %v reserved for Bob", got)
	}
	if err := w.Run(alice, sminer.MinerWithdraw{}); !errors.Is(err, sminer.ErrState) {
		t.Fatalf("again: %v", err)
	}
	if got := w.reserved(charlie); got != types.Tokens(4000) {
		t.Fatalf("Charlie has %v reserved for Bob", got)
	}
	w.sound()
}

// The record that changes is that of the miner named, not the signer's.
func TestBugExitOfForeignRecord(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.Must(alice, sminer.RegnstkAssignStaking{Beneficiary: alice, StakingAccount: bob, TiBCount: 1})
	w.Must(bob, sminer.IncreaseCollateral{Miner: alice, Collateral: types.Tokens(4000)})
	w.Must(alice, registration(alice, 1))
	w.join(bob, 2)
	w.NextBlocks(stake)
	if err := w.Run(charlie, sminer.MinerExitPrep{Miner: alice}); !errors.Is(err, sminer.ErrNotStakingAcc) {
		t.Fatalf("by a stranger: %v", err)
	}
	if err := w.Run(w.miners[0], sminer.MinerExitPrep{Miner: alice}); !errors.Is(err, sminer.ErrNotStakingAcc) {
		t.Fatalf("by another miner: %v", err)
	}
	w.Must(bob, sminer.MinerExitPrep{Miner: alice})
	if a, b := w.state(alice), w.state(bob); a != sminer.StateLock || b != sminer.StatePositive {
		t.Fatalf("Alice %q, Bob %q", a, b)
	}
	w.NextBlocks(lock)
	if a, b := w.state(alice), w.state(bob); a != sminer.StateExit || b != sminer.StatePositive {
		t.Fatalf("Alice %q, Bob %q", a, b)
	}
	w.sound()
}

func TestExitNeeds(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.GoTo(stake)
	if err := w.Run(alice, sminer.MinerExitPrep{Miner: alice}); !errors.Is(err, sminer.ErrNotExisted) {
		t.Errorf("no miner: %v", err)
	}
	if err := w.Run(alice, sminer.MinerExit{Miner: who}); err == nil {
		t.Error("an account ends an exit")
	}
	if err := w.Root(sminer.MinerExit{Miner: who}); !errors.Is(err, sminer.ErrState) {
		t.Errorf("a miner in service: %v", err)
	}
	w.edit(who, func(m *sminer.Miner) { m.LockSpace = u(1) })
	if err := w.Run(who, sminer.MinerExitPrep{Miner: who}); !errors.Is(err, sminer.ErrState) {
		t.Errorf("with locked space: %v", err)
	}
	w.Must(bob, sminer.RegnstkAssignStaking{Beneficiary: bob, StakingAccount: alice, TiBCount: 1})
	if err := w.Run(bob, sminer.MinerExitPrep{Miner: bob}); !errors.Is(err, sminer.ErrBugInvalid) {
		t.Errorf("nobody staked: %v", err)
	}
}

// The entries of a miner's PoIS key end with the miner: upstream removes a key
// that nobody wrote.
func TestBugPublicKeyStays(t *testing.T) {
	w := newWorld(t, 0, nil)
	w.join(alice, 1)
	w.exit(alice)
	for text := range sminer.MinerPublicKeys.Iter(w.Ctx()) {
		t.Fatalf("text %x is left", text)
	}
}

func TestForcedExitOfNewcomer(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	if err := w.force(who); err != nil {
		t.Fatal(err)
	}
	if w.state(who) != sminer.StateOffline || !w.reserved(who).IsZero() {
		t.Fatalf("state %q, reserved %v", w.state(who), w.reserved(who))
	}
	if err := w.force(who); !errors.Is(err, sminer.ErrState) {
		t.Fatalf("again: %v", err)
	}
	if err := w.force(alice); !errors.Is(err, sminer.ErrUnexpected) {
		t.Fatalf("no miner: %v", err)
	}
	w.pass(who, 0, 100) // a verdict that comes late
	w.sound()
}

// What a miner that is forced out has not received is counted after its last
// payment; upstream counts it before and pays it twice.
func TestBugForfeitedRewardCountedTwice(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.payout(1, types.Tokens(180))
	w.pass(who, 0, 100)
	w.payout(2, types.Tokens(1))
	free := w.free(who)
	if err := w.force(who); err != nil {
		t.Fatal(err)
	}
	if got := w.free(who).SaturatingSub(free); got != types.Tokens(90) {
		t.Fatalf("paid %v", got)
	}
	if sminer.Rewards.Contains(w.Ctx(), who) {
		t.Fatal("the reward is left")
	}
	w.sound()
}

// A beneficiary that cannot take the money does not keep a miner in service.
func TestForcedExitWithoutBeneficiary(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.Must(who, sminer.UpdateBeneficiary{Beneficiary: palletstest.Account("nobody")})
	w.payout(1, u(1000))
	w.pass(who, 0, 100)
	w.era(2)
	if err := w.force(who); err != nil {
		t.Fatal(err)
	}
	w.sound()
}

// staked lets a miner be forced out that has earned something.
func (w *world) forcedEarner(who account) {
	w.t.Helper()
	w.earn(who)
	if err := w.force(who); err != nil {
		w.t.Fatal(err)
	}
}

func TestCollateralReturnsAfterForcedExit(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.forcedEarner(who)
	w.GoTo(stake - 1)
	if got := w.reserved(who); got != types.Tokens(4000) {
		t.Fatalf("reserved %v before the time is over", got)
	}
	if err := w.Run(who, sminer.MinerWithdraw{}); !errors.Is(err, sminer.ErrState) {
		t.Fatalf("withdrawn as well: %v", err)
	}
	if got := w.reserved(who); !got.IsZero() {
		t.Fatalf("reserved %v", got)
	}
	w.sound()
}

// Refunds whose time is over are paid in the next block, and no entry stays.
func TestBugReturnInThePast(t *testing.T) {
	w := newWorld(t, 1, nil)
	who := w.miners[0]
	w.GoTo(3 * stake)
	w.forcedEarner(who)
	w.NextBlocks(1)
	if got := w.reserved(who); !got.IsZero() {
		t.Fatalf("reserved %v", got)
	}
	for at := range sminer.ReturnStakingSchedule.Iter(w.Ctx()) {
		t.Fatalf("an entry of block %d is left", at)
	}
	w.sound()
}

// A block pays a hundred refunds at most.
func TestBugUnboundedReturns(t *testing.T) {
	w := newWorld(t, 250, nil)
	w.do(func(ctx *runtime.Context) error {
		for _, who := range w.miners {
			sminer.Rewards.Put(ctx, who, sminer.Reward{TotalReward: u(1), RewardIssued: u(1)})
			if err := api.ForceExit(ctx, who); err != nil {
				return err
			}
		}
		return nil
	})
	w.sound()
	w.GoTo(stake - 1)
	for _, want := range []int{150, 50, 0} {
		w.NextBlocks(1)
		n := 0
		for _, who := range w.miners {
			if !w.reserved(who).IsZero() {
				n++
			}
		}
		if n != want {
			t.Fatalf("block %d: %d refunds are open, want %d", w.Number(), n, want)
		}
		w.sound()
	}
}

// Columns of open deals count as idle space, and nobody restores them: with
// them the network's total is right, before and after the deal.
func TestB22LeaverWithOpenDeals(t *testing.T) {
	w := newWorld(t, 13, nil)
	w.lease()
	deal := file("deal", 3)
	w.Must(alice, deal)
	w.report(deal.FileHash, 0, 4)
	who := w.miners[0]
	w.edit(who, func(m *sminer.Miner) { m.ServiceSpace, m.IdleSpace = u(8<<20), m.IdleSpace.SaturatingSub(u(8<<20)) })
	w.do(func(ctx *runtime.Context) error { return storagehandler.API{}.SubIdleSpace(ctx, u(8<<20)) })
	w.sound()
	if err := w.force(who); err != nil {
		t.Fatal(err)
	}
	if got := w.target(who).ServiceSpace; got != u(8<<20) {
		t.Fatalf("%v bytes to restore", got)
	}
	w.sound()
	w.Must(w.miners[12], filebank.TransferReport{Index: 1, DealHash: deal.FileHash})
	w.report(deal.FileHash, 4, 12)
	if !filebank.Files.Contains(w.Ctx(), deal.FileHash) {
		t.Fatal("the deal is not complete")
	}
	w.sound()
}
