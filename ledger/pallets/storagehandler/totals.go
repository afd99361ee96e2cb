package storagehandler

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// AddIdleSpace counts space that a miner certified.
func (API) AddIdleSpace(ctx *runtime.Context, bytes scale.U128) error {
	return grow(ctx, TotalIdleSpace, bytes)
}

// SubIdleSpace forgets idle space of the network, or returns Overflow when
// there is not as much.
func (API) SubIdleSpace(ctx *runtime.Context, bytes scale.U128) error {
	return shrink(ctx, TotalIdleSpace, bytes)
}

// AddServiceSpace counts the footprint of a file.
func (API) AddServiceSpace(ctx *runtime.Context, bytes scale.U128) error {
	return grow(ctx, TotalServiceSpace, bytes)
}

// SubServiceSpace forgets the footprint of a file, or returns Overflow.
func (API) SubServiceSpace(ctx *runtime.Context, bytes scale.U128) error {
	return shrink(ctx, TotalServiceSpace, bytes)
}

func grow(ctx *runtime.Context, total *runtime.Value[scale.U128], bytes scale.U128) error {
	sum, over := total.Get(ctx).AddOverflow(bytes)
	if over {
		return ErrOverflow
	}
	total.Put(ctx, sum)
	return nil
}

func shrink(ctx *runtime.Context, total *runtime.Value[scale.U128], bytes scale.U128) error {
	rest, under := total.Get(ctx).SubUnderflow(bytes)
	if under {
		return ErrOverflow
	}
	total.Put(ctx, rest)
	return nil
}

// purchase counts leased space. The network sells no more than it has:
// InsufficientAvailableSpace.
func purchase(ctx *runtime.Context, bytes scale.U128) error {
	sum, over := PurchasedSpace.Get(ctx).AddOverflow(bytes)
	if over {
		return ErrOverflow
	}
	if TotalIdleSpace.Get(ctx).SaturatingAdd(TotalServiceSpace.Get(ctx)).Less(sum) {
		return ErrInsufficientAvailableSpace
	}
	PurchasedSpace.Put(ctx, sum)
	return nil
}

// release forgets leased space. It stops at zero, so that a wrong total cannot
// keep a lease from ending (spec/pallets-storage.md §12, B27).
func release(ctx *runtime.Context, bytes scale.U128) {
	PurchasedSpace.Put(ctx, PurchasedSpace.Get(ctx).SaturatingSub(bytes))
}
