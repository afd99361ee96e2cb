package sminer

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// exitPriority is that of the scheduled end of an exit, the framework's
// highest.
const exitPriority = 63

// MinerExitPrep announces the exit of a miner. The miner or who stakes for it
// signs.
type MinerExitPrep struct {
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits MinerExitPrep. The miner gets no more data; MinerExit follows
// after ExitLock by itself. The record that changes is the named miner's, where
// upstream changes the signer's.
func (c MinerExitPrep) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	now := ctx.BlockNumber()
	if end, ok := MinerLocks.Get(ctx, c.Miner); ok && now <= end {
		return ErrState
	}
	m, ok := Miners.Get(ctx, c.Miner)
	if !ok {
		return ErrNotExisted
	}
	if who != c.Miner && who != m.StakingAccount {
		return ErrNotStakingAcc
	}
	start, ok := StakingStartBlocks.Get(ctx, c.Miner)
	if !ok {
		return ErrBugInvalid
	}
	if uint64(now) <= uint64(start)+uint64(StakingLock.Get(ctx)) {
		return ErrInsufficientStakingPeriod
	}
	if string(m.State) != StatePositive || !m.LockSpace.IsZero() {
		return ErrState
	}
	m.State = State(StateLock)
	Miners.Put(ctx, c.Miner, m)
	end := later(ctx, 1, max(ExitLock.Get(ctx), 1))
	MinerLocks.Put(ctx, c.Miner, end)
	exit := runtime.RuntimeCall{Call: MinerExit(c)}
	if err := use.Agenda.ScheduleNamed(ctx, exitTask(c.Miner), end, exitPriority, runtime.RootOrigin(), exit); err != nil {
		return ErrUnexpected
	}
	ctx.Emit(MinerExitPrepEvent(c))
	return nil
}

// MinerExit ends the exit of a miner; for Root, which the scheduler is.
type MinerExit struct {
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits no event. Others restore the miner's fragments from now on.
func (c MinerExit) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return Miners.Mutate(ctx, c.Miner, ErrNotExisted, func(m *Miner) error {
		if string(m.State) != StateLock {
			return ErrState
		}
		return leave(ctx, c.Miner, m, StateExit)
	})
}

// MinerWithdraw takes back the collateral of the signer, a miner that left:
// when all its fragments are restored, or when the time for that is over.
type MinerWithdraw struct{}

// Dispatch emits Withdraw. The collateral goes to who staked it, once: upstream
// repeats it, at the expense of other reserves of that account. The miner's
// record and the target of restoral stay.
func (MinerWithdraw) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	target, ok := RestoralTargets.Get(ctx, who)
	if !ok || ctx.BlockNumber() < target.CoolingBlock && target.RestoredSpace.Less(target.ServiceSpace) {
		return ErrState
	}
	err = Miners.Mutate(ctx, who, ErrNotMiner, func(m *Miner) error {
		if m.Collateral.IsZero() {
			return ErrState // nothing is left
		}
		giveBack(ctx, who, m.StakingAccount, m.Collateral)
		m.Collateral = types.Balance{}
		return nil
	})
	if err != nil {
		return err
	}
	ctx.Emit(WithdrawEvent{Account: who})
	return nil
}
