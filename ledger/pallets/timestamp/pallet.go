// Package timestamp keeps the time of the running block, set once per block
// by its first extrinsic.
package timestamp

import "github.com/gocess/gocess/ledger/runtime"

const (
	name  = "Timestamp"
	index = 3
)

// Storage.
var (
	// Now is the Unix time of the block in milliseconds.
	Now = runtime.NewValue[uint64](name, "Now")

	// DidUpdate says that the running block has set its time; removed when
	// the block ends.
	DidUpdate = runtime.NewValue[bool](name, "DidUpdate")
)

// Constants, with the values of the reference network.
var (
	MinimumPeriod = runtime.NewConstant[uint64](name, "MinimumPeriod", 3000) // ms; half the target block time
)

// Pallet is the declaration page of Timestamp: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		Now,
		DidUpdate,
	},
	Calls: runtime.Calls("pallet_timestamp::pallet::Call",
		runtime.NewCall[Set](0, "set", runtime.Work(2, 2).Mandatory()),
	),
	Constants: []runtime.ConstantItem{
		MinimumPeriod,
	},
	OnFinalize: onFinalize,
}
