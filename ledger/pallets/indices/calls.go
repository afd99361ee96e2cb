package indices

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Claim takes an index that nobody has, for a deposit.
type Claim struct {
	Index uint32 `type:"T::AccountIndex"`
}

// Dispatch emits IndexAssigned.
func (c Claim) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if Accounts.Contains(ctx, c.Index) {
		return ErrInUse
	}
	deposit := Deposit.Get(ctx)
	if err := currency.Reserve(ctx, who, deposit); err != nil {
		return err
	}
	Accounts.Put(ctx, c.Index, Owner{Account: who, Deposit: deposit})
	ctx.Emit(IndexAssignedEvent{Who: who, Index: c.Index})
	return nil
}

// Transfer gives the signer's index, with the deposit, to another account.
type Transfer struct {
	New   substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Index uint32                 `type:"T::AccountIndex"`
}

// Dispatch emits IndexAssigned.
func (c Transfer) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, to, err := system.SignedFor(ctx, origin, c.New)
	if err != nil {
		return err
	}
	if to == who {
		return ErrNotTransfer
	}
	o, err := owned(ctx, c.Index, who)
	if err != nil {
		return err
	}
	missing, err := currency.RepatriateReserved(ctx, who, to, o.Deposit)
	if err != nil {
		return err
	}
	Accounts.Put(ctx, c.Index, Owner{Account: to, Deposit: o.Deposit.SaturatingSub(missing)})
	ctx.Emit(IndexAssignedEvent{Who: to, Index: c.Index})
	return nil
}

// Free gives an index up and returns its deposit.
type Free struct {
	Index uint32 `type:"T::AccountIndex"`
}

// Dispatch emits IndexFreed.
func (c Free) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	o, err := owned(ctx, c.Index, who)
	if err != nil {
		return err
	}
	currency.Unreserve(ctx, who, o.Deposit)
	Accounts.Delete(ctx, c.Index)
	ctx.Emit(IndexFreedEvent(c))
	return nil
}

// ForceTransfer gives an index, taken or not, frozen or not, to an account for
// no deposit; root.
type ForceTransfer struct {
	New    substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Index  uint32                 `type:"T::AccountIndex"`
	Freeze bool                   `type:"bool"`
}

// Dispatch emits IndexAssigned. The owner before gets the deposit back.
func (c ForceTransfer) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	to, err := system.Lookup(ctx, c.New)
	if err != nil {
		return err
	}
	if o, taken := Accounts.Get(ctx, c.Index); taken {
		currency.Unreserve(ctx, o.Account, o.Deposit)
	}
	Accounts.Put(ctx, c.Index, Owner{Account: to, Frozen: c.Freeze})
	ctx.Emit(IndexAssignedEvent{Who: to, Index: c.Index})
	return nil
}

// Freeze keeps an index for ever, for the price of its deposit.
type Freeze struct {
	Index uint32 `type:"T::AccountIndex"`
}

// Dispatch emits IndexFrozen and destroys the deposit.
func (c Freeze) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	o, err := owned(ctx, c.Index, who)
	if err != nil {
		return err
	}
	taken, err := currency.SlashReserved(ctx, who, o.Deposit)
	if err != nil {
		return err
	}
	currency.Destroy(ctx, taken)
	Accounts.Put(ctx, c.Index, Owner{Account: who, Frozen: true})
	ctx.Emit(IndexFrozenEvent{Index: c.Index, Who: who})
	return nil
}
