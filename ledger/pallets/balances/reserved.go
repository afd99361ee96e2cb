package balances

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// RepatriateReserved moves up to x from the reserve of one account to the
// reserve of another, emits ReserveRepatriated and returns what it could not
// move. The receiver must exist: DeadAccount.
func (API) RepatriateReserved(ctx *runtime.Context, from, to accountID, x amount) (amount, error) {
	moved := x.Min(data(ctx, from).Reserved)
	if moved.IsZero() || from == to {
		return x.SaturatingSub(moved), nil
	}
	err := ctx.Transaction(func() error {
		err := update(ctx, to, func(a *system.AccountInfo) error {
			if a.Providers == 0 && a.Sufficients == 0 {
				return ErrDeadAccount
			}
			return add(&a.Data.Reserved, moved)
		})
		if err != nil {
			return err
		}
		return update(ctx, from, func(a *system.AccountInfo) error {
			a.Data.Reserved = a.Data.Reserved.SaturatingSub(moved)
			return nil
		})
	})
	if err != nil {
		return x, err
	}
	ctx.Emit(ReserveRepatriatedEvent{From: from, To: to, Amount: moved, DestinationStatus: substrate.BalanceReserved})
	return x.SaturatingSub(moved), nil
}

// SlashReserved takes up to x of the reserve, emits Slashed and returns what it
// took. The caller owes the amount to somebody: it must Deposit or Destroy it
// in the same block.
func (API) SlashReserved(ctx *runtime.Context, who accountID, x amount) (taken amount, err error) {
	taken = x.Min(data(ctx, who).Reserved)
	if taken.IsZero() {
		return amount{}, nil
	}
	err = update(ctx, who, func(a *system.AccountInfo) error {
		a.Data.Reserved = a.Data.Reserved.SaturatingSub(taken)
		return nil
	})
	if err != nil {
		return amount{}, err
	}
	ctx.Emit(SlashedEvent{Who: who, Amount: taken})
	return taken, nil
}
