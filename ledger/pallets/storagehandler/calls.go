package storagehandler

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// MintTerritory leases GiBCount GiB for Days days as a new territory.
type MintTerritory struct {
	GiBCount      uint32              `scale:"gib_count" type:"u32"`
	TerritoryName types.TerritoryName `type:"TerrName"`
	Days          uint32              `type:"u32"`
}

// Dispatch emits MintTerritory. A lease takes at least 30 days, a name and a
// size (spec/pallets-storage.md §3.3, §12 B28).
func (c MintTerritory) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	spend, err := quoteLease(ctx, who, c.TerritoryName, c.GiBCount, c.Days)
	if err != nil {
		return err
	}
	t, err := lease(ctx, who, who, c.TerritoryName, c.GiBCount, c.Days)
	if err != nil {
		return err
	}
	if err := pay(ctx, who, spend); err != nil {
		return err
	}
	ctx.Emit(MintTerritoryEvent{Token: t.Token, Name: c.TerritoryName, StorageCapacity: t.TotalSpace, Spend: spend})
	return nil
}

// ExpandingTerritory adds GiBCount GiB for the rest of the lease.
type ExpandingTerritory struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
	GiBCount      uint32              `scale:"gib_count" type:"u32"`
}

// Dispatch emits ExpansionTerritory.
func (c ExpandingTerritory) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	t, err := territory(ctx, who, c.TerritoryName)
	if err != nil {
		return err
	}
	spend, err := quoteExpansion(ctx, &t, c.GiBCount)
	if err != nil {
		return err
	}
	if err := pay(ctx, who, spend); err != nil {
		return err
	}
	if err := expand(ctx, &t, c.GiBCount); err != nil {
		return err
	}
	Territories.Put(ctx, who, c.TerritoryName, t)
	ctx.Emit(ExpansionTerritoryEvent{Name: c.TerritoryName, ExpansionSpace: bytesOf(c.GiBCount), Spend: spend})
	return nil
}

// RenewalTerritory prolongs the lease by Days days.
type RenewalTerritory struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
	Days          uint32              `type:"u32"`
}

// Dispatch emits RenewalTerritory. A frozen territory is active again, with
// all its files.
func (c RenewalTerritory) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	t, err := territory(ctx, who, c.TerritoryName)
	if err != nil {
		return err
	}
	spend, err := quoteRenewal(ctx, &t, c.Days)
	if err != nil {
		return err
	}
	if err := pay(ctx, who, spend); err != nil {
		return err
	}
	if err := extend(ctx, &t, c.Days); err != nil {
		return err
	}
	Territories.Put(ctx, who, c.TerritoryName, t)
	ctx.Emit(RenewalTerritoryEvent{Name: c.TerritoryName, Days: c.Days, Spend: spend})
	return nil
}

// ReactivateTerritory leases an expired territory again, empty.
type ReactivateTerritory struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
	Days          uint32              `type:"u32"`
}

// Dispatch emits ReactivateTerritory.
func (c ReactivateTerritory) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	return reactivate(ctx, who, who, c.TerritoryName, c.Days)
}

// OtherReactivateTerritory leases another account's expired territory again;
// the signer pays.
type OtherReactivateTerritory struct {
	TargetAccount substrate.AccountID `scale:"target_acc" type:"AccountOf<T>"`
	TerritoryName types.TerritoryName `type:"TerrName"`
	Days          uint32              `type:"u32"`
}

// Dispatch emits ReactivateTerritory.
func (c OtherReactivateTerritory) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	return reactivate(ctx, who, c.TargetAccount, c.TerritoryName, c.Days)
}

// reactivate starts a new lease of an expired territory. It waits with
// StateError until no file or open deal is left in it, and takes at least one
// day (spec/pallets-storage.md §12, B6 and B7).
func reactivate(ctx *runtime.Context, payer, owner substrate.AccountID, name types.TerritoryName, days uint32) error {
	t, err := territory(ctx, owner, name)
	switch {
	case err != nil:
		return err
	case t.State != TerritoryExpired:
		return ErrNotExpire
	case days == 0:
		return ErrBoundariesNotMet
	case !t.LockedSpace.IsZero() || files.Clearing(ctx, owner, name):
		return ErrState
	}
	spend, err := price(ctx, gibOf(t.TotalSpace), days, ReactivationDivisor.Get(ctx))
	if err != nil {
		return err
	}
	if err := pay(ctx, payer, spend); err != nil {
		return err
	}
	if err := purchase(ctx, t.TotalSpace); err != nil {
		return err
	}
	now := ctx.BlockNumber()
	deadline, err := leaseEnd(ctx, now, days)
	if err != nil {
		return err
	}
	t.State, t.Start, t.Deadline = TerritoryActive, now, deadline
	t.UsedSpace, t.RemainingSpace = scale.U128{}, t.TotalSpace
	Territories.Put(ctx, owner, name, t)
	if err := scheduleFreeze(ctx, deadline, t.Token); err != nil {
		return err
	}
	ctx.Emit(ReactivateTerritoryEvent{Name: name, Days: days, Spend: spend})
	return nil
}
