package storagehandler

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Calls of the chain itself. They emit nothing.

// UpdatePrice sets the price to 30 tokens; root.
type UpdatePrice struct{}

// Dispatch stores the price.
func (UpdatePrice) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return DefineUpdatePrice{Price: types.Tokens(30)}.Dispatch(ctx, origin)
}

// DefineUpdatePrice sets the price of one GiB for one day, in planck; root.
type DefineUpdatePrice struct {
	Price types.Balance `type:"u128"`
}

// Dispatch stores the price. Leases that are paid for stay as they are.
func (c DefineUpdatePrice) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	UnitPrice.Put(ctx, c.Price)
	return nil
}

// UpdateUserTerritoryLife moves a lease's deadline; root.
type UpdateUserTerritoryLife struct {
	User          substrate.AccountID `type:"AccountOf<T>"`
	TerritoryName types.TerritoryName `scale:"terr_name" type:"TerrName"`
	Deadline      types.BlockNumber   `type:"BlockNumberFor<T>"`
}

// Dispatch moves what the lease waits for: the freeze, or for a frozen one the
// expiry. The deadline must lie ahead, ParamError, and the lease must not be
// over, StateError (spec/pallets-storage.md §12, B30).
func (c UpdateUserTerritoryLife) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	t, ok := Territories.Get(ctx, c.User, c.TerritoryName)
	switch {
	case !ok:
		return ErrNotPurchasedSpace
	case c.Deadline <= ctx.BlockNumber():
		return ErrParam
	}
	if _, err := leaseEnd(ctx, c.Deadline, 0); err != nil {
		return err
	}
	switch t.State {
	case TerritoryActive, TerritoryOnConsignment:
		unscheduleFreeze(ctx, t.Deadline, t.Token)
		if err := scheduleFreeze(ctx, c.Deadline, t.Token); err != nil {
			return err
		}
	case TerritoryFrozen:
		ExpiryAgenda.Delete(ctx, expiryOf(ctx, t.Deadline), t.Token)
		ExpiryAgenda.Put(ctx, expiryOf(ctx, c.Deadline), t.Token, true)
	default:
		return ErrState
	}
	t.Deadline = c.Deadline
	Territories.Put(ctx, c.User, c.TerritoryName, t)
	return nil
}

// UpdateExpiredExec moves an entry of the expiry agenda; root.
type UpdateExpiredExec struct {
	OldBlock types.BlockNumber `type:"BlockNumberFor<T>"`
	NewBlock types.BlockNumber `type:"BlockNumberFor<T>"`
	Token    TokenID           `type:"TokenId"`
}

// Dispatch returns ParamError unless there is such an entry and the new block
// lies ahead: an entry in the past would keep the territory frozen for ever.
func (c UpdateExpiredExec) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	if c.NewBlock <= ctx.BlockNumber() || !ExpiryAgenda.Contains(ctx, c.OldBlock, c.Token) {
		return ErrParam
	}
	ExpiryAgenda.Delete(ctx, c.OldBlock, c.Token)
	ExpiryAgenda.Put(ctx, c.NewBlock, c.Token, true)
	return nil
}

// ClearServiceSpace counts the total of service space anew; root.
type ClearServiceSpace struct{}

// Dispatch makes the total what miners store: 0 on a network without files.
// Upstream sets it to 0 always; the next file that is deleted would make it
// less than nothing.
func (ClearServiceSpace) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	TotalServiceSpace.Put(ctx, miners.StoredSpace(ctx))
	return nil
}

// FixTerritorySpaceForReactivate makes all of a territory's space available
// that is neither used nor locked; root.
type FixTerritorySpaceForReactivate struct {
	Account       substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	TerritoryName types.TerritoryName `scale:"tname" type:"TerrName"`
}

// Dispatch makes the parts of the space add up. Upstream hands out the used
// and locked parts too; they would be counted twice.
func (c FixTerritorySpaceForReactivate) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return Territories.Mutate(ctx, c.Account, c.TerritoryName, ErrNotHaveTerritory, func(t *Territory) error {
		t.RemainingSpace = t.TotalSpace.SaturatingSub(t.UsedSpace).SaturatingSub(t.LockedSpace)
		return nil
	})
}
