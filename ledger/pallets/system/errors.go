package system

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrInvalidSpecName               = runtime.NewError(index, 0, "InvalidSpecName") // the new code names another chain
	ErrSpecVersionNeedsToIncrease    = runtime.NewError(index, 1, "SpecVersionNeedsToIncrease")
	ErrFailedToExtractRuntimeVersion = runtime.NewError(index, 2, "FailedToExtractRuntimeVersion")
	ErrNonDefaultComposite           = runtime.NewError(index, 3, "NonDefaultComposite") // the account still holds data
	ErrNonZeroRefCount               = runtime.NewError(index, 4, "NonZeroRefCount")     // the account is still referred to
	ErrCallFiltered                  = runtime.ErrCallFiltered                           // the chain or the origin does not allow this call
	ErrMultiBlockMigrationsOngoing   = runtime.NewError(index, 6, "MultiBlockMigrationsOngoing")
	ErrNothingAuthorized             = runtime.NewError(index, 7, "NothingAuthorized")
	ErrUnauthorized                  = runtime.NewError(index, 8, "Unauthorized") // the code does not match the authorized hash
)
