package podr2

import "github.com/gocess/gocess/ledger/runtime"

var (
	ErrNotMiner           = runtime.NewError(index, 0, "NotMiner")           // the account is not a miner
	ErrInvalidVersion     = runtime.NewError(index, 1, "InvalidVersion")     // neither 1 nor 2
	ErrChallengeOpen      = runtime.NewError(index, 2, "ChallengeOpen")      // the version is fixed until the challenge ends
	ErrInvalidTaggerKey   = runtime.NewError(index, 3, "InvalidTaggerKey")   // not the encoding of a usable key
	ErrTaggerKeyExists    = runtime.NewError(index, 4, "TaggerKeyExists")    // another key is registered
	ErrNoTaggerKey        = runtime.NewError(index, 5, "NoTaggerKey")        // no key is, or was when the challenge started
	ErrMalformedSignature = runtime.NewError(index, 6, "MalformedSignature") // not 64 bytes
	ErrVerifyTEESigFailed = runtime.NewError(index, 7, "VerifyTeeSigFailed") // no master key made the signature
	ErrNoChallenge        = runtime.NewError(index, 8, "NoChallenge")        // the miner has no challenge, or it is over
	ErrNotVersion2        = runtime.NewError(index, 9, "NotVersion2")        // only version 2 can be verified by the chain
	ErrNoProof            = runtime.NewError(index, 10, "NoProof")           // the miner has not answered
	ErrNoVerdict          = runtime.NewError(index, 11, "NoVerdict")         // there is nothing to dispute; see judge
	ErrVerdictStands      = runtime.NewError(index, 12, "VerdictStands")     // the chain comes to the same verdict
	ErrVerdictExists      = runtime.NewError(index, 13, "VerdictExists")     // it is judged; see dispute
	ErrTooEarly           = runtime.NewError(index, 14, "TooEarly")          // proofs are still coming in
	ErrMalformedHash      = runtime.NewError(index, 15, "MalformedHash")     // not 64 characters of lowercase hex
	ErrNotListed          = runtime.NewError(index, 16, "NotListed")         // the fragment is not on the miner's list
	ErrOverflow           = runtime.NewError(index, 17, "Overflow")          // the list is full
)
