package staking

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// payoutOf is what an era issues, in planck, to validators and miners
// (spec/consensus.md §4.2): a year's amount divided by ErasPerYear, rounded
// down. Each year has RewardDecrease of the year before, rounded to the
// nearest planck with halves down; after RewardDecreaseYears it stays.
func payoutOf(ctx *runtime.Context, era uint32) (validators, miners amount) {
	perYear := max(ErasPerYear.Get(ctx), 1)
	years := min(era/perYear, RewardDecreaseYears.Get(ctx))
	validators, miners = FirstYearValidatorRewards.Get(ctx), FirstYearMinerRewards.Get(ctx)
	part := min(RewardDecrease.Get(ctx), perbillOne)
	for range years {
		validators, miners = part.Mul(validators), part.Mul(miners)
	}
	n := scale.U128From64(uint64(perYear))
	return validators.Div(n), miners.Div(n)
}
