package storagehandler

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// taskPriority of the hand-over: a hard deadline.
const taskPriority = 63

// BuyConsignment buys a territory that is for sale. Rename is what the buyer
// will call it.
type BuyConsignment struct {
	Token  TokenID             `type:"TokenId"`
	Rename types.TerritoryName `type:"TerrName"`
}

// Dispatch emits BuyConsignment. The price is reserved; the chain hands the
// territory over LockingBlock blocks later. The buyer must not have a territory
// of that name, DuplicateName (spec/pallets-storage.md §12, B13).
func (c BuyConsignment) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	offer, ok := Consignments.Get(ctx, c.Token)
	switch {
	case !ok:
		return ErrNonExistentConsignment
	case offer.Locked:
		return ErrConsignmentLocked
	case offer.User == who:
		return ErrOwnConsignment
	case len(c.Rename) == 0:
		return ErrParam
	case Territories.Contains(ctx, who, c.Rename):
		return ErrDuplicateName
	}
	if err := currency.Reserve(ctx, who, offer.Price); err != nil {
		return err
	}
	at := ctx.BlockNumber() + LockingBlock.Get(ctx)
	if at < ctx.BlockNumber() {
		return ErrOverflow
	}
	offer.Buyer, offer.ExecBlock, offer.Locked = scale.Some(who), scale.Some(at), true
	Consignments.Put(ctx, c.Token, offer)
	task := runtime.RuntimeCall{Call: ExecConsignment{Token: c.Token, TerritoryName: c.Rename}}
	if err := scheduler.ScheduleNamed(ctx, c.Token, at, taskPriority, runtime.RootOrigin(), task); err != nil {
		return ErrUnexpected
	}
	ctx.Emit(BuyConsignmentEvent{Name: c.Rename, Token: c.Token, Price: offer.Price})
	return nil
}

// ExecConsignment hands a sold territory over; root, by the scheduler.
type ExecConsignment struct {
	Token         TokenID             `type:"TokenId"`
	TerritoryName types.TerritoryName `type:"TerrName"`
}

// Dispatch emits ExecConsignment and moves the reserved price to the seller. If
// the price cannot be paid, the purchase is off and the territory for sale
// again: CancelPurchaseAction (spec/pallets-storage.md §12, B10).
func (c ExecConsignment) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	offer, ok := Consignments.Get(ctx, c.Token)
	if !ok {
		return ErrNonExistentConsignment
	}
	buyer, sold := offer.Buyer.Get()
	switch {
	case !sold:
		return ErrUnexpected
	case !offer.Locked:
		return ErrConsignmentUnLocked
	}
	from, t, ok := byToken(ctx, c.Token)
	if !ok || t.State != TerritoryOnConsignment {
		return ErrUnexpected
	}
	to, ok := nameFor(ctx, TerritoryRef{buyer, c.TerritoryName}, c.Token)
	if at, _ := offer.ExecBlock.Get(); ctx.BlockNumber() < at {
		unscheduleTask(ctx, c.Token)
	}
	currency.Unreserve(ctx, buyer, offer.Price)
	if !ok || currency.Transfer(ctx, buyer, from.Owner, offer.Price, balances.KeepAlive) != nil {
		offer.unlock(ctx, c.Token)
		return nil
	}
	Consignments.Delete(ctx, c.Token)
	t.State = TerritoryActive
	move(ctx, &t, from, to)
	ctx.Emit(ExecConsignmentEvent{Buyer: buyer, Seller: from.Owner, Token: c.Token})
	return nil
}

// nameFor is where a sold territory goes: if the buyer has another territory of
// that name by now, it is called by its token bytes, as a gift would be (B13).
func nameFor(ctx *runtime.Context, to TerritoryRef, token TokenID) (TerritoryRef, bool) {
	if Territories.Contains(ctx, to.Owner, to.Name) {
		to.Name = types.TerritoryName(token[:])
	}
	return to, !Territories.Contains(ctx, to.Owner, to.Name)
}

// unlock puts a territory up for sale again whose purchase is off; the buyer's
// reserve has been released.
func (o Consignment) unlock(ctx *runtime.Context, token TokenID) {
	Consignments.Put(ctx, token, Consignment{User: o.User, Price: o.Price})
	ctx.Emit(CancelPurchaseActionEvent{Token: token})
}

// unscheduleTask takes the hand-over off the schedule. It may be gone already
// (spec/pallets-storage.md §12, B12).
func unscheduleTask(ctx *runtime.Context, token TokenID) {
	_ = ctx.Transaction(func() error { return scheduler.CancelNamed(ctx, token) })
}

// CancelPurchaseAction withdraws the signer's purchase before the hand-over.
type CancelPurchaseAction struct {
	Token TokenID `type:"TokenId"`
}

// Dispatch emits CancelPurchaseAction and releases the price.
func (c CancelPurchaseAction) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	offer, ok := Consignments.Get(ctx, c.Token)
	if !ok {
		return ErrNonExistentConsignment
	}
	if buyer, sold := offer.Buyer.Get(); !sold || buyer != who {
		return ErrNotBuyer
	}
	currency.Unreserve(ctx, who, offer.Price)
	unscheduleTask(ctx, c.Token)
	offer.unlock(ctx, c.Token)
	return nil
}
