package schedulercredit

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	// fullCredit is the credit of a validator that did all the work.
	fullCredit = 1000
	// historyDepth is the number of periods that are remembered.
	historyDepth = 5
)

// onInitialize ends a period: the work in it becomes credit, and the oldest
// remembered period is forgotten. The work is bounded by the number of
// validators with TEE workers.
func onInitialize(ctx *runtime.Context) {
	now, length := ctx.BlockNumber(), PeriodDuration.Get(ctx)
	if now == 0 || now%length != 0 {
		return
	}
	period := now/length - 1
	total := scale.U128{}
	for _, e := range CurrentCounters.Iter(ctx) {
		total = total.SaturatingAdd(scale.U128From64(e.Points))
	}
	for who, e := range CurrentCounters.Iter(ctx) {
		HistoryCreditValues.Put(ctx, period, who, e.credit(total))
		CurrentCounters.Delete(ctx, who)
	}
	if period >= historyDepth {
		for who := range HistoryCreditValues.IterPrefix(ctx, period-historyDepth) {
			HistoryCreditValues.Delete(ctx, period-historyDepth, who)
		}
	}
}

// credit is the validator's share of all points in thousandths, less the
// square of ten times its punishments (spec/pallets-mining.md §6.3).
func (e CounterEntry) credit(total scale.U128) uint32 {
	if total.IsZero() {
		return 0
	}
	earned := substrate.PerbillOf(scale.U128From64(e.Points), total).Mul(scale.U128From64(fullCredit))
	fine := 10 * uint64(e.Punishments)
	return small(earned.SaturatingSub(scale.U128From64(fine).SaturatingMul(scale.U128From64(fine))))
}
