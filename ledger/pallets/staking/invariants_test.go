package staking_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"pgregory.net/rapid"
)

// Whatever is called, over eras and slashes, money adds up and bonds are what
// is locked.
func TestMoneyInvariants(t *testing.T) {
	names := []accountID{validator, bob, charlie, dave, palletstest.Account("small")}
	amounts := []amount{
		{}, scale.U128From64(1), types.Tokens(1).Div64(2), types.Tokens(1), types.Tokens(7),
		types.Tokens(1_000_000), scale.MaxU128,
	}
	payees := []staking.RewardDestination{
		staking.PayStaked{}, staking.PayStash{}, staking.PayController{}, staking.PayNone{},
		staking.PayAccount{Account: palletstest.Account("new")},
	}
	rapid.Check(t, func(t *rapid.T) {
		c := world(t, map[string]any{"Staking.BondingDuration": 2, "Staking.MaxExposurePageSize": 1})
		c.Must(alice, balances.TransferKeepAlive{Dest: substrate.AddressOf(names[4]), Value: types.Tokens(20)})
		if err := c.Do(func(ctx *runtime.Context) error { staking.MinValidatorBond.Put(ctx, types.Tokens(60)); return nil }); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 25).Draw(t, "calls") {
			who := rapid.SampledFrom(names).Draw(t, "who")
			x := rapid.SampledFrom(amounts).Draw(t, "amount")
			other := rapid.SampledFrom(names).Draw(t, "other")
			era := rapid.Uint32Range(0, 4).Draw(t, "era")
			switch rapid.IntRange(0, 15).Draw(t, "kind") {
			case 0, 1:
				_ = c.Run(who, staking.Bond{Value: x, Payee: rapid.SampledFrom(payees).Draw(t, "payee")})
			case 2:
				_ = c.Run(who, staking.BondExtra{MaxAdditional: x})
			case 3, 4:
				_ = c.Run(who, staking.Unbond{Value: x})
			case 5:
				_ = c.Run(who, staking.WithdrawUnbonded{})
			case 6:
				_ = c.Run(who, staking.Rebond{Value: x})
			case 7:
				_ = c.Run(who, staking.Validate{Prefs: staking.ValidatorPrefs{Commission: substrate.Perbill(era * 300_000_000)}})
			case 8:
				_ = c.Run(who, staking.Nominate{Targets: to(other, validator)})
			case 9:
				_ = c.Run(who, staking.Chill{})
			case 10:
				_ = c.Run(who, staking.PayoutStakers{ValidatorStash: validator, Era: era})
			case 11:
				_ = c.Do(func(ctx *runtime.Context) error { return api.SlashScheduler(ctx, who) })
			case 12:
				_ = c.Do(func(ctx *runtime.Context) error {
					staking.UnappliedSlashes.Put(ctx, api.ActiveEra(ctx)+1, []staking.UnappliedSlash{{
						Validator: who, Own: x, Others: []staking.AccountAmount{{Account: other, Amount: x}},
						Reporters: []accountID{alice}, Payout: types.Tokens(1),
					}})
					return nil
				})
			case 13:
				_ = c.Run(alice, staking.ReapStash{Stash: who})
			case 14:
				_ = c.Run(who, balances.TransferAll{Dest: substrate.AddressOf(other)})
			case 15:
				c.NextBlocks(rapid.Uint32Range(1, eraBlocks).Draw(t, "blocks"))
			}
			checkMoney(t, c)
		}
	})
}
