package storagehandler

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// price is what gib GiB cost for so many days, in planck, at one divisor-th of
// the unit price, rounded down (spec/pallets-storage.md §3.4).
func price(ctx *runtime.Context, gib scale.U128, days, divisor uint32) (types.Balance, error) {
	unit, ok := UnitPrice.Get(ctx)
	if !ok {
		return types.Balance{}, ErrBugInvalid
	}
	daily, over1 := unit.Div64(uint64(max(divisor, 1))).MulOverflow(gib)
	sum, over2 := daily.MulOverflow(scale.U128From64(uint64(days)))
	if over1 || over2 {
		return types.Balance{}, ErrOverflow
	}
	return sum, nil
}

// pay moves planck from the payer to the account that sells space. It returns
// InsufficientBalance, or a token error when the balance is there but may not
// be spent.
func pay(ctx *runtime.Context, payer substrate.AccountID, x types.Balance) error {
	if !currency.CanSlash(ctx, payer, x) {
		return ErrInsufficientBalance
	}
	return currency.Transfer(ctx, payer, spaceAccount, x, balances.KeepAlive)
}

// bytesOf is the size of n GiB.
func bytesOf(gib uint32) scale.U128 { return scale.U128From64(uint64(gib) * types.GiB) }

// gibOf is the size in whole GiB. Upstream cuts it to 32 bits (§12, B35).
func gibOf(bytes scale.U128) scale.U128 { return bytes.Div64(types.GiB) }

// remainingDays are the days of a lease that are left, begun ones included, or
// Overflow past the deadline.
func remainingDays(ctx *runtime.Context, t *Territory) (uint32, error) {
	now, day := ctx.BlockNumber(), OneDay.Get(ctx)
	if t.Deadline < now {
		return 0, ErrOverflow
	}
	left := t.Deadline - now
	days := left / day
	if left%day != 0 {
		days++
	}
	return days, nil
}

// quoteLease checks what a new territory needs and prices it.
func quoteLease(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName, gib, days uint32) (types.Balance, error) {
	switch {
	case gib == 0 || len(name) == 0:
		return types.Balance{}, ErrParam
	case Territories.Contains(ctx, owner, name):
		return types.Balance{}, ErrPurchasedSpace
	case days < minDays:
		return types.Balance{}, ErrBoundariesNotMet
	}
	return price(ctx, scale.U128From64(uint64(gib)), days, 1)
}

// quoteExpansion checks whether a territory can grow and prices gib GiB for
// the rest of its lease.
func quoteExpansion(ctx *runtime.Context, t *Territory, gib uint32) (types.Balance, error) {
	switch {
	case gib == 0:
		return types.Balance{}, ErrParam
	case t.State != TerritoryActive:
		return types.Balance{}, ErrNotActive
	}
	days, err := remainingDays(ctx, t)
	if err != nil {
		return types.Balance{}, err
	}
	return price(ctx, scale.U128From64(uint64(gib)), days, 1)
}

// quoteRenewal checks whether a lease can be prolonged and prices it.
func quoteRenewal(ctx *runtime.Context, t *Territory, days uint32) (types.Balance, error) {
	switch {
	case t.State != TerritoryActive && t.State != TerritoryFrozen:
		return types.Balance{}, ErrState
	case days == 0:
		return types.Balance{}, ErrBoundariesNotMet
	}
	return price(ctx, gibOf(t.TotalSpace), days, 1)
}
