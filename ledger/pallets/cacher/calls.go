package cacher

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Currency pays the bills.
type Currency interface {
	Transfer(ctx *runtime.Context, from, to substrate.AccountID, x types.Balance, keep balances.Existence) error
}

// currency is set by Wire.
var currency Currency

// Wire names what this pallet uses of others.
func Wire(c Currency) { currency = c }

// Register enters the signer in the register of cachers.
type Register struct {
	Info Info `type:"CacherInfo<AccountOf<T>, BalanceOf<T>>"`
}

// Dispatch emits Register.
func (c Register) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if Cachers.Contains(ctx, who) {
		return ErrAlreadyRegistered
	}
	Cachers.Put(ctx, who, c.Info)
	ctx.Emit(RegisterEvent{Account: who, Info: c.Info})
	return nil
}

// Update replaces the signer's record.
type Update struct {
	Info Info `type:"CacherInfo<AccountOf<T>, BalanceOf<T>>"`
}

// Dispatch emits Update.
func (c Update) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := registered(ctx, origin)
	if err != nil {
		return err
	}
	Cachers.Put(ctx, who, c.Info)
	ctx.Emit(UpdateEvent{Account: who, Info: c.Info})
	return nil
}

// Logout removes the signer from the register.
type Logout struct{}

// Dispatch emits Logout.
func (Logout) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := registered(ctx, origin)
	if err != nil {
		return err
	}
	Cachers.Delete(ctx, who)
	ctx.Emit(LogoutEvent{Account: who})
	return nil
}

func registered(ctx *runtime.Context, origin runtime.Origin) (substrate.AccountID, error) {
	who, err := origin.Signed()
	if err != nil {
		return who, err
	}
	if !Cachers.Contains(ctx, who) {
		return who, ErrNotRegistered
	}
	return who, nil
}

// Pay pays bills, all or none. Receivers need not be cachers.
type Pay struct {
	Bills Bills `type:"BoundedVec<Bill<AccountOf<T>, BalanceOf<T>, T::Hash>, T::\nBillsLimit>"`
}

// Dispatch emits Pay, also for no bills. The signer lives on.
func (c Pay) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	for _, bill := range c.Bills {
		if err := currency.Transfer(ctx, who, bill.To, bill.Amount, balances.KeepAlive); err != nil {
			return err
		}
	}
	ctx.Emit(PayEvent{Account: who, Bills: c.Bills})
	return nil
}

// DispatchInfo counts a transfer for each bill.
func (c Pay) DispatchInfo() substrate.DispatchInfo {
	n := uint64(len(c.Bills))
	return substrate.DispatchInfo{Weight: runtime.WorkWeight(1+2*n, 1+2*n)}
}
