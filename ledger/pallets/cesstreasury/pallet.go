// Package cesstreasury keeps the books of the money that miners earn: what
// each era may pay out, what is promised already, and the reserve; and the
// pots of punishments and of leased space.
//
// The accounts always hold what the books say, see Invariant.
package cesstreasury

import (
	"encoding/json"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "CessTreasury"
	index = 100
)

// Storage (spec/pallets-mining.md §5.1). Amounts are in planck.
var (
	// CurrencyReward is the part of the reward pot that is promised to nobody.
	CurrencyReward = runtime.NewValue[types.Balance](name, "CurrencyReward")

	// EraReward is what the last era paid to all miners.
	EraReward = runtime.NewValue[types.Balance](name, "EraReward")

	// ReserveReward is the part of the reserve pot that came from rewards.
	ReserveReward = runtime.NewValue[types.Balance](name, "ReserveReward")

	// Rounds are the payouts of the eras, by planned era.
	Rounds = runtime.NewMap[uint32, Round](name, "RoundReward", runtime.Blake2_128Concat)
)

// Pallet is the declaration page of CessTreasury: its wire format, item by
// item. Upstream's calls have no weight; these have.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		CurrencyReward,
		EraReward,
		ReserveReward,
		Rounds,
	},
	Calls: runtime.Calls("pallet_cess_treasury::pallet::Call",
		runtime.NewCall[SendFundsToPID](0, "send_funds_to_pid", runtime.Work(2, 2)),
		runtime.NewCall[SendFundsToSID](1, "send_funds_to_sid", runtime.Work(2, 2)),
		runtime.NewCall[PIDBurnFunds](2, "pid_burn_funds", runtime.Work(2, 2)),
		runtime.NewCall[SIDBurnFunds](3, "sid_burn_funds", runtime.Work(2, 2)),
		runtime.NewCall[PIDSendFunds](4, "pid_send_funds", runtime.Work(2, 2)),
		runtime.NewCall[SIDSendFunds](5, "sid_send_funds", runtime.Work(2, 2)),
	),
	Events: runtime.Events("pallet_cess_treasury::pallet::Event",
		runtime.Event[DepositEvent](0, "Deposit"),
	),
	Errors:  runtime.Errors("pallet_cess_treasury::pallet::Error", ErrOverflow, ErrUnexpected),
	Genesis: genesis,
}

// genesis gives every pot the existential deposit, unless the chain spec gave
// it more: a pot that exists takes any amount, and can pay out all that the
// books say (spec/pallets-mining.md §8, 8).
func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var none struct{}
	if err := types.DecodeGenesis(raw, &none); err != nil {
		return err
	}
	deposit := balances.ExistentialDeposit.Get(ctx)
	for _, pot := range []substrate.AccountID{rewardPot, reservePot, punishmentPot, spacePot} {
		missing := deposit.SaturatingSub(currency.Free(ctx, pot))
		if err := currency.Mint(ctx, pot, missing); err != nil {
			return err
		}
	}
	return nil
}
