package cesstreasury

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Currency is what this pallet needs of the native token.
type Currency interface {
	Free(ctx *runtime.Context, who substrate.AccountID) types.Balance
	Transfer(ctx *runtime.Context, from, to substrate.AccountID, x types.Balance, keep balances.Existence) error
	Burn(ctx *runtime.Context, who substrate.AccountID, x types.Balance, keep balances.Existence) error
	Mint(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
}

// Eras is what this pallet needs of staking.
type Eras interface {
	// CurrentEra is the planned era, which is ahead of the active one during
	// the active one's last session.
	CurrentEra(ctx *runtime.Context) uint32
}

// Set by Wire.
var (
	currency Currency
	eras     Eras
)

// Wire names what this pallet uses of others.
func Wire(c Currency, e Eras) { currency, eras = c, e }

// The pots (spec/pallets-mining.md §0.6).
var (
	rewardPot     = substrate.AccountOfPallet(types.RewardPot)
	reservePot    = substrate.AccountOfPallet(types.ReservePot)
	punishmentPot = substrate.AccountOfPallet(types.PunishmentPot)
	spacePot      = substrate.AccountOfPallet(types.SpacePot)
)

// API is what other pallets may do with the money of miners. Amounts are in
// planck. Every method leaves books and pots in agreement; an error leaves
// both as they were.
type API struct{}

// OnEraPayout takes over what staking has just minted to the reward pot at the
// end of an era, and emits Deposit. The money is the round of the planned era
// (spec/pallets-mining.md §5.3).
func (API) OnEraPayout(ctx *runtime.Context, x types.Balance) error {
	return ctx.Transaction(func() error {
		err := Rounds.Mutate(ctx, eras.CurrentEra(ctx), func(r *Round) error { return add(&r.Total, x) })
		if err != nil {
			return err
		}
		if err := grow(ctx, CurrencyReward, x); err != nil {
			return err
		}
		EraReward.Put(ctx, x)
		ctx.Emit(DepositEvent{Balance: x})
		return nil
	})
}

// RoundReward is what the round of an era has, and what of it is promised.
func (API) RoundReward(ctx *runtime.Context, era uint32) (total, allocated types.Balance) {
	r := Rounds.Get(ctx, era)
	return r.Total, r.Allocated
}

// TakeRoundReward promises x of a round to a miner. It returns Unexpected when
// there is no such round or not as much left in it.
func (API) TakeRoundReward(ctx *runtime.Context, era uint32, x types.Balance) error {
	if !Rounds.Contains(ctx, era) {
		return ErrUnexpected
	}
	return ctx.Transaction(func() error {
		err := Rounds.Mutate(ctx, era, func(r *Round) error {
			if err := add(&r.Allocated, x); err != nil {
				return err
			}
			if r.Total.Less(r.Allocated) {
				return ErrUnexpected
			}
			return nil
		})
		if err != nil {
			return err
		}
		return takeReward(ctx, x)
	})
}

// AddReward counts money of the reward pot as promised to nobody again.
func (API) AddReward(ctx *runtime.Context, x types.Balance) error {
	return grow(ctx, CurrencyReward, x)
}

// takeReward counts x of the reward pot as promised to somebody. What the pot
// lacks comes from the reserve.
func takeReward(ctx *runtime.Context, x types.Balance) error {
	if missing := x.SaturatingSub(CurrencyReward.Get(ctx)); !missing.IsZero() {
		if err := shrink(ctx, ReserveReward, missing); err != nil {
			return err
		}
		if err := grow(ctx, CurrencyReward, missing); err != nil {
			return err
		}
		if err := currency.Transfer(ctx, reservePot, rewardPot, missing, balances.KeepAlive); err != nil {
			return err
		}
	}
	return shrink(ctx, CurrencyReward, x)
}

// Reserve moves x that is promised to nobody from the reward pot to the
// reserve. It returns Overflow when there is not as much.
func (API) Reserve(ctx *runtime.Context, x types.Balance) error {
	return ctx.Transaction(func() error {
		if err := shrink(ctx, CurrencyReward, x); err != nil {
			return err
		}
		if err := grow(ctx, ReserveReward, x); err != nil {
			return err
		}
		return currency.Transfer(ctx, rewardPot, reservePot, x, balances.KeepAlive)
	})
}

// Pay pays a reward that was promised with TakeRoundReward.
func (API) Pay(ctx *runtime.Context, to substrate.AccountID, x types.Balance) error {
	return currency.Transfer(ctx, rewardPot, to, x, balances.KeepAlive)
}

// CollectPunishment moves x of an account's free balance to the pot of
// punishments.
func (API) CollectPunishment(ctx *runtime.Context, from substrate.AccountID, x types.Balance) error {
	return currency.Transfer(ctx, from, punishmentPot, x, balances.KeepAlive)
}

// RefundPunishment pays a punishment back that turned out to be wrong.
func (API) RefundPunishment(ctx *runtime.Context, to substrate.AccountID, x types.Balance) error {
	return currency.Transfer(ctx, punishmentPot, to, x, balances.KeepAlive)
}

func grow(ctx *runtime.Context, book *runtime.Value[types.Balance], x types.Balance) error {
	sum := book.Get(ctx)
	if err := add(&sum, x); err != nil {
		return err
	}
	book.Put(ctx, sum)
	return nil
}

func shrink(ctx *runtime.Context, book *runtime.Value[types.Balance], x types.Balance) error {
	rest, under := book.Get(ctx).SubUnderflow(x)
	if under {
		return ErrOverflow
	}
	book.Put(ctx, rest)
	return nil
}

func add(to *types.Balance, x types.Balance) error {
	sum, over := to.AddOverflow(x)
	if over {
		return ErrOverflow
	}
	*to = sum
	return nil
}
