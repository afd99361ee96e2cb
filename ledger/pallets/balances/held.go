package balances

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Hold moves x from free to reserved for a reason; holds of one reason add up.
// The account keeps its existential deposit; locked balance may be held. It
// fails with FundsUnavailable.
func (API) Hold(ctx *runtime.Context, who accountID, why HoldReason, x amount) error {
	if x.IsZero() {
		return nil
	}
	return ctx.Transaction(func() error {
		err := update(ctx, who, func(a *system.AccountInfo) error {
			rest, under := a.Data.Free.SubUnderflow(x)
			if under || rest.Less(ExistentialDeposit.Get(ctx)) {
				return runtime.ErrFundsUnavailable
			}
			a.Data.Free = rest
			return add(&a.Data.Reserved, x)
		})
		if err != nil {
			return err
		}
		holds := Holds.Get(ctx, who)
		i := holdOf(holds, why)
		if i < 0 {
			if !holds.TryPush(IDAmount[HoldReason]{ID: why, Amount: x}) {
				return ErrTooManyHolds
			}
		} else if err := add(&holds[i].Amount, x); err != nil {
			return err
		}
		Holds.Put(ctx, who, holds)
		return nil
	})
}

// Release moves up to x that is held for the reason back to free and returns
// what it moved.
func (API) Release(ctx *runtime.Context, who accountID, why HoldReason, x amount) (moved amount, err error) {
	err = ctx.Transaction(func() error {
		holds := Holds.Get(ctx, who)
		i := holdOf(holds, why)
		if i < 0 {
			return nil
		}
		moved = x.Min(holds[i].Amount)
		holds[i].Amount = holds[i].Amount.SaturatingSub(moved)
		if holds[i].Amount.IsZero() {
			holds = slices.Delete(holds, i, i+1)
		}
		if len(holds) == 0 {
			Holds.Delete(ctx, who)
		} else {
			Holds.Put(ctx, who, holds)
		}
		return update(ctx, who, func(a *system.AccountInfo) error {
			a.Data.Reserved = a.Data.Reserved.SaturatingSub(moved)
			return add(&a.Data.Free, moved)
		})
	})
	return moved, err
}

// Held is what is held for the reason, in planck.
func (API) Held(ctx *runtime.Context, who accountID, why HoldReason) amount {
	holds := Holds.Get(ctx, who)
	if i := holdOf(holds, why); i >= 0 {
		return holds[i].Amount
	}
	return amount{}
}

func holdOf(holds []IDAmount[HoldReason], why HoldReason) int {
	return slices.IndexFunc(holds, func(h IDAmount[HoldReason]) bool { return h.ID == why })
}

// Slash takes up to x of the free balance, locked or not, emits Slashed and
// returns what it took. An account that others depend on keeps the existential
// deposit. The caller owes the amount to somebody: it must Deposit or Destroy
// it in the same block.
func (API) Slash(ctx *runtime.Context, who substrate.AccountID, x amount) (taken amount, err error) {
	err = update(ctx, who, func(a *system.AccountInfo) error {
		available := a.Data.Free
		if !mayDie(a) {
			available = available.SaturatingSub(ExistentialDeposit.Get(ctx))
		}
		taken = x.Min(available)
		a.Data.Free = a.Data.Free.SaturatingSub(taken)
		return nil
	})
	if err != nil || taken.IsZero() {
		return amount{}, err
	}
	ctx.Emit(SlashedEvent{Who: who, Amount: taken})
	return taken, nil
}
