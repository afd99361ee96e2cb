package babe

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrInvalidEquivocationProof = runtime.NewError(index, 0, "InvalidEquivocationProof")
	ErrInvalidKeyOwnershipProof = runtime.NewError(index, 1, "InvalidKeyOwnershipProof")
	ErrDuplicateOffenceReport   = runtime.NewError(index, 2, "DuplicateOffenceReport")
	ErrInvalidConfiguration     = runtime.NewError(index, 3, "InvalidConfiguration")
)
