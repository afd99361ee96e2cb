package indices

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrNotAssigned = runtime.NewError(index, 0, "NotAssigned") // nobody has the index
	ErrNotOwner    = runtime.NewError(index, 1, "NotOwner")    // somebody else has it
	ErrInUse       = runtime.NewError(index, 2, "InUse")       // the index is taken
	ErrNotTransfer = runtime.NewError(index, 3, "NotTransfer") // the new owner is the old one
	ErrPermanent   = runtime.NewError(index, 4, "Permanent")   // the index is frozen
)
