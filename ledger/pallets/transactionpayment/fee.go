package transactionpayment

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Prices in planck (spec/wire.md §3.4).
var (
	feePerRefTime = scale.U128From64(5_000_000)
	feePerByte    = scale.U128From64(10_000_000_000_000)
	fixedOne      = scale.U128From64(1_000_000_000_000_000_000) // FixedU128 counts in 10^-18
)

// maxBlockRefTime caps the weight that one call is charged for.
const maxBlockRefTime = 2_000_000_000_000

// InclusionFee is the fee without the tip, by its parts.
type InclusionFee struct {
	Base           types.Balance `type:"Balance"`
	Len            types.Balance `scale:"len_fee" type:"Balance"`
	AdjustedWeight types.Balance `scale:"adjusted_weight_fee" type:"Balance"`
}

// Total is the sum of the parts.
func (f InclusionFee) Total() types.Balance {
	return f.Base.SaturatingAdd(f.Len).SaturatingAdd(f.AdjustedWeight)
}

// InclusionFeeOf computes what an extrinsic of the given length costs; false
// if its call is free.
func (API) InclusionFeeOf(ctx *runtime.Context, length int, info substrate.DispatchInfo) (InclusionFee, bool) {
	if info.PaysFee == substrate.PaysNo {
		return InclusionFee{}, false
	}
	weight := min(info.Weight.RefTime, maxBlockRefTime)
	multiplier := NextFeeMultiplier.Get(ctx).Inner
	adjusted, ok := scale.MulDiv(WeightFee(weight), multiplier, fixedOne)
	if !ok {
		adjusted = scale.MaxU128
	}
	return InclusionFee{
		Base:           WeightFee(runtime.BaseExtrinsicWeight),
		Len:            LengthFee(length),
		AdjustedWeight: adjusted,
	}, true
}

// WeightFee is the price of execution time before the multiplier.
func WeightFee(refTime uint64) types.Balance {
	return scale.U128From64(refTime).SaturatingMul(feePerRefTime)
}

// LengthFee is the price of bytes.
func LengthFee(bytes int) types.Balance {
	return scale.U128From64(uint64(bytes)).SaturatingMul(feePerByte)
}

func (a API) fee(ctx *runtime.Context, c *runtime.Checked, info substrate.DispatchInfo) types.Balance {
	inclusion, _ := a.InclusionFeeOf(ctx, c.Length(), info)
	return inclusion.Total().SaturatingAdd(c.Extra.Tip)
}
