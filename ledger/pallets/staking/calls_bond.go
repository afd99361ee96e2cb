package staking

import (
	"math"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// Bond makes the signer a stash and locks part of its balance, in planck.
type Bond struct {
	Value types.Balance     `scale:",compact" type:"BalanceOf<T>"`
	Payee RewardDestination `type:"RewardDestination<T::AccountId>"`
}

// Dispatch emits Bonded with what was locked: no more than the free balance.
func (c Bond) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	stash, err := origin.Signed()
	if err != nil {
		return err
	}
	if Bonded.Contains(ctx, stash) {
		return ErrAlreadyBonded
	}
	if Ledgers.Contains(ctx, stash) {
		return ErrAlreadyPaired
	}
	x := c.Value.Min(currency.Free(ctx, stash))
	if x.Less(deposit(ctx)) {
		return ErrInsufficientBond
	}
	ctx.Emit(BondedEvent{Stash: stash, Amount: x})
	return create(ctx, stash, stash, x, c.Payee)
}

// BondExtra bonds more of the signer's balance, in planck.
type BondExtra struct {
	MaxAdditional types.Balance `scale:",compact" type:"BalanceOf<T>"`
}

// Dispatch emits Bonded with what was added: no more than the balance that is
// not bonded yet.
func (c BondExtra) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	stash, err := origin.Signed()
	if err != nil {
		return err
	}
	controller, l, err := ledgerOfStash(ctx, stash)
	if err != nil {
		return err
	}
	rest, under := currency.Free(ctx, stash).SubUnderflow(l.Total)
	if under {
		return runtime.ErrOverflow
	}
	extra := c.MaxAdditional.Min(rest)
	if l.Total, err = add(l.Total, extra); err != nil {
		return err
	}
	if l.Active, err = add(l.Active, extra); err != nil {
		return err
	}
	if l.Active.Less(deposit(ctx)) {
		return ErrInsufficientBond
	}
	ctx.Emit(BondedEvent{Stash: stash, Amount: extra})
	return save(ctx, controller, l)
}

// Unbond starts to unlock stake, in planck; the signer is the controller.
type Unbond struct {
	Value types.Balance `scale:",compact" type:"BalanceOf<T>"`
}

// Dispatch emits Unbonded. What would be left below the existential deposit is
// unlocked too. With all chunks in use it withdraws those that are due.
func (c Unbond) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	controller, l, err := bondOf(ctx, origin)
	if err != nil {
		return err
	}
	limit := int(min(MaxUnlockingChunks.Get(ctx), maxUnlocking))
	if len(l.Unlocking) >= limit {
		if err := withdraw(ctx, controller, math.MaxUint32); err != nil {
			return err
		}
		if l, err = ledgerOf(ctx, controller); err != nil {
			return err
		}
	}
	if len(l.Unlocking) >= limit {
		return ErrNoMoreChunks
	}
	x := c.Value.Min(l.Active)
	if x.IsZero() {
		return nil
	}
	l.Active = l.Active.SaturatingSub(x)
	if l.Active.Less(deposit(ctx)) {
		x, l.Active = x.SaturatingAdd(l.Active), amount{}
	}
	if l.Active.Less(minActive(ctx, l.Stash)) {
		return ErrInsufficientBond
	}
	l.unlock(x, saturatingAdd(plannedEra(ctx), BondingDuration.Get(ctx)))
	ctx.Emit(UnbondedEvent{Stash: l.Stash, Amount: x})
	return save(ctx, controller, l)
}

func saturatingAdd(a, b uint32) uint32 { return a + min(b, math.MaxUint32-a) }

// unlock keeps one chunk per era.
func (l *Ledger) unlock(x amount, era uint32) {
	if n := len(l.Unlocking); n > 0 && l.Unlocking[n-1].Era == era {
		l.Unlocking[n-1].Value = l.Unlocking[n-1].Value.SaturatingAdd(x)
		return
	}
	l.Unlocking = append(l.Unlocking, UnlockChunk{Value: x, Era: era})
}

