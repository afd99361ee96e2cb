package filebank

import "github.com/gocess/gocess/ledger/runtime"

// Errors (spec/pallets-storage.md §2.7). Those without a remark are part of
// the wire shape; no rule of the specification raises them.
var (
	ErrExisted                    = runtime.NewError(index, 0, "Existed") // the same record, index, miner or order is there already
	ErrFileExistent               = runtime.NewError(index, 1, "FileExistent")
	ErrFileNonExistent            = runtime.NewError(index, 2, "FileNonExistent")
	ErrOverflow                   = runtime.NewError(index, 3, "Overflow")
	ErrNotOwner                   = runtime.NewError(index, 4, "NotOwner") // the user does not own the file
	ErrScheduleNonExistent        = runtime.NewError(index, 5, "ScheduleNonExistent")
	ErrBoundedVec                 = runtime.NewError(index, 6, "BoundedVecError")     // more owners than OwnerLimit
	ErrStorageLimitReached        = runtime.NewError(index, 7, "StorageLimitReached") // more files than UserFileLimit
	ErrMinerPowerInsufficient     = runtime.NewError(index, 8, "MinerPowerInsufficient")
	ErrNotEmpty                   = runtime.NewError(index, 9, "NotEmpty")
	ErrLocked                     = runtime.NewError(index, 10, "Locked")
	ErrLengthExceedsLimit         = runtime.NewError(index, 11, "LengthExceedsLimit")
	ErrBugInvalid                 = runtime.NewError(index, 12, "BugInvalid") // a hash is not lowercase hex
	ErrConvertHash                = runtime.NewError(index, 13, "ConvertHashError")
	ErrNoPermission               = runtime.NewError(index, 14, "NoPermission") // the signer may not act for the owner
	ErrNonExistent                = runtime.NewError(index, 15, "NonExistent")  // no such deal, file or order
	ErrUnexpected                 = runtime.NewError(index, 16, "Unexpected")
	ErrLessMinLength              = runtime.NewError(index, 17, "LessMinLength")
	ErrUnprepared                 = runtime.NewError(index, 18, "Unprepared")
	ErrIsOwned                    = runtime.NewError(index, 19, "IsOwned")
	ErrSpec                       = runtime.NewError(index, 20, "SpecError") // the arguments break a rule of the format
	ErrPanicOverflow              = runtime.NewError(index, 21, "PanicOverflow")
	ErrInsufficientAvailableSpace = runtime.NewError(index, 22, "InsufficientAvailableSpace") // the territory has not more than the footprint left
	ErrCalculate                  = runtime.NewError(index, 23, "Calculate")
	ErrMinerState                 = runtime.NewError(index, 24, "MinerStateError")    // the miner is not positive
	ErrExpired                    = runtime.NewError(index, 25, "Expired")            // the claim's deadline has come
	ErrVerifyTEESigFailed         = runtime.NewError(index, 26, "VerifyTeeSigFailed") // no master key made the signature
	ErrTEENoPermission            = runtime.NewError(index, 27, "TeeNoPermission")    // the TEE worker's role does not allow it
	ErrDigest                     = runtime.NewError(index, 28, "DigestError")        // the report's digests are not those of the tagged fragments
	ErrMalformedSignature         = runtime.NewError(index, 29, "MalformedSignature") // not 64 bytes
	ErrMiner                      = runtime.NewError(index, 30, "MinerError")         // the report names another miner
	ErrRulesNotAllowed            = runtime.NewError(index, 31, "RulesNotAllowed")    // the miner stores a copy already
	ErrNotActive                  = runtime.NewError(index, 32, "NotActive")          // the file is not active
)
