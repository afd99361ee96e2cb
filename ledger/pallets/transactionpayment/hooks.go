package transactionpayment

import (
	"encoding/json"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// The multiplier aims at blocks that are a quarter full and moves by at most
// one part in 100,000 for each block (spec/consensus.md §6.1).
const (
	normalRefTime = 1_500_000_000_000
	targetRefTime = normalRefTime / 4
)

var (
	variability      = scale.U128From64(10_000_000_000_000) // 10^-5
	minMultiplier    = scale.U128From64(1_000_000_000)      // 10^-9
	halfVariability2 = fixedMul(variability, variability).Div64(2)
)

func genesis(ctx *runtime.Context, _ json.RawMessage) error {
	NextFeeMultiplier.Put(ctx, NextFeeMultiplier.DefaultValue())
	StorageVersion.Put(ctx, ReleaseV2)
	return nil
}

// onFinalize sets the multiplier of the next block from the fullness of this
// one.
func onFinalize(ctx *runtime.Context) {
	next := nextMultiplier(NextFeeMultiplier.Get(ctx).Inner, ctx.Usage().Normal.RefTime)
	NextFeeMultiplier.Put(ctx, substrate.FixedU128{Inner: next})
}

// nextMultiplier is m · (1 ± (v·d) + v²·d²/2), d the distance of the used
// ref_time from the target as a part of what the normal class may use, v the
// variability.
func nextMultiplier(m scale.U128, used uint64) scale.U128 {
	used = min(used, normalRefTime)
	distance := max(used, targetRefTime) - min(used, targetRefTime)
	diff, _ := scale.MulDiv(scale.U128From64(distance), fixedOne, scale.U128From64(normalRefTime))
	first := fixedMul(variability, diff)
	second := fixedMul(halfVariability2, fixedMul(diff, diff))
	if used >= targetRefTime {
		m = m.SaturatingAdd(fixedMul(m, first.SaturatingAdd(second)))
	} else {
		m = m.SaturatingSub(fixedMul(m, first.SaturatingSub(second)))
	}
	return m.Max(minMultiplier)
}

// fixedMul multiplies two FixedU128, rounding down.
func fixedMul(a, b scale.U128) scale.U128 {
	v, ok := scale.MulDiv(a, b, fixedOne)
	if !ok {
		return scale.MaxU128
	}
	return v
}
