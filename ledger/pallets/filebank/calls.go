package filebank

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// UploadDeclaration declares an upload into a territory; if the file is
// stored already, the user becomes an owner at once.
type UploadDeclaration struct {
	FileHash  types.Hash                                  `type:"Hash"`
	DealInfo  scale.BoundedVec[SegmentList, SegmentBound] `type:"BoundedVec<SegmentList<T>, T::SegmentCount>"`
	UserBrief UserBrief                                   `type:"UserBrief<T>"`
	FileSize  scale.U128                                  `type:"u128"`
}

// Dispatch emits UploadDeclaration. What is declared of a stored file does not
// matter. A new deal locks its footprint in the territory until twelve miners
// report or DealLife is over.
func (c UploadDeclaration) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	operator, err := origin.Signed()
	if err != nil {
		return err
	}
	if !permits(ctx, c.UserBrief.User, operator) {
		return ErrNoPermission
	}
	for _, s := range c.DealInfo {
		if len(s.FragmentList) != types.FragmentCount {
			return ErrSpec
		}
	}
	if uint64(len(c.UserBrief.FileName)) < uint64(NameMinLength.Get(ctx)) {
		return ErrSpec
	}
	if file, ok := Files.Get(ctx, c.FileHash); ok {
		err = share(ctx, c.FileHash, file, c.UserBrief)
	} else {
		err = c.declare(ctx)
	}
	if err != nil {
		return err
	}
	ctx.Emit(UploadDeclarationEvent{Operator: operator, Owner: c.UserBrief.User, DealHash: c.FileHash})
	return nil
}

func (c UploadDeclaration) declare(ctx *runtime.Context) error {
	if err := c.checkDeclared(CheckFID.Get(ctx)); err != nil {
		return err
	}
	deal := Deal{FileSize: c.FileSize, SegmentList: c.DealInfo, User: c.UserBrief}
	if pending, ok := Deals.Get(ctx, c.FileHash); ok {
		return amend(ctx, c.FileHash, pending, deal)
	}
	return open(ctx, c.FileHash, deal)
}

// TerritoryFileDelivery moves a file to another territory of the user.
type TerritoryFileDelivery struct {
	User            substrate.AccountID `type:"AccountOf<T>"`
	FileHash        types.Hash          `type:"Hash"`
	TargetTerritory types.TerritoryName `type:"TerrName"`
}

// Dispatch emits TerritoryFileDelivery, also when the file is there already.
func (c TerritoryFileDelivery) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	operator, err := origin.Signed()
	if err != nil {
		return err
	}
	if !permits(ctx, c.User, operator) {
		return ErrNoPermission
	}
	file, ok := Files.Get(ctx, c.FileHash)
	if !ok || !slices.ContainsFunc(file.Owner, func(o UserBrief) bool { return o.User == c.User }) {
		return ErrNotOwner
	}
	if file.State != FileActive {
		return ErrNotActive
	}
	if err := territories.CheckOwner(ctx, c.User, c.TargetTerritory); err != nil {
		return err
	}
	if err := deliver(ctx, c.FileHash, file, c.User, c.TargetTerritory); err != nil {
		return err
	}
	ctx.Emit(TerritoryFileDeliveryEvent{FileHash: c.FileHash, NewTerritory: c.TargetTerritory})
	return nil
}

// TransferReport reports that the signing miner stores column Index, 1 to 12,
// of every segment of a deal.
type TransferReport struct {
	Index    uint8      `type:"u8"`
	DealHash types.Hash `type:"Hash"`
}

// Dispatch emits TransferReport and, before it, StorageCompleted for the
// twelfth column: then the deal becomes a file. A column is free until a miner
// reports it, and again once that miner is out of service. Deals of an expired
// territory end without an event.
func (c TransferReport) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	miner, err := origin.Signed()
	if err != nil {
		return err
	}
	if c.Index < 1 || c.Index > types.FragmentCount {
		return ErrSpec
	}
	state, err := miners.State(ctx, miner)
	if err != nil {
		return err
	}
	if state != sminer.StatePositive {
		return ErrMinerState
	}
	deal, ok := Deals.Get(ctx, c.DealHash)
	if !ok {
		return ErrNonExistent
	}
	if territories.Expired(ctx, deal.User.User, deal.User.TerritoryName) {
		return cancel(ctx, c.DealHash, deal, strict)
	}
	if err := deal.report(ctx, CompleteInfo{Index: c.Index, Miner: miner}); err != nil {
		return err
	}
	if len(deal.CompleteList) < types.FragmentCount {
		Deals.Put(ctx, c.DealHash, deal)
	} else if err := complete(ctx, c.DealHash, deal); err != nil {
		return err
	}
	ctx.Emit(TransferReportEvent{Account: miner, DealHash: c.DealHash})
	return nil
}

// DeleteFile gives up the owner's copies of a file.
type DeleteFile struct {
	Owner    substrate.AccountID `type:"AccountOf<T>"`
	FileHash types.Hash          `type:"Hash"`
}

// Dispatch emits DeleteFile. The last owner's space is the miners' again, who
// replace the fragments by idle files.
func (c DeleteFile) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	operator, err := origin.Signed()
	if err != nil {
		return err
	}
	if !permits(ctx, c.Owner, operator) {
		return ErrNoPermission
	}
	if err := disownAll(ctx, c.FileHash, c.Owner); err != nil {
		return err
	}
	ctx.Emit(DeleteFileEvent{Operator: operator, Owner: c.Owner, FileHash: c.FileHash})
	return nil
}

// RootClearFile is DeleteFile without permission check and event; root.
type RootClearFile struct {
	Owner    substrate.AccountID `type:"AccountOf<T>"`
	FileHash types.Hash          `type:"Hash"`
}

// Dispatch emits nothing.
func (c RootClearFile) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return disownAll(ctx, c.FileHash, c.Owner)
}
