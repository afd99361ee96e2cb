package sminer

import (
	"slices"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// newOrder is the order of a reward of x planck for a challenge completed in
// block finish: half of it in maxTranches equal parts, one a day, and the rest,
// with what the division leaves over, at once. So an order pays exactly x.
func newOrder(x types.Balance, finish types.BlockNumber) RewardOrder {
	return RewardOrder{
		MaxCount:         maxTranches,
		OrderReward:      x,
		EachAmount:       x.Div64(2).Div64(maxTranches),
		LastReceiveBlock: finish,
	}
}

// release is what the order pays at block now, and counts it as paid. A day
// that has begun goes on counting: the times of a miner's claims do not change
// what it gets.
func (o *RewardOrder) release(now, day types.BlockNumber) types.Balance {
	x := types.Balance{}
	if !o.AtOnce {
		o.AtOnce = true
		x = o.OrderReward.SaturatingSub(o.EachAmount.SaturatingMul(tranches(o.MaxCount)))
	}
	if now <= o.LastReceiveBlock {
		return x
	}
	days := min((now-o.LastReceiveBlock)/day, uint32(o.MaxCount-min(o.MaxCount, o.ReceiveCount)))
	o.ReceiveCount += uint8(days)
	o.LastReceiveBlock += days * day
	return x.SaturatingAdd(o.EachAmount.SaturatingMul(tranches(uint8(days))))
}

// Outstanding is what the order has not paid yet, in planck.
func (o RewardOrder) Outstanding() types.Balance {
	if !o.AtOnce {
		return o.OrderReward
	}
	return o.EachAmount.SaturatingMul(tranches(o.MaxCount - min(o.MaxCount, o.ReceiveCount)))
}

func (o RewardOrder) complete() bool { return o.AtOnce && o.ReceiveCount >= o.MaxCount }

func tranches(n uint8) scale.U128 { return scale.U128From64(uint64(n)) }

// shorten joins orders that have the same number of parts left until the list
// fits its bound. All of them have been paid up to now, so they are incomplete,
// and among more than maxTranches two are equally far. The joint order follows
// the later clock, which is less than a day behind.
func shorten(orders []RewardOrder) scale.BoundedVec[RewardOrder, ReleaseBound] {
	for len(orders) > maxTranches {
		var seen [maxTranches]int // place of the first order with that count, plus one
		for i, o := range orders {
			first := seen[o.ReceiveCount]
			if first == 0 {
				seen[o.ReceiveCount] = i + 1
				continue
			}
			orders[first-1].join(o)
			orders = slices.Delete(orders, i, i+1)
			break
		}
	}
	return orders
}

func (o *RewardOrder) join(p RewardOrder) {
	o.OrderReward = o.OrderReward.SaturatingAdd(p.OrderReward)
	o.EachAmount = o.EachAmount.SaturatingAdd(p.EachAmount)
	o.LastReceiveBlock = max(o.LastReceiveBlock, p.LastReceiveBlock)
}
