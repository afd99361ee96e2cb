package sminer

import (
	"math"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// exitTask names the scheduled end of a miner's exit.
func exitTask(miner substrate.AccountID) [32]byte { return crypto.Blake2b256(miner[:]) }

// leave takes a miner out of service for good: off the list of miners and,
// with its idle space, off the network's total. Others restore the fragments
// it has. The fragments of open deals count as idle space and need no
// restoring: the deal drops them itself (spec/pallets-storage.md §12, B22).
func leave(ctx *runtime.Context, who substrate.AccountID, m *Miner, state string) error {
	AllMiners.Mutate(ctx, func(all *scale.BoundedVec[substrate.AccountID, ItemBound]) {
		if i := slices.Index(*all, who); i >= 0 {
			*all = slices.Delete(*all, i, i+1)
		}
	})
	inDeals := use.Deals.LockedInDeals(ctx, who)
	idle, over := m.IdleSpace.AddOverflow(inDeals)
	stored, under := m.ServiceSpace.SaturatingAdd(m.LockSpace).SubUnderflow(inDeals)
	if over || under {
		return ErrOverflow
	}
	if err := use.Totals.SubIdleSpace(ctx, idle); err != nil {
		return err
	}
	m.IdleSpace, m.State = scale.U128{}, State(state)
	days, _ := stored.Div64(tebibyte).Uint64()
	RestoralTargets.Put(ctx, who, RestoralTarget{
		Miner: who, ServiceSpace: stored,
		CoolingBlock: later(ctx, min(days, math.MaxUint32)+1, CoolingPeriod.Get(ctx)),
	})
	PendingReplacements.Delete(ctx, who)
	if text, ok := poisTexts.Get(ctx, who); ok {
		MinerPublicKeys.Delete(ctx, text)
		poisTexts.Delete(ctx, who)
	}
	return nil
}

// later is the block n periods from now, or the last there can be.
func later(ctx *runtime.Context, n uint64, period types.BlockNumber) types.BlockNumber {
	return types.BlockNumber(min(uint64(ctx.BlockNumber())+n*uint64(period), math.MaxUint32))
}

// ForceExit puts a miner out that does not answer, as a whole or not at all.
// What it has earned and what is due of it goes to its beneficiary; what is not
// due yet is forfeited. Its collateral comes back once it has been staked for
// StakingLock, at once if the miner never earned anything.
//
// It returns Unexpected for an account that is no miner and StateError for a
// miner that left.
func (API) ForceExit(ctx *runtime.Context, who substrate.AccountID) error {
	return ctx.Transaction(func() error {
		return Miners.Mutate(ctx, who, ErrUnexpected, func(m *Miner) error {
			if m.left() {
				return ErrState
			}
			if string(m.State) == StateLock {
				_ = use.Agenda.CancelNamed(ctx, exitTask(who)) // the task would only fail
			}
			if err := closeRewards(ctx, who, m); err != nil {
				return err
			}
			return leave(ctx, who, m, StateOffline)
		})
	})
}

// closeRewards ends the rewards and the collateral of a miner that is forced
// out. What is due is paid, if the beneficiary can take it; the treasury keeps
// what remains after that.
func closeRewards(ctx *runtime.Context, who substrate.AccountID, m *Miner) error {
	_ = ctx.Transaction(func() error { return settle(ctx, who, m.Beneficiary) })
	reward, _ := Rewards.Get(ctx, who)
	if err := use.Treasury.AddReward(ctx, reward.TotalReward.SaturatingSub(reward.RewardIssued)); err != nil {
		return err
	}
	for _, done := range CompleteMinerSnapShots.Get(ctx, who) {
		if err := discount(ctx, done); err != nil {
			return err
		}
	}
	CompleteMinerSnapShots.Delete(ctx, who)
	Rewards.Delete(ctx, who)
	if reward.TotalReward.IsZero() {
		giveBack(ctx, who, m.StakingAccount, m.Collateral)
	} else if !m.Collateral.IsZero() {
		start, _ := StakingStartBlocks.Get(ctx, who)
		due := min(uint64(start)+uint64(StakingLock.Get(ctx)), math.MaxUint32)
		scheduleReturn(ctx, types.BlockNumber(due), StakingReturn{
			Miner: who, StakingAccount: m.StakingAccount, Amount: m.Collateral,
		})
	}
	m.Collateral = types.Balance{}
	return nil
}
