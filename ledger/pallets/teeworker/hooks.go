package teeworker

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// postationBlocks is how many blocks a delivered key stays readable after the
// one that carried it. Upstream compares the wrong way round and drops it at
// once (spec/pallets-mining.md §4.2).
const postationBlocks = 3

func onInitialize(ctx *runtime.Context) {
	dropDelivered(ctx)
	clearIdle(ctx)
}

func dropDelivered(ctx *runtime.Context) {
	now := ctx.BlockNumber()
	if now <= postationBlocks {
		return
	}
	block := now - postationBlocks - 1
	for _, target := range delivered.Get(ctx, block) {
		post, _ := MasterKeyPostation.Get(ctx, target)
		if d, ok := post.Get(); ok && d.Block == block {
			MasterKeyPostation.Delete(ctx, target)
		}
	}
	delivered.Delete(ctx, block)
}

// clearIdle removes workers that did nothing for a whole period, a few per
// block.
func clearIdle(ctx *runtime.Context) {
	cursor, running := sweep.Get(ctx)
	if period := AtLeastWorkBlock.Get(ctx); running || period != 0 && ctx.BlockNumber()%period == 0 {
		sweepFrom(ctx, cursor)
	}
}

func sweepFrom(ctx *runtime.Context, cursor []byte) {
	period, left := AtLeastWorkBlock.Get(ctx), SweepStep.Get(ctx)
	for worker, last := range LastWork.IterAfter(ctx, cursor) {
		if left == 0 {
			sweep.Put(ctx, cursor)
			return
		}
		left--
		cursor = LastWork.Key(worker)
		if uint64(last)+uint64(period) < uint64(ctx.BlockNumber()) {
			// Who holds the master key stays, and is asked again next time.
			_ = ctx.Transaction(func() error { return exit(ctx, worker) })
		}
	}
	sweep.Delete(ctx)
}

// exit removes a worker and everything known of it.
func exit(ctx *runtime.Context, worker types.WorkerPublicKey) error {
	if !Workers.Contains(ctx, worker) {
		return ErrWorkerNotFound
	}
	if status, ok := MasterKeyStatus.Get(ctx).(Launched); ok && status.Key.Holder == worker {
		return ErrCannotExitMasterKeyHolder
	}
	verifiers := ValidationTypeList.Get(ctx)
	if at := slices.Index(verifiers, worker); at >= 0 {
		ValidationTypeList.Put(ctx, slices.Delete(verifiers, at, at+1))
	}
	withdraw(ctx, worker)
	if applier, ok := MasterKeyDistributeNotify.Get(ctx, worker); ok {
		MasterKeyPostation.Delete(ctx, applier)
		MasterKeyDistributeNotify.Delete(ctx, worker)
	}
	Workers.Delete(ctx, worker)
	WorkerAddedAt.Delete(ctx, worker)
	Endpoints.Delete(ctx, worker)
	LastWork.Delete(ctx, worker)
	applied.Delete(ctx, worker)
	keyHolders.Delete(ctx, worker)
	registrars.Delete(ctx, worker)
	evidence.Forget(ctx, worker)
	ctx.Emit(ClearInvalidTEEEvent{PublicKey: worker})
	return nil
}
