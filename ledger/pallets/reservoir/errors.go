package reservoir

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrOverflow           = runtime.NewError(index, 0, "Overflow")           // more than there is
	ErrNonExistent        = runtime.NewError(index, 1, "NonExistent")        // part of the wire shape; never returned
	ErrInsufficient       = runtime.NewError(index, 2, "Insufficient")       // the user has less to pledge
	ErrBugInvalid         = runtime.NewError(index, 3, "BugInvalid")         // less is pledged
	ErrLengthExceedsLimit = runtime.NewError(index, 4, "LengthExceedsLimit") // the event exists
	ErrBoundedVec         = runtime.NewError(index, 5, "BoundedVecError")    // EventLimit events end at the block
	ErrIDNonExistent      = runtime.NewError(index, 6, "IdNonExistent")      // no such event
	ErrUpperLimit         = runtime.NewError(index, 7, "UpperLimit")         // the event's quota is used up
	ErrBorrowed           = runtime.NewError(index, 8, "Borrowed")           // the user has a loan
)
