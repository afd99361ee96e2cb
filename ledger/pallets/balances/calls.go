package balances

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// TransferAllowDeath moves balance; the sender may be reaped.
type TransferAllowDeath struct {
	Dest  substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Value types.Balance          `scale:",compact" type:"T::Balance"`
}

// Dispatch emits Transfer.
func (c TransferAllowDeath) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return transfer(ctx, origin, c.Dest, c.Value, AllowDeath)
}

// ForceTransfer moves balance between two accounts; root.
type ForceTransfer struct {
	Source substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Dest   substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Value  types.Balance          `scale:",compact" type:"T::Balance"`
}

// Dispatch emits Transfer.
func (c ForceTransfer) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	from, err := system.Lookup(ctx, c.Source)
	if err != nil {
		return err
	}
	return transfer(ctx, runtime.SignedOrigin(from), c.Dest, c.Value, AllowDeath)
}

// TransferKeepAlive moves balance and fails rather than reap the sender.
type TransferKeepAlive struct {
	Dest  substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Value types.Balance          `scale:",compact" type:"T::Balance"`
}

// Dispatch emits Transfer.
func (c TransferKeepAlive) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return transfer(ctx, origin, c.Dest, c.Value, KeepAlive)
}

func transfer(ctx *runtime.Context, origin runtime.Origin, dest substrate.MultiAddress, x amount, keep Existence) error {
	from, to, err := system.SignedFor(ctx, origin, dest)
	if err != nil {
		return err
	}
	switch {
	case from == to && x.IsZero():
		return nil
	case from == to:
		// Nothing moves, but what is not there cannot be transferred.
		a := system.Accounts.Get(ctx, from)
		return take(ctx, &a, x, keep)
	case x.IsZero():
		ctx.Emit(TransferEvent{From: from, To: to})
		return nil
	}
	return API{}.Transfer(ctx, from, to, x, keep)
}

// TransferAll moves all that can be moved.
type TransferAll struct {
	Dest      substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	KeepAlive bool                   `type:"bool"`
}

// Dispatch emits Transfer.
func (c TransferAll) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	from, err := origin.Signed()
	if err != nil {
		return err
	}
	keep := AllowDeath
	if c.KeepAlive {
		keep = KeepAlive
	}
	return transfer(ctx, origin, c.Dest, API{}.Reducible(ctx, from, keep), keep)
}

// ForceUnreserve frees reserved balance; root.
type ForceUnreserve struct {
	Who    substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Amount types.Balance          `type:"T::Balance"`
}

// Dispatch emits Unreserved.
func (c ForceUnreserve) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	who, err := system.Lookup(ctx, c.Who)
	if err != nil {
		return err
	}
	API{}.Unreserve(ctx, who, c.Amount)
	return nil
}

// UpgradeAccounts brings accounts to the new logic; any account.
type UpgradeAccounts struct {
	Who []substrate.AccountID `type:"Vec<T::AccountId>"`
}

// Dispatch would emit Upgraded for each account that follows the old rules,
// and be free if nine of ten did. None ever does here: the fee is spent.
func (c UpgradeAccounts) Dispatch(_ *runtime.Context, origin runtime.Origin) error {
	_, err := origin.Signed()
	return err
}

// ForceSetBalance sets the free balance; root.
type ForceSetBalance struct {
	Who     substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	NewFree types.Balance          `scale:",compact" type:"T::Balance"`
}

// Dispatch emits BalanceSet and adjusts the total issuance. A balance below
// the existential deposit becomes zero.
func (c ForceSetBalance) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	who, err := system.Lookup(ctx, c.Who)
	if err != nil {
		return err
	}
	free := c.NewFree
	if free.Less(ExistentialDeposit.Get(ctx)) {
		free = amount{}
	}
	old := data(ctx, who).Free
	total, over := TotalIssuance.Get(ctx).SaturatingSub(old).AddOverflow(free)
	if over {
		return runtime.ErrOverflow
	}
	err = update(ctx, who, func(a *system.AccountInfo) error {
		a.Data.Free = free
		return nil
	})
	if err != nil {
		return err
	}
	TotalIssuance.Put(ctx, total)
	ctx.Emit(BalanceSetEvent{Who: who, Free: free})
	return nil
}

// ForceAdjustTotalIssuance corrects the total issuance; root.
type ForceAdjustTotalIssuance struct {
	Direction AdjustmentDirection `type:"AdjustmentDirection"`
	Delta     types.Balance       `scale:",compact" type:"T::Balance"`
}

// Dispatch emits TotalIssuanceForced.
func (c ForceAdjustTotalIssuance) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	if c.Delta.IsZero() {
		return ErrDeltaZero
	}
	old := TotalIssuance.Get(ctx)
	total := old.SaturatingAdd(c.Delta)
	if c.Direction == Decrease {
		total = old.SaturatingSub(c.Delta)
	}
	if total.Less(InactiveIssuance.Get(ctx)) {
		return ErrIssuanceDeactivated
	}
	TotalIssuance.Put(ctx, total)
	ctx.Emit(TotalIssuanceForcedEvent{Old: old, New: total})
	return nil
}

// Burn destroys the signer's own balance.
type Burn struct {
	Value     types.Balance `scale:",compact" type:"T::Balance"`
	KeepAlive bool          `type:"bool"`
}

// Dispatch emits Burned.
func (c Burn) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	keep := AllowDeath
	if c.KeepAlive {
		keep = KeepAlive
	}
	return API{}.Burn(ctx, who, c.Value, keep)
}
