package teeworker

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/origins"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// governance is who decides about workers: the chain itself, or more than half
// of the council (spec/pallets-mining.md §3).
func governance(origin runtime.Origin) error { return origins.RootOrHalfCouncil(origin) }

// AddCeseal allows a program, by its measurement.
type AddCeseal struct {
	Hash substrate.H256 `scale:"ceseal_hash" type:"H256"`
}

// Dispatch emits CesealBinAdded.
func (c AddCeseal) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := governance(origin); err != nil {
		return err
	}
	allowed := CesealBinAllowList.Get(ctx)
	if slices.Contains(allowed, c.Hash) {
		return ErrCesealBinAlreadyExists
	}
	if len(allowed) >= int(MaxWhitelist.Get(ctx)) {
		return ErrBoundedVec
	}
	CesealBinAllowList.Put(ctx, append(allowed, c.Hash))
	CesealBinAddedAt.Put(ctx, c.Hash, ctx.BlockNumber())
	ctx.Emit(CesealBinAddedEvent(c))
	return nil
}

// RemoveCeseal forbids a program. Workers that run it stay until they must
// register again.
type RemoveCeseal struct {
	Hash substrate.H256 `scale:"ceseal_hash" type:"H256"`
}

// Dispatch emits CesealBinRemoved.
func (c RemoveCeseal) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := governance(origin); err != nil {
		return err
	}
	allowed := CesealBinAllowList.Get(ctx)
	at := slices.Index(allowed, c.Hash)
	if at < 0 {
		return ErrCesealBinNotFound
	}
	CesealBinAllowList.Put(ctx, slices.Delete(allowed, at, at+1))
	CesealBinAddedAt.Delete(ctx, c.Hash)
	ctx.Emit(CesealBinRemovedEvent(c))
	return nil
}

// SetMinimumCesealVersion names the oldest version that workers should run.
type SetMinimumCesealVersion struct {
	Major uint32 `type:"u32"`
	Minor uint32 `type:"u32"`
	Patch uint32 `type:"u32"`
}

// Dispatch emits MinimumCesealVersionChangedTo.
func (c SetMinimumCesealVersion) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := governance(origin); err != nil {
		return err
	}
	MinimumCesealVersion.Put(ctx, Version(c))
	ctx.Emit(MinimumCesealVersionChangedToEvent(c))
	return nil
}

// SetNoneAttestationEnabled decides whether workers may register without
// evidence.
type SetNoneAttestationEnabled struct {
	Enabled bool `type:"bool"`
}

// Dispatch emits nothing.
func (c SetNoneAttestationEnabled) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	NoneAttestationEnabled.Put(ctx, c.Enabled)
	return nil
}

// SetCesealVerifyRequired decides whether the program must be on the
// allow-list.
type SetCesealVerifyRequired struct {
	Required bool `type:"bool"`
}

// Dispatch emits nothing.
func (c SetCesealVerifyRequired) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	CesealVerifyRequired.Put(ctx, c.Required)
	return nil
}

// MigrationLastWork gives all workers a full period again.
type MigrationLastWork struct{}

// Dispatch emits nothing.
func (MigrationLastWork) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := governance(origin); err != nil {
		return err
	}
	for worker := range Workers.Iter(ctx) {
		LastWork.Put(ctx, worker, ctx.BlockNumber())
	}
	return nil
}

// PatchClearInvalidTEE clears idle workers without waiting for the end of the
// period.
type PatchClearInvalidTEE struct{}

// Dispatch emits ClearInvalidTee for each, of the first SweepStep workers now
// and of the others in the next blocks.
func (PatchClearInvalidTEE) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := governance(origin); err != nil {
		return err
	}
	sweepFrom(ctx, nil)
	return nil
}

// PatchClearNotWorkTEE removes workers of which no work is known: those that
// governance registered. At most SweepStep go in one call.
type PatchClearNotWorkTEE struct{}

// Dispatch emits ClearInvalidTee for each.
func (PatchClearNotWorkTEE) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := governance(origin); err != nil {
		return err
	}
	left := SweepStep.Get(ctx)
	for worker := range Workers.Iter(ctx) {
		if left == 0 {
			break
		}
		if !LastWork.Contains(ctx, worker) && exit(ctx, worker) == nil {
			left--
		}
	}
	return nil
}

// ForceClearTEE removes a worker.
type ForceClearTEE struct {
	Worker types.WorkerPublicKey `scale:"puk" type:"WorkerPublicKey"`
}

// Dispatch emits ClearInvalidTee.
func (c ForceClearTEE) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := governance(origin); err != nil {
		return err
	}
	return exit(ctx, c.Worker)
}
