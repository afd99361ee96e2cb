package sminer

import "github.com/gocess/gocess/ledger/runtime"

// Errors (spec/pallets-mining.md §1.2). Those without a remark are part of
// the wire shape; no rule of the specification raises them.
var (
	ErrNotMiner                  = runtime.NewError(index, 0, "NotMiner") // the account is not a miner
	ErrAlreadyRegistered         = runtime.NewError(index, 1, "AlreadyRegistered")
	ErrOverflow                  = runtime.NewError(index, 2, "Overflow")
	ErrNotExisted                = runtime.NewError(index, 3, "NotExisted")      // no such miner or target
	ErrLessThan24Hours           = runtime.NewError(index, 4, "LessThan24Hours") // the last claim is too recent
	ErrConversion                = runtime.NewError(index, 5, "ConversionError") // no such miner
	ErrAlreadyFrozen             = runtime.NewError(index, 6, "AlreadyFrozen")
	ErrNotPositiveState          = runtime.NewError(index, 7, "NotpositiveState")    // the miner is not positive, or has no PoIS key
	ErrStorageLimitReached       = runtime.NewError(index, 8, "StorageLimitReached") // the list of miners is full
	ErrBoundedVec                = runtime.NewError(index, 9, "BoundedVecError")     // an endpoint of the chain spec is too long
	ErrDataNotExist              = runtime.NewError(index, 10, "DataNotExist")
	ErrUnexpected                = runtime.NewError(index, 11, "Unexpected")                // records contradict each other, scheduling failed, or the PoIS graph has no nodes
	ErrVerifyTEESigFailed        = runtime.NewError(index, 12, "VerifyTeeSigFailed")        // no master key made the signature
	ErrCount                     = runtime.NewError(index, 13, "CountError")                // the proof's counters do not follow the stored ones
	ErrState                     = runtime.NewError(index, 14, "StateError")                // the miner's state forbids it
	ErrBloomElemPush             = runtime.NewError(index, 15, "BloomElemPushError")        // the service bloom filter rejects the fragment
	ErrCollateralNotUp           = runtime.NewError(index, 16, "CollateralNotUp")           // less collateral than the declared space needs
	ErrNotStakingAcc             = runtime.NewError(index, 17, "NotStakingAcc")             // the signer does not stake for the miner
	ErrBugInvalid                = runtime.NewError(index, 18, "BugInvalid")                // nobody staked for the miner
	ErrInsufficientStakingPeriod = runtime.NewError(index, 19, "InsufficientStakingPeriod") // staked for less than StakingLock
	ErrExceedingDeclarationSpace = runtime.NewError(index, 20, "ExceedingDeclarationSpace") // more space than declared
	ErrInsufficientReplaceable   = runtime.NewError(index, 21, "InsufficientReplaceable")   // nothing to replace
	ErrMalformedSignature        = runtime.NewError(index, 22, "MalformedSignature")        // not 64 bytes
	ErrNotSetWhite               = runtime.NewError(index, 23, "NotSetWhite")               // nobody may pay from the faucet
	ErrWrongOrigin               = runtime.NewError(index, 24, "WrongOrigin")               // the signer may not pay from the faucet
	ErrExceedRelease             = runtime.NewError(index, 25, "ExceedRelease")             // more than MaximumRelease
	ErrUnableReduceDeclaration   = runtime.NewError(index, 26, "UnableReduceDeclaration")   // the space is in use
)
