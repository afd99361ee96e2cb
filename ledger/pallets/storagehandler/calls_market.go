package storagehandler

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// TerritoryConsignment puts an empty territory up for sale at Price planck.
type TerritoryConsignment struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
	Price         types.Balance       `type:"BalanceOf<T>"`
}

// Dispatch emits Consignment. More than a day of the lease must be left.
func (c TerritoryConsignment) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	t, err := territory(ctx, who, c.TerritoryName)
	if err != nil {
		return err
	}
	if err := t.movable(); err != nil {
		return err
	}
	now := ctx.BlockNumber()
	switch {
	case t.Deadline < now:
		return ErrOverflow
	case t.Deadline-now <= ConsignmentRemainingBlock.Get(ctx):
		return ErrInsufficientLease
	case Consignments.Contains(ctx, t.Token):
		return ErrConsignmentExisted
	}
	t.State = TerritoryOnConsignment
	Territories.Put(ctx, who, c.TerritoryName, t)
	Consignments.Put(ctx, t.Token, Consignment{
		User: who, Price: c.Price,
		Buyer: scale.None[substrate.AccountID](), ExecBlock: scale.None[types.BlockNumber](),
	})
	ctx.Emit(ConsignmentEvent{Name: c.TerritoryName, Token: t.Token, Price: c.Price})
	return nil
}

// CancelConsignment withdraws a territory from sale.
type CancelConsignment struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
}

// Dispatch emits CancleConsignment. A sale that has a buyer stands.
func (c CancelConsignment) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	t, err := territory(ctx, who, c.TerritoryName)
	if err != nil {
		return err
	}
	if t.State != TerritoryOnConsignment {
		return ErrNotOnConsignment
	}
	offer, ok := Consignments.Get(ctx, t.Token)
	switch {
	case !ok:
		return ErrNonExistentConsignment
	case offer.Locked:
		return ErrConsignmentLocked
	}
	Consignments.Delete(ctx, t.Token)
	t.State = TerritoryActive
	Territories.Put(ctx, who, c.TerritoryName, t)
	ctx.Emit(CancelConsignmentEvent{Token: t.Token})
	return nil
}

// TerritoryGrants gives an empty territory away; it is then called by its
// token bytes.
type TerritoryGrants struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
	Receiver      substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits nothing. Should the receiver have a territory of that name,
// it is not overwritten: DuplicateName.
func (c TerritoryGrants) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	t, err := territory(ctx, who, c.TerritoryName)
	if err != nil {
		return err
	}
	if err := t.movable(); err != nil {
		return err
	}
	to := TerritoryRef{c.Receiver, types.TerritoryName(t.Token[:])}
	if Territories.Contains(ctx, to.Owner, to.Name) {
		return ErrDuplicateName
	}
	move(ctx, &t, TerritoryRef{who, c.TerritoryName}, to)
	return nil
}

// TerritoryRename renames an empty territory.
type TerritoryRename struct {
	OldName types.TerritoryName `type:"TerrName"`
	NewName types.TerritoryName `type:"TerrName"`
}

// Dispatch emits nothing.
func (c TerritoryRename) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	t, err := territory(ctx, who, c.OldName)
	switch {
	case err != nil:
		return err
	case len(c.NewName) == 0:
		return ErrParam
	case Territories.Contains(ctx, who, c.NewName):
		return ErrDuplicateName
	}
	if err := t.movable(); err != nil {
		return err
	}
	move(ctx, &t, TerritoryRef{who, c.OldName}, TerritoryRef{who, c.NewName})
	return nil
}

// movable returns why a territory cannot change name or owner: files are
// recorded under both.
func (t *Territory) movable() error {
	switch {
	case t.State != TerritoryActive:
		return ErrNotActive
	case t.TotalSpace != t.RemainingSpace:
		return ErrObjectNotZero
	}
	return nil
}

func move(ctx *runtime.Context, t *Territory, from, to TerritoryRef) {
	Territories.Delete(ctx, from.Owner, from.Name)
	Territories.Put(ctx, to.Owner, to.Name, *t)
	TerritoryKeys.Put(ctx, t.Token, to)
}
