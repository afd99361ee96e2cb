package indices

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Currency keeps the deposits.
type Currency interface {
	Reserve(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
	Unreserve(ctx *runtime.Context, who substrate.AccountID, x types.Balance) types.Balance
	RepatriateReserved(ctx *runtime.Context, from, to substrate.AccountID, x types.Balance) (types.Balance, error)
	SlashReserved(ctx *runtime.Context, who substrate.AccountID, x types.Balance) (types.Balance, error)
	Destroy(ctx *runtime.Context, x types.Balance)
}

// currency is set by Wire.
var currency Currency

// Wire names what this pallet uses of others.
func Wire(c Currency) { currency = c }

// API is what other pallets may ask.
type API struct{}

// AccountOf returns the account that has the index.
func (API) AccountOf(ctx *runtime.Context, i uint32) (substrate.AccountID, bool) {
	o, ok := Accounts.Get(ctx, i)
	return o.Account, ok
}

// owned returns the record of an index that the account may dispose of.
func owned(ctx *runtime.Context, i uint32, who substrate.AccountID) (Owner, error) {
	o, ok := Accounts.Get(ctx, i)
	switch {
	case !ok:
		return Owner{}, ErrNotAssigned
	case o.Frozen:
		return Owner{}, ErrPermanent
	case o.Account != who:
		return Owner{}, ErrNotOwner
	}
	return o, nil
}
