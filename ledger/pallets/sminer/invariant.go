package sminer

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Invariant says in which way the records contradict each other or those of
// other pallets, if they do. It reads all of them: for tests and inspection.
//
// Collateral and refunds to come are reserved on the accounts that staked
// them; a miner in debt has no collateral left. What reward orders promise and
// have not paid is what was earned and not issued. The list of miners has those
// in service and no other. The network's idle space is that of all miners in
// service, with what open deals have locked of it.
func Invariant(ctx *runtime.Context) error {
	for _, check := range []func(*runtime.Context) error{backed, rewardsAddUp, challengesAddUp, listed, spacesAddUp} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

func backed(ctx *runtime.Context) error {
	pledged := map[substrate.AccountID]types.Balance{}
	for who, m := range Miners.Iter(ctx) {
		pledged[m.StakingAccount] = pledged[m.StakingAccount].SaturatingAdd(m.Collateral)
		if !m.Debt.IsZero() && !m.Collateral.IsZero() {
			return fmt.Errorf("miner %v owes %v planck and has %v of collateral", who, m.Debt, m.Collateral)
		}
	}
	for at, list := range ReturnStakingSchedule.Iter(ctx) {
		if at <= ctx.BlockNumber() || len(list) > maxReturns {
			return fmt.Errorf("%d refunds are due at block %d", len(list), at)
		}
		for _, r := range list {
			pledged[r.StakingAccount] = pledged[r.StakingAccount].SaturatingAdd(r.Amount)
		}
	}
	for _, who := range slices.SortedFunc(maps.Keys(pledged), func(a, b substrate.AccountID) int {
		return bytes.Compare(a[:], b[:])
	}) {
		if has := use.Currency.Reserved(ctx, who); has.Less(pledged[who]) {
			return fmt.Errorf("account %v pledged %v planck and has reserved %v", who, pledged[who], has)
		}
	}
	return nil
}

func rewardsAddUp(ctx *runtime.Context) error {
	for who, r := range Rewards.Iter(ctx) {
		owed, under := r.TotalReward.SubUnderflow(r.RewardIssued)
		if under {
			return fmt.Errorf("miner %v earned %v planck and received %v", who, r.TotalReward, r.RewardIssued)
		}
		open := types.Balance{}
		for _, o := range r.Orders {
			open = open.SaturatingAdd(o.Outstanding())
		}
		if open != owed {
			return fmt.Errorf("the orders of miner %v have %v planck left of %v", who, open, owed)
		}
	}
	return nil
}

func challengesAddUp(ctx *runtime.Context) error {
	waiting := map[uint32]CompleteInfo{}
	for _, list := range CompleteMinerSnapShots.Iter(ctx) {
		for _, done := range list {
			sum := waiting[done.EraIndex]
			sum.MinerCount, sum.TotalPower = sum.MinerCount+1, sum.TotalPower.SaturatingAdd(done.Power)
			waiting[done.EraIndex] = sum
		}
	}
	for _, era := range slices.Sorted(maps.Keys(waiting)) {
		w, sum := waiting[era], CompleteSnapShots.Get(ctx, era)
		if sum.MinerCount < w.MinerCount || sum.TotalPower.Less(w.TotalPower) {
			return fmt.Errorf("era %d counts %+v, of which %+v have no order yet", era, sum, w)
		}
	}
	return nil
}

func listed(ctx *runtime.Context) error {
	all, seen := AllMiners.Get(ctx), map[substrate.AccountID]bool{}
	for i, who := range all {
		m, ok := Miners.Get(ctx, who)
		if !ok || m.left() || string(m.State) == StateNotReady || seen[who] {
			return fmt.Errorf("miner %v in state %q is on the list at place %d", who, m.State, i)
		}
		seen[who] = true
	}
	n := 0
	for _, m := range Miners.Iter(ctx) {
		if !m.left() && string(m.State) != StateNotReady {
			n++
		}
	}
	if n != len(all) {
		return fmt.Errorf("%d miners are in service and %d on the list", n, len(all))
	}
	return nil
}

func spacesAddUp(ctx *runtime.Context) error {
	idle := scale.U128{}
	for who, m := range Miners.Iter(ctx) {
		if m.DeclarationSpace.Less(m.used()) && !m.left() {
			return fmt.Errorf("miner %v uses %v bytes of %v", who, m.used(), m.DeclarationSpace)
		}
		if m.left() {
			continue
		}
		inDeals := use.Deals.LockedInDeals(ctx, who)
		if m.LockSpace.Less(inDeals) {
			return fmt.Errorf("miner %v locked %v bytes, deals %v", who, m.LockSpace, inDeals)
		}
		idle = idle.SaturatingAdd(m.IdleSpace).SaturatingAdd(inDeals)
	}
	if total := storagehandler.TotalIdleSpace.Get(ctx); total != idle {
		return fmt.Errorf("the network's idle space is %v bytes, that of its miners %v", total, idle)
	}
	return nil
}
