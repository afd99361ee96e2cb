// Package audit challenges miners at random to prove their idle space and
// service data, collects the proofs and the verdicts of TEE workers on them,
// rewards completed challenges and punishes failures and silence.
//
// A challenge goes through three deadlines: proofs until the slips, verdicts
// until the verify slip, which moves while verdicts are missing, and then the
// record is removed. Verdicts on proofs of PoDR² version 2 can be disputed as
// long as the record exists (package ledger/pallets/podr2).
package audit

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Audit"
	index = 106

	// extra is where the pallet keeps what upstream does not have. Metadata
	// does not list these items, so that its shape stays that of the
	// reference.
	extra = "AuditExtra"
)

// Storage (spec/pallets-mining.md §2.1).
var (
	// ServiceFailures are the consecutive service proofs judged false.
	ServiceFailures = runtime.NewMap[substrate.AccountID, uint32](
		name, "CountedServiceFailed", runtime.Blake2_128Concat)

	// Misses are the consecutive challenges without a service proof.
	Misses = runtime.NewMap[substrate.AccountID, uint8](
		name, "CountedClear", runtime.Blake2_128Concat)

	// Challenges are the open challenges, at most one for each miner.
	Challenges = runtime.NewOptionalMap[substrate.AccountID, Challenge](
		name, "ChallengeSnapShot", runtime.Blake2_128Concat)

	// ProofSlips are the blocks in which missing proofs are noted.
	ProofSlips = runtime.NewOptionalDoubleMap[types.BlockNumber, substrate.AccountID, bool](
		name, "ChallengeSlip", runtime.Blake2_128Concat, runtime.Blake2_128Concat)

	// VerifySlips are the blocks in which challenges end or are extended.
	VerifySlips = runtime.NewOptionalDoubleMap[types.BlockNumber, substrate.AccountID, bool](
		name, "VerifySlip", runtime.Blake2_128Concat, runtime.Blake2_128Concat)

	// Judgements are the effects of the service verdicts of open challenges.
	Judgements = runtime.NewOptionalMap[substrate.AccountID, Judgement](
		extra, "Judgement", runtime.Blake2_128Concat)

	// proofBacklog and verifyBacklog are the first blocks whose slips are not
	// all worked off, absent when there is no backlog.
	proofBacklog  = runtime.NewOptionalValue[types.BlockNumber](extra, "ProofBacklog")
	verifyBacklog = runtime.NewOptionalValue[types.BlockNumber](extra, "VerifyBacklog")
)

// Constants (spec/pallets-mining.md §2.1). A chain spec that changes a limit
// does not move the bounds in types.go. Nothing depends on those without a
// remark.
var (
	PalletID          = runtime.NewConstant(name, "MyPalletId", types.RewardPot) // salt of randomness
	SessionKeyMax     = runtime.NewConstant[uint32](name, "SessionKeyMax", 1000)
	ChallengeMinerMax = runtime.NewConstant[uint32](name, "ChallengeMinerMax", 8000)
	VerifyMissionMax  = runtime.NewConstant[uint32](name, "VerifyMissionMax", 500)
	SigmaMax          = runtime.NewConstant[uint32](name, "SigmaMax", maxServiceProof)         // bytes
	IdleHashLength    = runtime.NewConstant[uint32](name, "IdleTotalHashLength", maxIdleProof) // bytes
	OneDay            = runtime.NewConstant[types.BlockNumber](name, "OneDay", 14_400)
	OneHours          = runtime.NewConstant[types.BlockNumber](name, "OneHours", 600)
	UnsignedPriority  = runtime.NewConstant[uint64](name, "UnsignedPriority", ^uint64(0))
	LockTime          = runtime.NewConstant[types.BlockNumber](name, "LockTime", 10)
	ReassignCeiling   = runtime.NewConstant[uint8](name, "ReassignCeiling", 1)
)

