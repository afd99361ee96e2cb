package electionprovidermultiphase

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet. Those without a remark are part of the wire shape;
// nothing returns them.
var (
	ErrPreDispatchEarlySubmission  = runtime.NewError(index, 0, "PreDispatchEarlySubmission") // no phase takes solutions on this chain
	ErrPreDispatchWrongWinnerCount = runtime.NewError(index, 1, "PreDispatchWrongWinnerCount")
	ErrPreDispatchWeakSubmission   = runtime.NewError(index, 2, "PreDispatchWeakSubmission")
	ErrSignedQueueFull             = runtime.NewError(index, 3, "SignedQueueFull")
	ErrSignedCannotPayDeposit      = runtime.NewError(index, 4, "SignedCannotPayDeposit")
	ErrSignedInvalidWitness        = runtime.NewError(index, 5, "SignedInvalidWitness")
	ErrSignedTooMuchWeight         = runtime.NewError(index, 6, "SignedTooMuchWeight")
	ErrOcwCallWrongEra             = runtime.NewError(index, 7, "OcwCallWrongEra")
	ErrMissingSnapshotMetadata     = runtime.NewError(index, 8, "MissingSnapshotMetadata")
	ErrInvalidSubmissionIndex      = runtime.NewError(index, 9, "InvalidSubmissionIndex")
	ErrCallNotAllowed              = runtime.NewError(index, 10, "CallNotAllowed") // there is no emergency phase
	ErrFallbackFailed              = runtime.NewError(index, 11, "FallbackFailed")
	ErrBoundNotMet                 = runtime.NewError(index, 12, "BoundNotMet")
	ErrTooManyWinners              = runtime.NewError(index, 13, "TooManyWinners")
	ErrPreDispatchDifferentRound   = runtime.NewError(index, 14, "PreDispatchDifferentRound")
)
