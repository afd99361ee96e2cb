package treasury

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

type amount = types.Balance

// Currency is what this pallet needs of the native token.
type Currency interface {
	Free(ctx *runtime.Context, who substrate.AccountID) types.Balance
	Transfer(ctx *runtime.Context, from, to substrate.AccountID, x types.Balance, keep balances.Existence) error
	Deposit(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
	Destroy(ctx *runtime.Context, x types.Balance)
	Mint(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
	Burn(ctx *runtime.Context, who substrate.AccountID, x types.Balance, keep balances.Existence) error
	Deactivate(ctx *runtime.Context, x types.Balance)
	Reactivate(ctx *runtime.Context, x types.Balance)
}

// currency is set by Wire.
var currency Currency

// Wire names what this pallet uses of others.
func Wire(c Currency) { currency = c }

// API is what other pallets may do with the treasury.
type API struct{}

// Receive gives the treasury x planck that were withdrawn elsewhere and emits
// Deposit. A treasury that does not exist cannot receive less than the
// existential deposit, which is destroyed then.
func (API) Receive(ctx *runtime.Context, x types.Balance) {
	if x.IsZero() {
		return
	}
	if err := currency.Deposit(ctx, Pot(ctx), x); err != nil {
		currency.Destroy(ctx, x)
		return
	}
	ctx.Emit(DepositEvent{Value: x})
}

// Pot is the treasury's account.
func Pot(ctx *runtime.Context) substrate.AccountID {
	return substrate.AccountOfPallet(PalletID.Get(ctx))
}

// budget is what can be spent: all but the existential deposit.
func budget(ctx *runtime.Context) amount {
	return currency.Free(ctx, Pot(ctx)).SaturatingSub(balances.ExistentialDeposit.Get(ctx))
}
