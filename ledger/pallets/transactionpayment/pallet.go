// Package transactionpayment charges the fee of signed extrinsics: base,
// length and weight parts and the tip (spec/wire.md §3.4, spec/consensus.md
// §6).
package transactionpayment

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "TransactionPayment"
	index = 7
)

// Storage.
var (
	// NextFeeMultiplier scales the weight fee; it follows the fullness of
	// blocks.
	NextFeeMultiplier = runtime.NewValue[substrate.FixedU128](
		name, "NextFeeMultiplier", runtime.Default(substrate.FixedU128{Inner: fixedOne}))

	// StorageVersion is the layout of this storage; V2 from genesis.
	StorageVersion = runtime.NewValue[Release](name, "StorageVersion")
)

// Constants, with the values of the reference network.
var (
	OperationalFeeMultiplier = runtime.NewConstant[uint8](name, "OperationalFeeMultiplier", 5) // virtual tip of operational calls, in fees
)

// Pallet is the declaration page of TransactionPayment: its wire format, item
// by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		NextFeeMultiplier,
		StorageVersion,
	},
	Events: runtime.Events("pallet_transaction_payment::pallet::Event",
		runtime.Event[TransactionFeePaidEvent](0, "TransactionFeePaid"),
	),
	Constants: []runtime.ConstantItem{
		OperationalFeeMultiplier,
	},
	OnFinalize: onFinalize,
	Genesis:    genesis,
}
