package sminer

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// maxTranches is the number of parts, one a day, that the second half of a
// reward is paid in, and the length of the lists of a miner's rewards.
const maxTranches = 90

// Power is what a miner's spaces count for rewards: 5 % of idle and 95 % of
// service space (spec/pallets-mining.md §1.4).
func Power(idle, service scale.U128) scale.U128 {
	return substrate.Percent(5).MulFloor(idle).SaturatingAdd(substrate.Percent(95).MulFloor(service))
}

// RecordSnapshot counts a challenge that the miner passed on both proofs, with
// the spaces it was challenged for. When the miner's list is full, what can be
// paid is paid first; a list that stays full means that the challenge earns
// nothing.
func (API) RecordSnapshot(ctx *runtime.Context, who substrate.AccountID, idle, service scale.U128) error {
	if !Rewards.Contains(ctx, who) {
		return nil // forced out in the meantime
	}
	list := CompleteMinerSnapShots.Get(ctx, who)
	if len(list) >= maxTranches {
		list = makeRoom(ctx, who)
	}
	era := use.Eras.CurrentEra(ctx)
	done := MinerCompleteInfo{EraIndex: era, FinishBlock: ctx.BlockNumber(), Power: Power(idle, service)}
	if !list.TryPush(done) {
		return nil
	}
	CompleteMinerSnapShots.Put(ctx, who, list)
	return CompleteSnapShots.Mutate(ctx, era, func(sum *CompleteInfo) error {
		power, over := sum.TotalPower.AddOverflow(done.Power)
		if over {
			return ErrOverflow
		}
		sum.MinerCount, sum.TotalPower = sum.MinerCount+1, power
		return nil
	})
}

// makeRoom turns challenges of past eras into orders. If that does not help,
// it drops the oldest of an era that had nothing to pay.
func makeRoom(ctx *runtime.Context, who substrate.AccountID) scale.BoundedVec[MinerCompleteInfo, ReleaseBound] {
	if m, ok := Miners.Get(ctx, who); ok && m.mayReceive() {
		_ = ctx.Transaction(func() error { return settle(ctx, who, m.Beneficiary) })
	}
	list := CompleteMinerSnapShots.Get(ctx, who)
	if len(list) < maxTranches {
		return list
	}
	now := use.Eras.CurrentEra(ctx)
	i := slices.IndexFunc(list, func(done MinerCompleteInfo) bool {
		total, _ := use.Treasury.RoundReward(ctx, done.EraIndex)
		return done.EraIndex < now && total.IsZero()
	})
	if i < 0 {
		return list
	}
	return slices.Delete(list, i, i+1)
}

// UndoSnapshot takes a challenge back that a dispute decided otherwise: era
// and finish are those of RecordSnapshot. It does nothing when the challenge
// has become a reward order already.
func (API) UndoSnapshot(ctx *runtime.Context, who substrate.AccountID, era uint32, finish types.BlockNumber) error {
	list := CompleteMinerSnapShots.Get(ctx, who)
	i := slices.IndexFunc(list, func(done MinerCompleteInfo) bool {
		return done.EraIndex == era && done.FinishBlock == finish && !done.Issued
	})
	if i < 0 {
		return nil
	}
	if err := discount(ctx, list[i]); err != nil {
		return err
	}
	keepSnapshots(ctx, who, slices.Delete(list, i, i+1))
	return nil
}

// discount takes a challenge off its era's sum, so that the others share what
// it would have earned. Orders made before stay as they are: the sum only
// shrinks, so all together never promise more than the round has.
func discount(ctx *runtime.Context, done MinerCompleteInfo) error {
	return CompleteSnapShots.Mutate(ctx, done.EraIndex, func(sum *CompleteInfo) error {
		power, under := sum.TotalPower.SubUnderflow(done.Power)
		if under || sum.MinerCount == 0 {
			return ErrUnexpected
		}
		sum.MinerCount, sum.TotalPower = sum.MinerCount-1, power
		return nil
	})
}

func keepSnapshots(ctx *runtime.Context, who substrate.AccountID, list scale.BoundedVec[MinerCompleteInfo, ReleaseBound]) {
	if len(list) == 0 {
		CompleteMinerSnapShots.Delete(ctx, who)
		return
	}
	CompleteMinerSnapShots.Put(ctx, who, list)
}

// mayReceive says whether rewards are paid to the miner now.
func (m *Miner) mayReceive() bool {
	s := string(m.State)
	return s == StatePositive || s == StateExit
}

// settle makes orders of the challenges of past eras, pays what is due of all
// orders to the beneficiary and emits Receive. A challenge of an era without
// payout waits and stops nothing else.
func settle(ctx *runtime.Context, who, beneficiary substrate.AccountID) error {
	reward, ok := Rewards.Get(ctx, who)
	if !ok {
		return ErrUnexpected
	}
	orders, waiting := []RewardOrder(reward.Orders), CompleteMinerSnapShots.Get(ctx, who)
	current, earlier := use.Eras.CurrentEra(ctx), waiting
	waiting = nil
	for _, done := range earlier {
		total, _ := use.Treasury.RoundReward(ctx, done.EraIndex)
		if done.EraIndex >= current || total.IsZero() {
			waiting = append(waiting, done)
			continue
		}
		x := done.share(CompleteSnapShots.Get(ctx, done.EraIndex), total)
		if done.Issued || x.IsZero() {
			continue
		}
		if err := use.Treasury.TakeRoundReward(ctx, done.EraIndex, x); err != nil {
			return err
		}
		reward.TotalReward = reward.TotalReward.SaturatingAdd(x)
		orders = append(orders, newOrder(x, done.FinishBlock))
	}
	if len(earlier) > 0 {
		keepSnapshots(ctx, who, waiting)
	}
	due := types.Balance{}
	for i := range orders {
		due = due.SaturatingAdd(orders[i].release(ctx.BlockNumber(), OneDay.Get(ctx)))
	}
	reward.Orders = shorten(slices.DeleteFunc(orders, RewardOrder.complete))
	reward.RewardIssued = reward.RewardIssued.SaturatingAdd(due)
	Rewards.Put(ctx, who, reward)
	if err := use.Treasury.Pay(ctx, beneficiary, due); err != nil {
		return err
	}
	ctx.Emit(ReceiveEvent{Account: beneficiary, Reward: due})
	return nil
}

// share is what the challenge earns of its era's payout
// (spec/pallets-mining.md §1.7).
func (done MinerCompleteInfo) share(sum CompleteInfo, total types.Balance) types.Balance {
	if done.Power.IsZero() {
		return types.Balance{}
	}
	return substrate.PerbillOf(done.Power, sum.TotalPower).MulFloor(total)
}

// Owed is what reward orders promise and have not paid, in planck. It reads
// the rewards of all miners: for tests and inspection.
func Owed(ctx *runtime.Context) types.Balance {
	owed := types.Balance{}
	for _, r := range Rewards.Iter(ctx) {
		owed = owed.SaturatingAdd(r.TotalReward.SaturatingSub(r.RewardIssued))
	}
	return owed
}
