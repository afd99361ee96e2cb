package utility

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Batch runs calls in order and stops at the first failure, keeping what was
// done.
type Batch struct {
	Calls []runtime.RuntimeCall `type:"Vec<<T as Config>::RuntimeCall>"`
}

// AsDerivative runs a call as the sub-account that the signer and Index
// derive.
type AsDerivative struct {
	Index uint16              `type:"u16"`
	Call  runtime.RuntimeCall `type:"Box<<T as Config>::RuntimeCall>"`
}

// BatchAll runs calls in order, all or nothing.
type BatchAll struct {
	Calls []runtime.RuntimeCall `type:"Vec<<T as Config>::RuntimeCall>"`
}

// DispatchAs runs a call with the given origin; root.
type DispatchAs struct {
	Origin types.OriginCaller  `scale:"as_origin" type:"Box<T::PalletsOrigin>"`
	Call   runtime.RuntimeCall `type:"Box<<T as Config>::RuntimeCall>"`
}

// ForceBatch runs all calls, whatever fails.
type ForceBatch struct {
	Calls []runtime.RuntimeCall `type:"Vec<<T as Config>::RuntimeCall>"`
}

// WithWeight runs a call as root and charges the given weight; root.
type WithWeight struct {
	Call   runtime.RuntimeCall `type:"Box<<T as Config>::RuntimeCall>"`
	Weight substrate.Weight    `type:"Weight"`
}
