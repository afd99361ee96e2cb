package schedulercredit

import (
	"bytes"
	"math"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Controllers is what this pallet needs of staking.
type Controllers interface {
	// IsController says whether the account controls a staking ledger.
	IsController(ctx *runtime.Context, who substrate.AccountID) bool
}

var controllers Controllers // set by Wire

// Wire names what this pallet uses of others.
func Wire(c Controllers) { controllers = c }

// work is a kind of work: for each base bytes begun, unit points
// (spec/pallets-mining.md §6.2).
type work struct{ base, unit uint64 }

var (
	tag           = work{16 * types.MiB, 180}
	certIdle      = work{16 * types.GiB, 4}
	replace       = work{64 * types.MiB, 1}
	idleVerify    = work{16 * types.GiB, 1}
	serviceVerify = work{types.GiB, 12}
)

func (w work) points(size scale.U128) uint64 {
	n := size.Div64(w.base)
	if size.Mod64(w.base) != 0 {
		n = n.SaturatingAdd(scale.U128From64(1))
	}
	if points, ok := n.SaturatingMul(scale.U128From64(w.unit)).Uint64(); ok {
		return points
	}
	return math.MaxUint64
}

// API is what other pallets may report and ask. stash is the validator behind
// the TEE worker; sizes are in bytes.
type API struct{}

// RecordTag counts tagged fragments.
func (API) RecordTag(ctx *runtime.Context, stash substrate.AccountID, size scale.U128) {
	record(ctx, stash, tag.points(size))
}

// RecordCertIdle counts certified idle space.
func (API) RecordCertIdle(ctx *runtime.Context, stash substrate.AccountID, size scale.U128) {
	record(ctx, stash, certIdle.points(size))
}

// RecordReplace counts idle space whose deletion was verified.
func (API) RecordReplace(ctx *runtime.Context, stash substrate.AccountID, size scale.U128) {
	record(ctx, stash, replace.points(size))
}

// RecordIdleVerify counts idle space whose proof was judged.
func (API) RecordIdleVerify(ctx *runtime.Context, stash substrate.AccountID, size scale.U128) {
	record(ctx, stash, idleVerify.points(size))
}

// RecordServiceVerify counts service space whose proof was judged. Upstream
// counts it as idle space, at a 192nd of its worth.
func (API) RecordServiceVerify(ctx *runtime.Context, stash substrate.AccountID, size scale.U128) {
	record(ctx, stash, serviceVerify.points(size))
}

func record(ctx *runtime.Context, stash substrate.AccountID, points uint64) {
	change(ctx, stash, func(e *CounterEntry) {
		e.Points += min(points, math.MaxUint64-e.Points)
	})
}

// RecordPunishment counts a punishment.
func (API) RecordPunishment(ctx *runtime.Context, stash substrate.AccountID) {
	change(ctx, stash, func(e *CounterEntry) {
		e.Punishments += min(1, math.MaxUint32-e.Punishments)
	})
}

func change(ctx *runtime.Context, stash substrate.AccountID, fn func(*CounterEntry)) {
	// fn never fails, and neither does Mutate then.
	_ = CurrentCounters.Mutate(ctx, stash, func(e *CounterEntry) error { fn(e); return nil })
}

// Credit is a validator's standing, 0 to 1000.
type Credit struct {
	Account substrate.AccountID
	Score   uint32
}

// weights of the last periods, the newest first.
var weights = [historyDepth]substrate.Percent{50, 20, 15, 10, 5}

// Credits are the scores of the validators that had work in the last period,
// by account; none before the first period ends (spec/pallets-mining.md §6.4).
func (API) Credits(ctx *runtime.Context) []Credit {
	period := ctx.BlockNumber() / PeriodDuration.Get(ctx)
	if period == 0 {
		return nil
	}
	last := period - 1
	var list []Credit
	for who, value := range HistoryCreditValues.IterPrefix(ctx, last) {
		if !controllers.IsController(ctx, who) {
			continue
		}
		score := share(weights[0], value)
		for i := uint32(1); i < historyDepth && i <= last; i++ {
			score += share(weights[i], HistoryCreditValues.Get(ctx, last-i, who))
		}
		list = append(list, Credit{who, score})
	}
	slices.SortFunc(list, func(a, b Credit) int { return bytes.Compare(a.Account[:], b.Account[:]) })
	return list
}

func share(w substrate.Percent, value uint32) uint32 {
	return small(w.Mul(scale.U128From64(uint64(value))))
}

// small is a number of at most fullCredit.
func small(v scale.U128) uint32 {
	n, _ := v.Uint64()
	return uint32(min(n, fullCredit))
}