// Parameters, which upstream compiles in (spec/pallets-mining.md §2.1, §2.2).
// Times are in blocks, rates in bytes for each block.
var (
	// FirstChallenge is the block before which nobody is challenged.
	FirstChallenge = runtime.NewParameter[types.BlockNumber](name, "FirstChallenge", 43_200)
	// ChallengePeriod is the time between two draws; 0 stops them.
	ChallengePeriod = runtime.NewParameter[types.BlockNumber](name, "ChallengePeriod", 4)
	// IdleProveRate and ServiceProveRate are how fast miners prove.
	IdleProveRate    = runtime.NewParameter[uint64](name, "IdleProveRate", 203_613_264)
	ServiceProveRate = runtime.NewParameter[uint64](name, "ServiceProveRate", 25_165_824)
	// VerifyRate is how fast a TEE worker verifies.
	VerifyRate = runtime.NewParameter[uint64](name, "VerifyRate", 2_147_483_648)
	// ProveTime and VerifyTime are granted besides.
	ProveTime  = runtime.NewParameter[types.BlockNumber](name, "ProveTime", 50)
	VerifyTime = runtime.NewParameter[types.BlockNumber](name, "VerifyTime", 600)
	// VerifyExtensions is how often the verify window is extended.
	VerifyExtensions = runtime.NewParameter[uint8](name, "VerifyExtensions", 2)
	// FaultTolerance is the number of consecutive failures from which on a
	// false service proof is punished.
	FaultTolerance = runtime.NewParameter[uint32](name, "FaultTolerance", 2)
	// MissLimit is the number of consecutive misses that force a miner out.
	MissLimit = runtime.NewParameter[uint8](name, "MissLimit", 100)
	// SlipLimit is the number of slips of each kind that one block works off;
	// the next blocks go on.
	SlipLimit = runtime.NewParameter[uint32](name, "SlipLimit", 100)
	// JudgeLimit is the number of proofs without a verdict that one block
	// verifies itself, at 80 ms each. On average there is at most one in each
	// ChallengePeriod.
	JudgeLimit = runtime.NewParameter[uint32](name, "JudgeLimit", 1)
)

// Pallet is the declaration page of Audit: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		ServiceFailures,
		Misses,
		Challenges,
		ProofSlips,
		VerifySlips,
	},
	Calls: runtime.Calls("pallet_audit::pallet::Call",
		runtime.NewCall[SubmitIdleProof](1, "submit_idle_proof", runtime.Work(4, 2)),
		runtime.NewCall[SubmitServiceProof](2, "submit_service_proof", runtime.Work(4, 2)),
		runtime.NewCall[SubmitVerifyIdleResult](3, "submit_verify_idle_result", runtime.Work(12, 6)),
		runtime.NewCall[SubmitVerifyServiceResult](4, "submit_verify_service_result", runtime.Work(16, 12)),
		runtime.NewCall[UpdateCountedClear](7, "update_counted_clear", runtime.Work(0, 1)),
		runtime.NewCall[TestUpdateClearSlip](9, "test_update_clear_slip", runtime.Work(1, 2)),
		runtime.NewCall[TestUpdateVerifySlip](10, "test_update_verify_slip", runtime.Work(2, 3)),
		runtime.NewCall[PointMinerChallenge](11, "point_miner_challenge", runtime.Work(8, 4)),
	),
	Events: runtime.Events("pallet_audit::pallet::Event",
		runtime.Event[GenerateChallengeEvent](0, "GenerateChallenge"),
		runtime.Event[SubmitIdleProofEvent](1, "SubmitIdleProof"),
		runtime.Event[SubmitServiceProofEvent](2, "SubmitServiceProof"),
		runtime.Event[SubmitIdleVerifyResultEvent](3, "SubmitIdleVerifyResult"),
		runtime.Event[SubmitServiceVerifyResultEvent](4, "SubmitServiceVerifyResult"),
		runtime.Event[VerifyProofEvent](5, "VerifyProof"),
	),
	Errors: runtime.Errors("pallet_audit::pallet::Error",
		ErrBoundedVec, ErrStorageLimitReached, ErrOverflow, ErrNoChallenge, ErrScheduleNonExistent,
		ErrFileType, ErrNotQualified, ErrRecordTime, ErrOffchainSignedTx, ErrNoLocalAcctForSigning,
		ErrLengthExceedsLimit, ErrSystem, ErrNonExistentMission, ErrUnexpected, ErrExpired,
		ErrVerifyTEESigFailed, ErrBloomFilter, ErrSubmitted, ErrRandom, ErrUnsubmitted,
		ErrTEENoPermission, ErrMalformedSignature,
	),
	Constants: []runtime.ConstantItem{
		PalletID, SessionKeyMax, ChallengeMinerMax, VerifyMissionMax, SigmaMax, IdleHashLength,
		OneDay, OneHours, UnsignedPriority, LockTime, ReassignCeiling,
		FirstChallenge, ChallengePeriod, IdleProveRate, ServiceProveRate, VerifyRate, ProveTime,
		VerifyTime, VerifyExtensions, FaultTolerance, MissLimit, SlipLimit, JudgeLimit,
	},
	OnInitialize: onInitialize,
	Genesis:      genesis,
}
