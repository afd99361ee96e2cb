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

// What a block holds (spec/consensus.md §6.2).
const (
	maxBlockRefTime = 2_000_000_000_000 // caps the weight that one call is charged for
	maxBlockLength  = 5_242_880         // bytes of extrinsics
	maxNormalLength = 3_932_160         // of the normal class
)

// InclusionFee computes what an extrinsic of the given length costs; false
// if its call is free.
func (a API) InclusionFee(ctx *runtime.Context, length int, info substrate.DispatchInfo) (runtime.InclusionFee, bool) {
	if info.PaysFee == substrate.PaysNo {
		return runtime.InclusionFee{}, false
	}
	weight := substrate.Weight{RefTime: min(info.Weight.RefTime, maxBlockRefTime)}
	multiplier := NextFeeMultiplier.Get(ctx).Inner
	adjusted, ok := scale.MulDiv(a.WeightFee(weight), multiplier, fixedOne)
	if !ok {
		adjusted = scale.MaxU128
	}
	return runtime.InclusionFee{
		BaseFee:           a.WeightFee(substrate.Weight{RefTime: runtime.BaseExtrinsicWeight}),
		LenFee:            a.LengthFee(length),
		AdjustedWeightFee: adjusted,
	}, true
}

// WeightFee is the price of execution time before the multiplier.
func (API) WeightFee(w substrate.Weight) types.Balance {
	return scale.U128From64(w.RefTime).SaturatingMul(feePerRefTime)
}

// LengthFee is the price of bytes.
func (API) LengthFee(bytes int) types.Balance {
	return scale.U128From64(uint64(bytes)).SaturatingMul(feePerByte)
}

func (a API) fee(ctx *runtime.Context, c *runtime.Checked, info substrate.DispatchInfo) types.Balance {
	inclusion, _ := a.InclusionFee(ctx, c.Length(), info)
	return inclusion.Total().SaturatingAdd(c.Extra.Tip)
}
