package upgrade

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrSpecVersionNeedsToIncrease = runtime.NewError(index, 0, "SpecVersionNeedsToIncrease") // the chain runs this version or a newer one
	ErrTooSoon                    = runtime.NewError(index, 1, "TooSoon")                    // the block is not in the future
	ErrNothingScheduled           = runtime.NewError(index, 2, "NothingScheduled")
)