// WithdrawUnbonded frees the chunks that are due; the signer is the
// controller.
type WithdrawUnbonded struct {
	NumSlashingSpans uint32 `type:"u32"`
}

// Dispatch emits Withdrawn. With nothing left that is worth it, the bond ends.
func (c WithdrawUnbonded) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	controller, err := origin.Signed()
	if err != nil {
		return err
	}
	return withdraw(ctx, controller, c.NumSlashingSpans)
}

func withdraw(ctx *runtime.Context, controller accountID, spans uint32) error {
	l, err := ledgerOf(ctx, controller)
	if err != nil {
		return err
	}
	before := l.Total
	if era, ok := CurrentEra.Get(ctx); ok {
		l.consolidate(era)
	}
	if len(l.Unlocking) == 0 && (l.Active.IsZero() || l.Active.Less(deposit(ctx))) {
		err = kill(ctx, l.Stash, spans)
	} else {
		err = save(ctx, controller, l)
	}
	if err != nil {
		return err
	}
	if freed := before.SaturatingSub(l.Total); !freed.IsZero() {
		ctx.Emit(WithdrawnEvent{Stash: l.Stash, Amount: freed})
	}
	return nil
}

// Rebond bonds again what is unlocking, in planck; the signer is the
// controller.
type Rebond struct {
	Value types.Balance `scale:",compact" type:"BalanceOf<T>"`
}

// Dispatch emits Bonded with what was bonded again.
func (c Rebond) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	controller, l, err := bondOf(ctx, origin)
	if err != nil {
		return err
	}
	if len(l.Unlocking) == 0 {
		return ErrNoUnlockChunk
	}
	moved := l.rebond(c.Value)
	if l.Active.Less(deposit(ctx)) {
		return ErrInsufficientBond
	}
	ctx.Emit(BondedEvent{Stash: l.Stash, Amount: moved})
	return save(ctx, controller, l)
}

// SetPayee says where rewards go; the signer is the controller.
type SetPayee struct {
	Payee RewardDestination `type:"RewardDestination<T::AccountId>"`
}

// Dispatch refuses the controller as destination.
func (c SetPayee) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	_, l, err := bondOf(ctx, origin)
	if err != nil {
		return err
	}
	if _, old := c.Payee.(PayController); old {
		return ErrControllerDeprecated
	}
	Payees.Put(ctx, l.Stash, c.Payee)
	return nil
}

// UpdatePayee names the account in place of the destination "controller";
// anybody may sign.
type UpdatePayee struct {
	Controller accountID `type:"T::AccountId"`
}

// Dispatch is free.
func (c UpdatePayee) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	l, err := ledgerOf(ctx, c.Controller)
	if err != nil {
		return err
	}
	payee, _ := Payees.Get(ctx, l.Stash)
	if _, old := payee.(PayController); !old {
		return ErrNotController
	}
	Payees.Put(ctx, l.Stash, PayAccount{Account: c.Controller})
	ctx.WaiveFee()
	return nil
}

// SetController makes the signing stash its own controller.
type SetController struct{}

// Dispatch fails with AlreadyPaired if it is.
func (c SetController) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	stash, err := origin.Signed()
	if err != nil {
		return err
	}
	return controlOneself(ctx, stash)
}

func controlOneself(ctx *runtime.Context, stash accountID) error {
	controller, l, err := ledgerOfStash(ctx, stash)
	switch {
	case err != nil:
		return err
	case controller == stash:
		return ErrAlreadyPaired
	case Ledgers.Contains(ctx, stash):
		// The stash controls another stash's bond.
		return ErrBadState
	}
	Ledgers.Delete(ctx, controller)
	Ledgers.Put(ctx, stash, l)
	Bonded.Put(ctx, stash, stash)
	return nil
}
