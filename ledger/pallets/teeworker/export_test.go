package teeworker

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// Left lists what the chain remembers, beside the storage that metadata shows,
// of workers.
func Left(ctx *runtime.Context) (workers []types.WorkerPublicKey) {
	for w := range applied.Iter(ctx) {
		workers = append(workers, w)
	}
	for w := range keyHolders.Iter(ctx) {
		workers = append(workers, w)
	}
	for w := range registrars.Iter(ctx) {
		workers = append(workers, w)
	}
	return workers
}

// DeliveryBlocks are the blocks whose deliveries are not dropped yet.
func DeliveryBlocks(ctx *runtime.Context) (blocks []types.BlockNumber) {
	for b := range delivered.Iter(ctx) {
		blocks = append(blocks, b)
	}
	return blocks
}
