package staking

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// RestoreLedger repairs the bond of a stash whose records contradict each
// other; root. No call of this chain leaves such records: they come from
// storage that governance or a migration wrote. Amounts are in planck.
type RestoreLedger struct {
	Stash           accountID                                                `type:"T::AccountId"`
	MaybeController scale.Option[accountID]                                  `type:"Option<T::AccountId>"`
	MaybeTotal      scale.Option[types.Balance]                              `type:"Option<BalanceOf<T>>"`
	MaybeUnlocking  scale.Option[scale.BoundedVec[UnlockChunk, UnlockBound]] `type:"Option<BoundedVec<UnlockChunk<BalanceOf<T>>, T::\nMaxUnlockingChunks>>"`
}

// Dispatch emits nothing. It returns CannotRestoreLedger unless something is
// wrong:
//
//   - A lock without a bond is removed.
//   - A bond with another lock than its total gets that lock, and no argument
//     may be given.
//   - A bond without a ledger of its own gets one: controlled by the given
//     account or the stash, of the given total, no more than the stash has, or
//     of what is locked, with the given chunks unlocking and the rest active.
//     Upstream counts the chunks as active, too.
func (c RestoreLedger) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	controller, bonded := Bonded.Get(ctx, c.Stash)
	locked := currency.Locked(ctx, c.Stash, lockID)
	l, ok := Ledgers.Get(ctx, controller)
	own := bonded && ok && l.Stash == c.Stash
	switch {
	case !bonded && locked.IsZero():
		return ErrCannotRestoreLedger
	case !bonded:
		return currency.SetLock(ctx, c.Stash, lockID, amount{}, balances.ReasonsAll)
	case !own || !l.addsUp():
		return c.rebuild(ctx, controller, own, locked)
	case locked == l.Total, c.MaybeController.IsSome() || c.MaybeTotal.IsSome() || c.MaybeUnlocking.IsSome():
		return ErrCannotRestoreLedger
	}
	return save(ctx, controller, l)
}

// rebuild makes a new ledger for a stash. old is its controller, whose ledger
// is the stash's own if own is set.
func (c RestoreLedger) rebuild(ctx *runtime.Context, old accountID, own bool, locked amount) error {
	controller := c.MaybeController.Or(c.Stash)
	if l, taken := Ledgers.Get(ctx, controller); taken && l.Stash != c.Stash {
		if other, bonded := Bonded.Get(ctx, l.Stash); bonded && other == controller {
			return ErrCannotRestoreLedger // it controls another's bond
		}
	}
	chunks, _ := c.MaybeUnlocking.Get()
	l := Ledger{Stash: c.Stash, Total: c.MaybeTotal.Or(locked).Min(currency.Free(ctx, c.Stash)), Unlocking: chunks}
	l.Active = l.Total
	for _, chunk := range chunks {
		rest, under := l.Active.SubUnderflow(chunk.Value)
		if under {
			return ErrCannotRestoreLedger
		}
		l.Active = rest
	}
	if l.Total.Less(deposit(ctx)) {
		return ErrCannotRestoreLedger
	}
	if own && old != controller {
		Ledgers.Delete(ctx, old)
	}
	Bonded.Put(ctx, c.Stash, controller)
	return save(ctx, controller, l)
}

// addsUp says whether the bond is the sum of its parts.
func (l *Ledger) addsUp() bool {
	sum := l.Active
	for _, chunk := range l.Unlocking {
		var over bool
		if sum, over = sum.AddOverflow(chunk.Value); over {
			return false
		}
	}
	return sum == l.Total
}
