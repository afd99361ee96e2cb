// Package electionprovidermultiphase stands where the reference chain lets
// anybody submit the result of an election. This chain computes the result itself
// (pallet R2S), so that the phase is always Off, and whatever is submitted is too
// early. Clients find the number of elections here.
package electionprovidermultiphase

import (
	"github.com/gocess/gocess/ledger/pallets/r2s/solver"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "ElectionProviderMultiPhase"
	index = 10
)

// Storage. What the phases of the reference would write is never there.
var (
	// Round is the number of the next election, from 1.
	Round = runtime.NewValue(name, "Round", runtime.Default[uint32](1))
	// CurrentPhase is Off.
	CurrentPhase = runtime.NewValue(name, "CurrentPhase", runtime.Default[Phase](PhaseOff{}))

	QueuedSolution            = runtime.NewOptionalValue[ReadySolution](name, "QueuedSolution")
	Snapshot                  = runtime.NewOptionalValue[RoundSnapshot](name, "Snapshot")
	DesiredTargets            = runtime.NewOptionalValue[uint32](name, "DesiredTargets")
	SnapshotMetadata          = runtime.NewOptionalValue[SolutionOrSnapshotSize](name, "SnapshotMetadata")
	SignedSubmissionNextIndex = runtime.NewValue[uint32](name, "SignedSubmissionNextIndex")
	SignedSubmissionIndices   = runtime.NewValue[scale.BoundedVec[SubmissionIndex, SubmissionBound]](name, "SignedSubmissionIndices")
	SignedSubmissionsMap      = runtime.NewOptionalMap[uint32, SignedSubmission](name, "SignedSubmissionsMap", runtime.Twox64Concat)
	// MinimumUntrustedScore is what root wrote; nothing reads it.
	MinimumUntrustedScore = runtime.NewOptionalValue[ElectionScore](name, "MinimumUntrustedScore")
)

// minerWeight is a bound of the reference network.
var minerWeight = substrate.Weight{RefTime: 1_299_460_229_000, ProofSize: 11_990_383_647_911_208_550}

// Constants of the reference network; nothing here depends on them.
var (
	BetterSignedThreshold = runtime.NewConstant[substrate.Perbill](name, "BetterSignedThreshold", 0)
	OffchainRepeat        = runtime.NewConstant[types.BlockNumber](name, "OffchainRepeat", 5)
	MinerTxPriority       = runtime.NewConstant[uint64](name, "MinerTxPriority", 9_223_372_036_854_775_806)
	SignedMaxSubmissions  = runtime.NewConstant[uint32](name, "SignedMaxSubmissions", 10)
	SignedMaxWeight       = runtime.NewConstant(name, "SignedMaxWeight", minerWeight)
	SignedMaxRefunds      = runtime.NewConstant[uint32](name, "SignedMaxRefunds", 3)
	SignedRewardBase      = runtime.NewConstant(name, "SignedRewardBase", types.Tokens(1))
	SignedDepositByte     = runtime.NewConstant(name, "SignedDepositByte", types.Tokens(1).Div64(100))
	SignedDepositWeight   = runtime.NewConstant(name, "SignedDepositWeight", types.Balance{})
	MaxWinners            = runtime.NewConstant[uint32](name, "MaxWinners", maxWinners)
	MinerMaxLength        = runtime.NewConstant[uint32](name, "MinerMaxLength", 3_538_944)
	MinerMaxWeight        = runtime.NewConstant(name, "MinerMaxWeight", minerWeight)
	MinerMaxVotesPerVoter = runtime.NewConstant[uint32](name, "MinerMaxVotesPerVoter", maxTargets)
	MinerMaxWinners       = runtime.NewConstant[uint32](name, "MinerMaxWinners", maxWinners)
)

// Pallet is the declaration page of ElectionProviderMultiPhase: its wire format,
// item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		Round, CurrentPhase, QueuedSolution, Snapshot, DesiredTargets, SnapshotMetadata,
		SignedSubmissionNextIndex, SignedSubmissionIndices, SignedSubmissionsMap, MinimumUntrustedScore,
	},
	Calls: runtime.Calls("pallet_election_provider_multi_phase::pallet::Call",
		runtime.NewCall[SubmitUnsigned](0, "submit_unsigned", runtime.Work(1, 0)),
		runtime.NewCall[SetMinimumUntrustedScore](1, "set_minimum_untrusted_score", runtime.Work(0, 1)),
		runtime.NewCall[SetEmergencyElectionResult](2, "set_emergency_election_result", runtime.Work(1, 0)),
		runtime.NewCall[Submit](3, "submit", runtime.Work(1, 0)),
		runtime.NewCall[GovernanceFallback](4, "governance_fallback", runtime.Work(1, 0)),
	),
	Events: runtime.Events("pallet_election_provider_multi_phase::pallet::Event",
		runtime.Event[SolutionStoredEvent](0, "SolutionStored"),
		runtime.Event[ElectionFinalizedEvent](1, "ElectionFinalized"),
		runtime.Event[ElectionFailedEvent](2, "ElectionFailed"),
		runtime.Event[RewardedEvent](3, "Rewarded"),
		runtime.Event[SlashedEvent](4, "Slashed"),
		runtime.Event[PhaseTransitionedEvent](5, "PhaseTransitioned"),
	),
	Errors: runtime.Errors("pallet_election_provider_multi_phase::pallet::Error",
		ErrPreDispatchEarlySubmission, ErrPreDispatchWrongWinnerCount, ErrPreDispatchWeakSubmission,
		ErrSignedQueueFull, ErrSignedCannotPayDeposit, ErrSignedInvalidWitness, ErrSignedTooMuchWeight,
		ErrOcwCallWrongEra, ErrMissingSnapshotMetadata, ErrInvalidSubmissionIndex, ErrCallNotAllowed,
		ErrFallbackFailed, ErrBoundNotMet, ErrTooManyWinners, ErrPreDispatchDifferentRound,
	),
	Constants: []runtime.ConstantItem{
		BetterSignedThreshold, OffchainRepeat, MinerTxPriority, SignedMaxSubmissions, SignedMaxWeight,
		SignedMaxRefunds, SignedRewardBase, SignedDepositByte, SignedDepositWeight, MaxWinners,
		MinerMaxLength, MinerMaxWeight, MinerMaxVotesPerVoter, MinerMaxWinners,
	},
	Unsigned: rules{},
}

// API is what staking reports.
type API struct{}

// Elected counts an election and emits ElectionFinalized with its score, in votes.
func (API) Elected(ctx *runtime.Context, supports []solver.Support) {
	var score ElectionScore
	for i, s := range supports {
		if i == 0 || s.Total.Less(score.MinimalStake) {
			score.MinimalStake = s.Total
		}
		score.SumStake = score.SumStake.SaturatingAdd(s.Total)
		score.SumStakeSquared = score.SumStakeSquared.SaturatingAdd(s.Total.SaturatingMul(s.Total))
	}
	Round.Mutate(ctx, func(n *uint32) { *n++ })
	ctx.Emit(ElectionFinalizedEvent{Compute: ComputeFallback, Score: score})
}

// Failed emits ElectionFailed; the round goes on.
func (API) Failed(ctx *runtime.Context) { ctx.Emit(ElectionFailedEvent{}) }
