package filebank

import (
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// GenerateRestoralOrder declares that the signing miner lost a fragment of a
// file, so that others may restore it.
type GenerateRestoralOrder struct {
	FileHash         types.Hash `type:"Hash"`
	RestoralFragment types.Hash `type:"Hash"`
}

// Dispatch emits GenerateRestoralOrder. There is one order per fragment hash at
// a time, Existed; a miner that lost more copies waits for its turn.
func (c GenerateRestoralOrder) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	miner, err := origin.Signed()
	if err != nil {
		return err
	}
	order := RestoralOrder{
		Miner: miner, OriginMiner: miner, FragmentHash: c.RestoralFragment, FileHash: c.FileHash,
		GenBlock: ctx.BlockNumber(),
	}
	if _, err := order.open(ctx); err != nil {
		return err
	}
	RestoralOrders.Put(ctx, c.RestoralFragment, order)
	ctx.Emit(GenerateRestoralOrderEvent{Miner: miner, FragmentHash: c.RestoralFragment})
	return nil
}

// ClaimRestoralOrder promises to restore a fragment within RestoralOrderLife.
type ClaimRestoralOrder struct {
	RestoralFragment types.Hash `type:"Hash"`
}

// Dispatch emits ClaimRestoralOrder. The claim takes a fragment's space of the
// signing miner, which must not be the one that lost it, SpecError
// (spec/pallets-storage.md §12, B18), nor have another fragment of the segment,
// RulesNotAllowed. When the claim lapses, the order is open again.
func (c ClaimRestoralOrder) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	miner, err := positive(ctx, origin)
	if err != nil {
		return err
	}
	order, ok := RestoralOrders.Get(ctx, c.RestoralFragment)
	if !ok {
		return ErrNonExistent
	}
	if ctx.BlockNumber() <= order.Deadline || miner == order.OriginMiner {
		return ErrSpec
	}
	order.lapse(ctx)
	file, ok := Files.Get(ctx, order.FileHash)
	if !ok {
		return ErrNonExistent
	}
	i, _, ok := file.lost(&order)
	if !ok {
		return ErrNonExistent
	}
	return order.claim(ctx, &file.SegmentList[i], miner)
}

// ClaimRestoralNoexistOrder promises to restore a fragment of a miner that
// left and cannot order it itself.
type ClaimRestoralNoexistOrder struct {
	Miner            substrate.AccountID `type:"AccountOf<T>"` // that left
	FileHash         types.Hash          `type:"Hash"`
	RestoralFragment types.Hash          `type:"Hash"`
}

// Dispatch emits ClaimRestoralOrder. The rules for the signing miner are those
// of that call.
func (c ClaimRestoralNoexistOrder) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	miner, err := positive(ctx, origin)
	if err != nil {
		return err
	}
	order := RestoralOrder{
		Miner: c.Miner, OriginMiner: c.Miner, FragmentHash: c.RestoralFragment, FileHash: c.FileHash,
		GenBlock: ctx.BlockNumber(),
	}
	if RestoralOrders.Contains(ctx, c.RestoralFragment) {
		return ErrExisted
	}
	if !miners.Leaving(ctx, c.Miner) {
		return ErrNonExistent
	}
	segment, err := order.open(ctx)
	if err != nil {
		return err
	}
	if miner == c.Miner {
		return ErrSpec
	}
	return order.claim(ctx, segment, miner)
}

// RestoralOrderComplete reports that the signing miner restored the fragment
// that it claimed.
type RestoralOrderComplete struct {
	FragmentHash types.Hash `type:"Hash"`
}

// Dispatch emits RecoveryCompleted: the fragment belongs to the signing miner,
// has no tag, and counts as service space once it has one. An order that has
// lost its fragment ends without an event (spec/pallets-storage.md §12, B33).
func (c RestoralOrderComplete) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	miner, err := positive(ctx, origin)
	if err != nil {
		return err
	}
	order, ok := RestoralOrders.Get(ctx, c.FragmentHash)
	switch {
	case !ok:
		return ErrNonExistent
	case order.Miner != miner:
		return ErrSpec
	case ctx.BlockNumber() >= order.Deadline:
		return ErrExpired
	}
	file, _ := Files.Get(ctx, order.FileHash)
	i, j, ok := file.lost(&order)
	if !ok {
		return order.close(ctx, strict)
	}
	if file.SegmentList[i].heldBy(miner) {
		return ErrRulesNotAllowed
	}
	if err := order.settle(ctx, &file.SegmentList[i].FragmentList[j]); err != nil {
		return err
	}
	Files.Put(ctx, order.FileHash, file)
	ctx.Emit(RecoveryCompletedEvent{Miner: miner, OrderID: c.FragmentHash})
	return nil
}

// positive is the signing miner, or sminer's NotMiner or MinerStateError.
func positive(ctx *runtime.Context, origin runtime.Origin) (substrate.AccountID, error) {
	miner, err := origin.Signed()
	if err != nil {
		return miner, err
	}
	state, err := miners.State(ctx, miner)
	if err == nil && state != sminer.StatePositive {
		err = ErrMinerState
	}
	return miner, err
}
