package audit

import "github.com/gocess/gocess/ledger/runtime"

// Errors (spec/pallets-mining.md §2.1). Those without a remark are part of the
// wire shape; no rule of the specification raises them.
var (
	ErrBoundedVec            = runtime.NewError(index, 0, "BoundedVecError")
	ErrStorageLimitReached   = runtime.NewError(index, 1, "StorageLimitReached")
	ErrOverflow              = runtime.NewError(index, 2, "Overflow")
	ErrNoChallenge           = runtime.NewError(index, 3, "NoChallenge") // the miner has no open challenge
	ErrScheduleNonExistent   = runtime.NewError(index, 4, "ScheduleNonExistent")
	ErrFileType              = runtime.NewError(index, 5, "FileTypeError")
	ErrNotQualified          = runtime.NewError(index, 6, "NotQualified")
	ErrRecordTime            = runtime.NewError(index, 7, "RecordTimeError")
	ErrOffchainSignedTx      = runtime.NewError(index, 8, "OffchainSignedTxError")
	ErrNoLocalAcctForSigning = runtime.NewError(index, 9, "NoLocalAcctForSigning")
	ErrLengthExceedsLimit    = runtime.NewError(index, 10, "LengthExceedsLimit")
	ErrSystem                = runtime.NewError(index, 11, "SystemError")        // there is no TEE worker that verifies
	ErrNonExistentMission    = runtime.NewError(index, 12, "NonExistentMission") // no deadline at that block
	ErrUnexpected            = runtime.NewError(index, 13, "UnexpectedError")    // records contradict each other
	ErrExpired               = runtime.NewError(index, 14, "Expired")            // the deadline has passed
	ErrVerifyTEESigFailed    = runtime.NewError(index, 15, "VerifyTeeSigFailed") // no master key made the signature
	ErrBloomFilter           = runtime.NewError(index, 16, "BloomFilterError")   // not the filter of the snapshot
	ErrSubmitted             = runtime.NewError(index, 17, "Submitted")          // it is there already
	ErrRandom                = runtime.NewError(index, 18, "RandomErr")
	ErrUnsubmitted           = runtime.NewError(index, 19, "UnSubmitted")        // a verdict on a proof that is not there
	ErrTEENoPermission       = runtime.NewError(index, 20, "TeeNoPermission")    // the worker does not verify
	ErrMalformedSignature    = runtime.NewError(index, 21, "MalformedSignature") // not 64 bytes
)
