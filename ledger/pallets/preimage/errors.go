package preimage

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrTooBig        = runtime.NewError(index, 0, "TooBig")        // more than 4 MiB
	ErrAlreadyNoted  = runtime.NewError(index, 1, "AlreadyNoted")  // the chain has the bytes
	ErrNotAuthorized = runtime.NewError(index, 2, "NotAuthorized") // another account noted it, or the chain did
	ErrNotNoted      = runtime.NewError(index, 3, "NotNoted")
	ErrRequested     = runtime.NewError(index, 4, "Requested")    // part of the wire shape; never returned
	ErrNotRequested  = runtime.NewError(index, 5, "NotRequested") // nobody needs it
	ErrTooMany       = runtime.NewError(index, 6, "TooMany")      // hashes in one call
	ErrTooFew        = runtime.NewError(index, 7, "TooFew")       // no hashes
)
