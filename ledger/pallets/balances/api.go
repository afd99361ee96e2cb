package balances

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

type (
	accountID = substrate.AccountID
	amount    = types.Balance
)

// Existence says what may become of an account that pays.
type Existence uint8

const (
	// AllowDeath lets the account be reaped.
	AllowDeath Existence = iota
	// KeepAlive leaves at least the existential deposit.
	KeepAlive
)

// API is what other pallets may do with the native token. Amounts are in
// planck. Nothing but Mint, Burn and dust changes the total issuance.
type API struct{}

// Free is the account's free balance, locked parts included.
func (API) Free(ctx *runtime.Context, who accountID) amount { return data(ctx, who).Free }

// Reserved is what other pallets hold of the account's balance.
func (API) Reserved(ctx *runtime.Context, who accountID) amount { return data(ctx, who).Reserved }

// CanSlash says whether the free balance covers x; locks do not count
// (spec/pallets-storage.md §0.2).
func (API) CanSlash(ctx *runtime.Context, who accountID, x amount) bool {
	return data(ctx, who).Free.Cmp(x) >= 0
}

// Reducible is what could be withdrawn from the free balance.
func (API) Reducible(ctx *runtime.Context, who accountID, keep Existence) amount {
	a := system.Accounts.Get(ctx, who)
	return reducible(ctx, &a, keep)
}

// Transfer moves x between accounts and emits Transfer. Moving nothing, or to
// oneself, does nothing.
func (API) Transfer(ctx *runtime.Context, from, to accountID, x amount, keep Existence) error {
	if x.IsZero() || from == to {
		return nil
	}
	return ctx.Transaction(func() error {
		if err := update(ctx, from, func(a *system.AccountInfo) error { return take(ctx, a, x, keep) }); err != nil {
			return err
		}
		if err := update(ctx, to, func(a *system.AccountInfo) error { return give(ctx, a, x) }); err != nil {
			return err
		}
		ctx.Emit(TransferEvent{From: from, To: to, Amount: x})
		return nil
	})
}

// Withdraw takes x from the free balance and emits Withdraw. The caller owes x
// to somebody: it must Deposit or Destroy it in the same block.
func (API) Withdraw(ctx *runtime.Context, who accountID, x amount, keep Existence) error {
	if x.IsZero() {
		return nil
	}
	if err := update(ctx, who, func(a *system.AccountInfo) error { return take(ctx, a, x, keep) }); err != nil {
		return err
	}
	ctx.Emit(WithdrawEvent{Who: who, Amount: x})
	return nil
}

// Deposit gives back what Withdraw took and emits Deposit. It fails if who
// does not exist and x does not reach the existential deposit.
func (API) Deposit(ctx *runtime.Context, who accountID, x amount) error {
	if x.IsZero() {
		return nil
	}
	if err := update(ctx, who, func(a *system.AccountInfo) error { return give(ctx, a, x) }); err != nil {
		return err
	}
	ctx.Emit(DepositEvent{Who: who, Amount: x})
	return nil
}

// Destroy removes from the total issuance what Withdraw took and nobody gets.
func (API) Destroy(ctx *runtime.Context, x amount) {
	if x.IsZero() {
		return
	}
	TotalIssuance.Mutate(ctx, func(t *amount) { *t = t.SaturatingSub(x) })
	ctx.Emit(RescindedEvent{Amount: x})
}

// Mint creates x on the account and emits Minted.
func (API) Mint(ctx *runtime.Context, who accountID, x amount) error {
	if x.IsZero() {
		return nil
	}
	return ctx.Transaction(func() error {
		total := TotalIssuance.Get(ctx)
		if err := add(&total, x); err != nil {
			return err
		}
		TotalIssuance.Put(ctx, total)
		if err := update(ctx, who, func(a *system.AccountInfo) error { return give(ctx, a, x) }); err != nil {
			return err
		}
		ctx.Emit(MintedEvent{Who: who, Amount: x})
		return nil
	})
}

// Burn destroys x of the account's free balance and emits Burned.
func (API) Burn(ctx *runtime.Context, who accountID, x amount, keep Existence) error {
	if x.IsZero() {
		return nil
	}
	if err := update(ctx, who, func(a *system.AccountInfo) error { return take(ctx, a, x, keep) }); err != nil {
		return err
	}
	TotalIssuance.Mutate(ctx, func(t *amount) { *t = t.SaturatingSub(x) })
	ctx.Emit(BurnedEvent{Who: who, Amount: x})
	return nil
}

// Reserve moves x from free to reserved and emits Reserved.
func (API) Reserve(ctx *runtime.Context, who accountID, x amount) error {
	if x.IsZero() {
		return nil
	}
	err := update(ctx, who, func(a *system.AccountInfo) error {
		rest, under := a.Data.Free.SubUnderflow(x)
		if under {
			return ErrInsufficientBalance
		}
		if rest.Less(a.Data.Frozen) {
			return ErrLiquidityRestrictions
		}
		a.Data.Free = rest
		return add(&a.Data.Reserved, x)
	})
	if err != nil {
		return err
	}
	ctx.Emit(ReservedEvent{Who: who, Amount: x})
	return nil
}

// Unreserve moves up to x from reserved to free, emits Unreserved and returns
// what it could not move.
func (API) Unreserve(ctx *runtime.Context, who accountID, x amount) amount {
	moved := x.Min(data(ctx, who).Reserved)
	if moved.IsZero() {
		return x
	}
	err := update(ctx, who, func(a *system.AccountInfo) error {
		a.Data.Reserved = a.Data.Reserved.SaturatingSub(moved)
		a.Data.Free = a.Data.Free.SaturatingAdd(moved)
		return nil
	})
	if err != nil {
		return x
	}
	ctx.Emit(UnreservedEvent{Who: who, Amount: moved})
	return x.SaturatingSub(moved)
}

// TransferReserved moves up to x from the reserve of one account to the free
// balance of another, emits ReserveRepatriated and returns what it could not
// move.
func (API) TransferReserved(ctx *runtime.Context, from, to accountID, x amount) (amount, error) {
	moved := x.Min(data(ctx, from).Reserved)
	if moved.IsZero() {
		return x, nil
	}
	err := ctx.Transaction(func() error {
		err := update(ctx, from, func(a *system.AccountInfo) error {
			a.Data.Reserved = a.Data.Reserved.SaturatingSub(moved)
			return nil
		})
		if err != nil {
			return err
		}
		return update(ctx, to, func(a *system.AccountInfo) error { return give(ctx, a, moved) })
	})
	if err != nil {
		return x, err
	}
	ctx.Emit(ReserveRepatriatedEvent{From: from, To: to, Amount: moved, DestinationStatus: substrate.BalanceFree})
	return x.SaturatingSub(moved), nil
}

func data(ctx *runtime.Context, who accountID) system.AccountData {
	return system.Accounts.Get(ctx, who).Data
}

func add(to *amount, x amount) error {
	sum, over := to.AddOverflow(x)
	if over {
		return runtime.ErrOverflow
	}
	*to = sum
	return nil
}
