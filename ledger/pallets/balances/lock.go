package balances

import (
	"errors"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
)

var errTooManyLocks = errors.New("balances: too many locks on the account")

// SetLock keeps x, in planck, of the account's balance from leaving it, under
// an identifier of the caller's own; zero removes the lock. Locks overlap: the
// largest counts, and what is reserved counts as locked first. It emits Locked
// or Unlocked when the frozen balance changes. The lock may exceed the balance.
func (API) SetLock(ctx *runtime.Context, who accountID, id Identifier, x amount, reasons Reasons) error {
	return ctx.Transaction(func() error {
		locks := Locks.Get(ctx, who)
		had := len(locks) > 0
		i := slices.IndexFunc(locks, func(l Lock) bool { return l.ID == id })
		switch {
		case x.IsZero() && i < 0:
			return nil
		case x.IsZero():
			locks = slices.Delete(locks, i, i+1)
		case i >= 0:
			locks[i].Amount, locks[i].Reasons = x, reasons
		case !locks.TryPush(Lock{ID: id, Amount: x, Reasons: reasons}):
			return errTooManyLocks
		}
		if err := freeze(ctx, who, locks); err != nil {
			return err
		}
		if len(locks) == 0 {
			Locks.Delete(ctx, who)
			system.DecConsumers(ctx, who)
			return nil
		}
		Locks.Put(ctx, who, locks)
		if !had {
			return system.IncConsumers(ctx, who)
		}
		return nil
	})
}

// RemoveLock removes the lock, if there is one.
func (a API) RemoveLock(ctx *runtime.Context, who accountID, id Identifier) error {
	return a.SetLock(ctx, who, id, amount{}, ReasonsAll)
}

// Locked is what the lock keeps, in planck.
func (API) Locked(ctx *runtime.Context, who accountID, id Identifier) amount {
	for _, l := range Locks.Get(ctx, who) {
		if l.ID == id {
			return l.Amount
		}
	}
	return amount{}
}

// freeze makes the frozen balance the largest of the locks.
func freeze(ctx *runtime.Context, who accountID, locks []Lock) error {
	before, after := data(ctx, who).Frozen, amount{}
	for _, l := range locks {
		after = after.Max(l.Amount)
	}
	err := update(ctx, who, func(a *system.AccountInfo) error {
		a.Data.Frozen = after
		return nil
	})
	if err != nil {
		return err
	}
	if before.Less(after) {
		ctx.Emit(LockedEvent{Who: who, Amount: after.SaturatingSub(before)})
	}
	if after.Less(before) {
		ctx.Emit(UnlockedEvent{Who: who, Amount: before.SaturatingSub(after)})
	}
	return nil
}
