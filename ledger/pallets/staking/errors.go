package staking

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet. Those without a remark are part of the wire shape;
// nothing returns them.
var (
	ErrNotController               = runtime.NewError(index, 0, "NotController") // the signer controls no bond
	ErrNotStash                    = runtime.NewError(index, 1, "NotStash")      // the account has no bond
	ErrAlreadyBonded               = runtime.NewError(index, 2, "AlreadyBonded") // the stash has a bond
	ErrAlreadyPaired               = runtime.NewError(index, 3, "AlreadyPaired") // the controller has a bond
	ErrEmptyTargets                = runtime.NewError(index, 4, "EmptyTargets")  // nothing is named
	ErrDuplicateIndex              = runtime.NewError(index, 5, "DuplicateIndex")
	ErrInvalidSlashIndex           = runtime.NewError(index, 6, "InvalidSlashIndex")   // no such slash
	ErrInsufficientBond            = runtime.NewError(index, 7, "InsufficientBond")    // too little is bonded
	ErrNoMoreChunks                = runtime.NewError(index, 8, "NoMoreChunks")        // MaxUnlockingChunks are unlocking
	ErrNoUnlockChunk               = runtime.NewError(index, 9, "NoUnlockChunk")       // nothing is unlocking
	ErrFundedTarget                = runtime.NewError(index, 10, "FundedTarget")       // the stash has funds
	ErrInvalidEraToReward          = runtime.NewError(index, 11, "InvalidEraToReward") // too old, or not over
	ErrInvalidNumberOfNominations  = runtime.NewError(index, 12, "InvalidNumberOfNominations")
	ErrNotSortedAndUnique          = runtime.NewError(index, 13, "NotSortedAndUnique")
	ErrAlreadyClaimed              = runtime.NewError(index, 14, "AlreadyClaimed") // the page was paid out
	ErrInvalidPage                 = runtime.NewError(index, 15, "InvalidPage")    // no such page
	ErrIncorrectHistoryDepth       = runtime.NewError(index, 16, "IncorrectHistoryDepth")
	ErrIncorrectSlashingSpans      = runtime.NewError(index, 17, "IncorrectSlashingSpans") // the stash has more spans
	ErrBadState                    = runtime.NewError(index, 18, "BadState")               // the account cannot be referred to
	ErrTooManyTargets              = runtime.NewError(index, 19, "TooManyTargets")         // more than NominationsQuota
	ErrBadTarget                   = runtime.NewError(index, 20, "BadTarget")              // the validator takes no new nominators
	ErrCannotChillOther            = runtime.NewError(index, 21, "CannotChillOther")
	ErrTooManyNominators           = runtime.NewError(index, 22, "TooManyNominators")
	ErrTooManyValidators           = runtime.NewError(index, 23, "TooManyValidators")
	ErrCommissionTooLow            = runtime.NewError(index, 24, "CommissionTooLow")
	ErrBoundNotMet                 = runtime.NewError(index, 25, "BoundNotMet")
	ErrControllerDeprecated        = runtime.NewError(index, 26, "ControllerDeprecated") // rewards no longer go to controllers
	ErrCannotRestoreLedger         = runtime.NewError(index, 27, "CannotRestoreLedger")
	ErrRewardDestinationRestricted = runtime.NewError(index, 28, "RewardDestinationRestricted")
	ErrNotEnoughFunds              = runtime.NewError(index, 29, "NotEnoughFunds")
	ErrVirtualStakerNotAllowed     = runtime.NewError(index, 30, "VirtualStakerNotAllowed")
)
