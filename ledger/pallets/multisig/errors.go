package multisig

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrMinimumThreshold      = runtime.NewError(index, 0, "MinimumThreshold") // below 2
	ErrAlreadyApproved       = runtime.NewError(index, 1, "AlreadyApproved")
	ErrNoApprovalsNeeded     = runtime.NewError(index, 2, "NoApprovalsNeeded")  // no call returns it
	ErrTooFewSignatories     = runtime.NewError(index, 3, "TooFewSignatories")  // none beside the sender
	ErrTooManySignatories    = runtime.NewError(index, 4, "TooManySignatories") // more than MaxSignatories
	ErrSignatoriesOutOfOrder = runtime.NewError(index, 5, "SignatoriesOutOfOrder")
	ErrSenderInSignatories   = runtime.NewError(index, 6, "SenderInSignatories") // the list is of the others
	ErrNotFound              = runtime.NewError(index, 7, "NotFound")            // no such operation
	ErrNotOwner              = runtime.NewError(index, 8, "NotOwner")            // somebody else began the operation
	ErrNoTimepoint           = runtime.NewError(index, 9, "NoTimepoint")         // the operation has begun: name when
	ErrWrongTimepoint        = runtime.NewError(index, 10, "WrongTimepoint")
	ErrUnexpectedTimepoint   = runtime.NewError(index, 11, "UnexpectedTimepoint") // the operation has not begun
	ErrMaxWeightTooLow       = runtime.NewError(index, 12, "MaxWeightTooLow")     // the call weighs more
	ErrAlreadyStored         = runtime.NewError(index, 13, "AlreadyStored")       // no call returns it
)
