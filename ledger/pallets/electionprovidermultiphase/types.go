package electionprovidermultiphase

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Limits of the reference network.
const (
	maxWinners     = 1000
	maxTargets     = 16 // of a nominator
	maxSubmissions = 10
)

// Bounds, checked while decoding.
type (
	WinnerBound     struct{}
	TargetBound     struct{}
	SubmissionBound struct{}
)

func (WinnerBound) Max() int     { return maxWinners }
func (TargetBound) Max() int     { return maxTargets }
func (SubmissionBound) Max() int { return maxSubmissions }

func path(name string) string { return "pallet_election_provider_multi_phase::" + name }

var accountParam = scale.Param{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()}

// Phase is what the reference's elections are at.
type Phase interface{ phase() }

// The variants of Phase; this chain has PhaseOff only.
type (
	PhaseOff      struct{}
	PhaseSigned   struct{}
	PhaseUnsigned struct {
		Unsigned OpenSince `scale:"_" type:"(bool, Bn)"`
	}
	PhaseEmergency struct{}
)

// OpenSince says whether the unsigned phase is open, and since which block.
type OpenSince struct {
	Open  bool
	Block types.BlockNumber
}

func (PhaseOff) phase()       {}
func (PhaseSigned) phase()    {}
func (PhaseUnsigned) phase()  {}
func (PhaseEmergency) phase() {}

var _ = scale.RegisterEnum[Phase](
	scale.TypeInfo{Path: path("Phase"), Params: []scale.Param{{Name: "Bn", Type: scale.TypeOf[types.BlockNumber]()}}},
	scale.V[Phase, PhaseOff](0, "Off"),
	scale.V[Phase, PhaseSigned](1, "Signed"),
	scale.V[Phase, PhaseUnsigned](2, "Unsigned"),
	scale.V[Phase, PhaseEmergency](3, "Emergency"),
)

// ElectionCompute says how a result was found.
type ElectionCompute uint8

// ComputeFallback is the chain's own computation.
const ComputeFallback ElectionCompute = 3

func (ElectionCompute) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: path("ElectionCompute"), Variants: []scale.VariantInfo{
		{Index: 0, Name: "OnChain"},
		{Index: 1, Name: "Signed"},
		{Index: 2, Name: "Unsigned"},
		{Index: 3, Name: "Fallback"},
		{Index: 4, Name: "Emergency"},
	}}
}

// ElectionScore rates a result by the votes behind its winners: the fewest behind
// one, the sum, and the sum of their squares.
type ElectionScore struct {
	MinimalStake    scale.U128 `type:"ExtendedBalance"`
	SumStake        scale.U128 `type:"ExtendedBalance"`
	SumStakeSquared scale.U128 `type:"ExtendedBalance"`
}

func (ElectionScore) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_npos_elections::ElectionScore"}
}

// AccountVotes is one voter's part of a Support.
type AccountVotes struct {
	Who   substrate.AccountID
	Votes scale.U128
}

// Support is what stands behind a winner, in votes.
type Support struct {
	Total  scale.U128     `type:"ExtendedBalance"`
	Voters []AccountVotes `type:"Vec<(AccountId, ExtendedBalance)>"`
}

func (Support) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_npos_elections::Support", Params: []scale.Param{accountParam}}
}

// AccountSupport is a winner with what stands behind it.
type AccountSupport struct {
	Who     substrate.AccountID
	Support Support
}

// ReadySolution is a result that was checked.
type ReadySolution struct {
	Supports scale.BoundedVec[AccountSupport, WinnerBound] `type:"BoundedSupports<AccountId, MaxWinners>"`
	Score    ElectionScore                                 `type:"ElectionScore"`
	Compute  ElectionCompute                               `type:"ElectionCompute"`
}

func (ReadySolution) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: path("ReadySolution"), Params: []scale.Param{{Name: "AccountId"}, {Name: "MaxWinners"}}}
}

// SnapshotVoter is a voter with its votes and targets.
type SnapshotVoter struct {
	Who     substrate.AccountID
	Votes   uint64
	Targets scale.BoundedVec[substrate.AccountID, TargetBound]
}

// RoundSnapshot is what solutions of a round refer to.
type RoundSnapshot struct {
	Voters  []SnapshotVoter       `type:"Vec<VoterType>"`
	Targets []substrate.AccountID `type:"Vec<AccountId>"`
}

func (RoundSnapshot) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: path("RoundSnapshot"), Params: []scale.Param{
		accountParam, {Name: "VoterType", Type: scale.TypeOf[SnapshotVoter]()},
	}}
}

// SolutionOrSnapshotSize counts voters and targets.
type SolutionOrSnapshotSize struct {
	Voters  uint32 `scale:",compact" type:"u32"`
	Targets uint32 `scale:",compact" type:"u32"`
}

func (SolutionOrSnapshotSize) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: path("SolutionOrSnapshotSize")}
}

// SubmissionIndex finds a submission by its score.
type SubmissionIndex struct {
	Score        ElectionScore
	Block, Index uint32
}

// SignedSubmission is a solution with a deposit, in planck.
type SignedSubmission struct {
	Who         substrate.AccountID `type:"AccountId"`
	Deposit     types.Balance       `type:"Balance"`
	RawSolution RawSolution         `type:"RawSolution<Solution>"`
	CallFee     types.Balance       `type:"Balance"`
}

func (SignedSubmission) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: path("signed::SignedSubmission"), Params: []scale.Param{
		accountParam, {Name: "Balance", Type: scale.TypeOf[types.Balance]()},
		{Name: "Solution", Type: scale.TypeOf[Solution]()},
	}}
}
