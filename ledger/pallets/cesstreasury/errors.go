package cesstreasury

import "github.com/gocess/gocess/ledger/runtime"

// Errors (spec/pallets-mining.md §5.1).
var (
	ErrOverflow   = runtime.NewError(index, 0, "Overflow")   // the books do not have as much
	ErrUnexpected = runtime.NewError(index, 1, "Unexpected") // no such round, or it is used up
)
