package runtime

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
)

// Pallet is one module of the chain: its declarations, which clients see
// through metadata, and its hooks.
type Pallet struct {
	// Name is also the storage prefix.
	Name  string
	Index uint8

	Storage   []StorageItem
	Calls     callEnum
	Events    eventEnum
	Errors    errorEnum
	Constants []ConstantItem

	// OnInitialize runs before the block's extrinsics, in the order of pallet
	// indices. A hook bounds its own work and wraps what must not be half done
	// in ctx.Transaction.
	OnInitialize func(ctx *Context)
	// OnFinalize runs after the block's extrinsics.
	OnFinalize func(ctx *Context)
	// Unsigned admits calls in extrinsics that nobody signed; nil: none.
	Unsigned UnsignedRules
	// Genesis writes the pallet's first state. config is the pallet's part of
	// the chain spec, nil when the spec has none.
	Genesis func(ctx *Context, config json.RawMessage) error
}

// registry maps a wire index to its pallet, so that calls and events can be
// decoded without knowing which runtime they belong to: wire indices are the
// same on every chain.
var registry [256]atomic.Pointer[Pallet]

// Register makes pallets known to the call and event codecs. It is called
// while packages initialise; two different pallets with one index are a
// programming error.
func Register(pallets ...*Pallet) {
	for _, p := range pallets {
		if !registry[p.Index].CompareAndSwap(nil, p) && registry[p.Index].Load() != p {
			panic(fmt.Sprintf("runtime: pallets %s and %s share index %d",
				registry[p.Index].Load().Name, p.Name, p.Index))
		}
	}
}

func palletAt(index uint8) *Pallet { return registry[index].Load() }
