package grandpa

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrPauseFailed              = runtime.NewError(index, 0, "PauseFailed")
	ErrResumeFailed             = runtime.NewError(index, 1, "ResumeFailed")
	ErrChangePending            = runtime.NewError(index, 2, "ChangePending")
	ErrTooSoon                  = runtime.NewError(index, 3, "TooSoon")
	ErrInvalidKeyOwnershipProof = runtime.NewError(index, 4, "InvalidKeyOwnershipProof")
	ErrInvalidEquivocationProof = runtime.NewError(index, 5, "InvalidEquivocationProof")
	ErrDuplicateOffenceReport   = runtime.NewError(index, 6, "DuplicateOffenceReport")
)
