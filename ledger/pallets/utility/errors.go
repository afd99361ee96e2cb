package utility

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrTooManyCalls = runtime.NewError(index, 0, "TooManyCalls") // more than BatchedCallsLimit
)
