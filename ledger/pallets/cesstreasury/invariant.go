package cesstreasury

import (
	"fmt"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// Invariant says in which way pots and books disagree, if they do. owed is
// what reward orders promise and have not paid, in planck: Sminer's Owed.
//
// The reward pot holds CurrencyReward and what is owed, the reserve pot holds
// ReserveReward, each above its existential deposit; more, when somebody gave
// it. No round promised more than it has, and what the rounds have left is
// there.
func Invariant(ctx *runtime.Context, owed types.Balance) error {
	deposit := balances.ExistentialDeposit.Get(ctx)
	left, free := types.Balance{}, CurrencyReward.Get(ctx).SaturatingAdd(ReserveReward.Get(ctx))
	for era, r := range Rounds.Iter(ctx) {
		rest, under := r.Total.SubUnderflow(r.Allocated)
		if under {
			return fmt.Errorf("round %d of %v planck promised %v", era, r.Total, r.Allocated)
		}
		left = left.SaturatingAdd(rest)
	}
	if free.Less(left) {
		return fmt.Errorf("the rounds have %v planck left, the books %v", left, free)
	}
	need := CurrencyReward.Get(ctx).SaturatingAdd(owed).SaturatingAdd(deposit)
	if has := currency.Free(ctx, rewardPot); has.Less(need) {
		return fmt.Errorf("the reward pot has %v planck and needs %v", has, need)
	}
	need = ReserveReward.Get(ctx).SaturatingAdd(deposit)
	if has := currency.Free(ctx, reservePot); has.Less(need) {
		return fmt.Errorf("the reserve pot has %v planck and needs %v", has, need)
	}
	return nil
}
