package runtime

import "encoding/json"

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
