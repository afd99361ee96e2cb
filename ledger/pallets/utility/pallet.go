// Package utility dispatches calls inside calls: in batches, as a derived
// account, or with an origin that root chooses.
package utility

import "github.com/gocess/gocess/ledger/runtime"

const (
	name  = "Utility"
	index = 1
)

// Constants, with the values of the reference network.
var (
	BatchedCallsLimit = runtime.NewConstant[uint32](name, "batched_calls_limit", 3640) // calls in one batch
)

// Pallet is the declaration page of Utility: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Calls: runtime.Calls("pallet_utility::pallet::Call",
		runtime.NewCall[Batch](0, "batch", runtime.Work(1, 1)),
		runtime.NewCall[AsDerivative](1, "as_derivative", runtime.Work(1, 1)),
		runtime.NewCall[BatchAll](2, "batch_all", runtime.Work(1, 1)),
		runtime.NewCall[DispatchAs](3, "dispatch_as", runtime.Work(1, 1)),
		runtime.NewCall[ForceBatch](4, "force_batch", runtime.Work(1, 1)),
		runtime.NewCall[WithWeight](5, "with_weight", runtime.Work(1, 1)),
	),
	Events: runtime.Events("pallet_utility::pallet::Event",
		runtime.Event[BatchInterruptedEvent](0, "BatchInterrupted"),
		runtime.Event[BatchCompletedEvent](1, "BatchCompleted"),
		runtime.Event[BatchCompletedWithErrorsEvent](2, "BatchCompletedWithErrors"),
		runtime.Event[ItemCompletedEvent](3, "ItemCompleted"),
		runtime.Event[ItemFailedEvent](4, "ItemFailed"),
		runtime.Event[DispatchedAsEvent](5, "DispatchedAs"),
	).WithParams(),
	Errors: runtime.Errors("pallet_utility::pallet::Error",
		ErrTooManyCalls,
	),
	Constants: []runtime.ConstantItem{
		BatchedCallsLimit,
	},
}
