package treasury

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrInvalidIndex           = runtime.NewError(index, 0, "InvalidIndex") // there is no such spend
	ErrTooManyApprovals       = runtime.NewError(index, 1, "TooManyApprovals")
	ErrInsufficientPermission = runtime.NewError(index, 2, "InsufficientPermission") // the origin may not spend so much
	ErrProposalNotApproved    = runtime.NewError(index, 3, "ProposalNotApproved")
	ErrFailedToConvertBalance = runtime.NewError(index, 4, "FailedToConvertBalance") // the asset has no price in the native token
	ErrSpendExpired           = runtime.NewError(index, 5, "SpendExpired")
	ErrEarlyPayout            = runtime.NewError(index, 6, "EarlyPayout")      // the spend is not valid yet
	ErrAlreadyAttempted       = runtime.NewError(index, 7, "AlreadyAttempted") // the spend is paid
	ErrPayoutError            = runtime.NewError(index, 8, "PayoutError")      // the treasury could not pay
	ErrNotAttempted           = runtime.NewError(index, 9, "NotAttempted")     // the spend is not paid yet
	ErrInconclusive           = runtime.NewError(index, 10, "Inconclusive")
)
