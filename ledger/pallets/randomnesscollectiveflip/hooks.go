package randomnesscollectiveflip

import "github.com/gocess/gocess/ledger/runtime"

// onInitialize puts the parent's hash where the oldest is.
func onInitialize(ctx *runtime.Context) {
	b := ctx.Block()
	ring := Material.Get(ctx)
	if !ring.TryPush(b.ParentHash) {
		ring[place(b.Number)] = b.ParentHash
	}
	Material.Put(ctx, ring)
}

// place is where block number keeps its parent's hash.
func place(number uint32) uint32 {
	if number == 0 {
		return 0
	}
	return (number - 1) % maxMaterial
}
