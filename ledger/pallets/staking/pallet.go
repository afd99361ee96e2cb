// Package staking keeps what validators and nominators have bonded, counts
// eras by sessions, and pays for each era by the schedule of
// spec/consensus.md §4: validators when somebody claims for them, miners at
// once.
//
// CurrentEra is the era that is planned: it advances one session before
// ActiveEra, the era that is running and rewarded.
package staking

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Staking"
	index = 11
)

// Storage: configuration and who stakes.
var (
	// ValidatorCount is the ideal number of validators.
	ValidatorCount = runtime.NewValue[uint32](name, "ValidatorCount")

	// MinimumValidatorCount is the least number of validators with which an
	// era may begin.
	MinimumValidatorCount = runtime.NewValue[uint32](name, "MinimumValidatorCount")

	// Invulnerables are validators that are never slashed for offences.
	Invulnerables = runtime.NewValue[[]substrate.AccountID](name, "Invulnerables")

	// Bonded finds the controller of a stash.
	Bonded = runtime.NewOptionalMap[substrate.AccountID, substrate.AccountID](name, "Bonded", runtime.Twox64Concat)

	// MinNominatorBond and MinValidatorBond are the least active bonds, in
	// planck, to begin nominating and validating.
	MinNominatorBond = runtime.NewValue[types.Balance](name, "MinNominatorBond")
	MinValidatorBond = runtime.NewValue[types.Balance](name, "MinValidatorBond")

	// MinimumActiveStake is the least weight of a nominator in the last
	// election, in votes.
	MinimumActiveStake = runtime.NewValue[types.Balance](name, "MinimumActiveStake")

	// MinCommission is the least commission that validators may ask.
	MinCommission = runtime.NewValue[substrate.Perbill](name, "MinCommission")

	// Ledgers are the bonds, by controller.
	Ledgers = runtime.NewOptionalMap[substrate.AccountID, Ledger](name, "Ledger", runtime.Blake2_128Concat)

	// Payees say where the rewards of a stash go.
	Payees = runtime.NewOptionalMap[substrate.AccountID, RewardDestination](name, "Payee", runtime.Twox64Concat)

	// Validators are the stashes that want to validate.
	Validators = runtime.NewMap[substrate.AccountID, ValidatorPrefs](name, "Validators", runtime.Twox64Concat)

	// CounterForValidators is the number of Validators.
	CounterForValidators = runtime.NewValue[uint32](name, "CounterForValidators")

	// MaxValidatorsCount bounds Validators, if set.
	MaxValidatorsCount = runtime.NewOptionalValue[uint32](name, "MaxValidatorsCount")

	// Nominators are the stashes that nominate, and whom.
	Nominators = runtime.NewCountedMap[substrate.AccountID, Nominations](name, "Nominators", runtime.Twox64Concat)

	// VirtualStakers are stakers whose funds another pallet keeps; there are
	// none.
	VirtualStakers = runtime.NewCountedMap[substrate.AccountID, struct{}](name, "VirtualStakers", runtime.Twox64Concat)

	// MaxNominatorsCount bounds Nominators, if set.
	MaxNominatorsCount = runtime.NewOptionalValue[uint32](name, "MaxNominatorsCount")
)

// Storage: eras.
var (
	// CurrentEra is the era that is planned last.
	CurrentEra = runtime.NewOptionalValue[uint32](name, "CurrentEra")

	// ActiveEra is the era that runs.
	ActiveEra = runtime.NewOptionalValue[ActiveEraInfo](name, "ActiveEra")

	// ErasStartSessionIndex is the first session of an era.
	ErasStartSessionIndex = runtime.NewOptionalMap[uint32, uint32](name, "ErasStartSessionIndex", runtime.Twox64Concat)

	// ErasStakers and ErasStakersClipped are exposures in a form that no era
	// of this chain has. Clients expect the entries.
	ErasStakers = runtime.NewDoubleMap[uint32, substrate.AccountID, Exposure](
		name, "ErasStakers", runtime.Twox64Concat, runtime.Twox64Concat)
	ErasStakersClipped = runtime.NewDoubleMap[uint32, substrate.AccountID, Exposure](
		name, "ErasStakersClipped", runtime.Twox64Concat, runtime.Twox64Concat)

	// ErasStakersOverview sums up what stands behind a validator in an era.
	ErasStakersOverview = runtime.NewOptionalDoubleMap[uint32, substrate.AccountID, PagedExposureMetadata](
		name, "ErasStakersOverview", runtime.Twox64Concat, runtime.Twox64Concat)

	// ErasStakersPaged are the nominators behind a validator in an era, by
	// pages of MaxExposurePageSize.
	ErasStakersPaged = runtime.NewOptionalTripleMap[uint32, substrate.AccountID, uint32, ExposurePage](
		name, "ErasStakersPaged", runtime.Twox64Concat, runtime.Twox64Concat, runtime.Twox64Concat)

	// ClaimedRewards are the pages of an era that were paid out.
	ClaimedRewards = runtime.NewDoubleMap[uint32, substrate.AccountID, []uint32](
		name, "ClaimedRewards", runtime.Twox64Concat, runtime.Twox64Concat)

	// ErasValidatorPrefs are a validator's preferences when an era began.
	ErasValidatorPrefs = runtime.NewDoubleMap[uint32, substrate.AccountID, ValidatorPrefs](
		name, "ErasValidatorPrefs", runtime.Twox64Concat, runtime.Twox64Concat)

	// ErasValidatorReward is what all validators together get for an era, in
	// planck; minted when claimed.
	ErasValidatorReward = runtime.NewOptionalMap[uint32, types.Balance](name, "ErasValidatorReward", runtime.Twox64Concat)

	// ErasRewardPoints are the points of an era's block authors.
	ErasRewardPoints = runtime.NewMap[uint32, EraRewardPoints](name, "ErasRewardPoints", runtime.Twox64Concat)

	// ErasTotalStake is the stake behind all validators of an era, in planck.
	ErasTotalStake = runtime.NewMap[uint32, types.Balance](name, "ErasTotalStake", runtime.Twox64Concat)

	// ForceEra overrides the length of the era.
	ForceEra = runtime.NewValue[Forcing](name, "ForceEra")

	// MaxStakedRewards is unused: the payout does not depend on it.
	MaxStakedRewards = runtime.NewOptionalValue[substrate.Percent](name, "MaxStakedRewards")

	// CurrentPlannedSession is the last session that was planned.
	CurrentPlannedSession = runtime.NewValue[uint32](name, "CurrentPlannedSession")
)

// Storage: slashes.
var (
	// SlashRewardFraction is the part of a slash that reporters may get.
	SlashRewardFraction = runtime.NewValue[substrate.Perbill](name, "SlashRewardFraction")

	// CanceledSlashPayout is what canceled slashes would have paid reporters.
	CanceledSlashPayout = runtime.NewValue[types.Balance](name, "CanceledSlashPayout")

	// UnappliedSlashes wait for the era under which they stand.
	UnappliedSlashes = runtime.NewMap[uint32, []UnappliedSlash](name, "UnappliedSlashes", runtime.Twox64Concat)

	// BondedEras are the eras whose offences can still be slashed, with their
	// first sessions.
	BondedEras = runtime.NewValue[[]BondedEra](name, "BondedEras")

	// ValidatorSlashInEra is the largest slash of a validator in an era.
	ValidatorSlashInEra = runtime.NewOptionalDoubleMap[uint32, substrate.AccountID, ValidatorSlash](
		name, "ValidatorSlashInEra", runtime.Twox64Concat, runtime.Twox64Concat)

	// NominatorSlashInEra is the largest slash of a nominator in an era.
	NominatorSlashInEra = runtime.NewOptionalDoubleMap[uint32, substrate.AccountID, types.Balance](
		name, "NominatorSlashInEra", runtime.Twox64Concat, runtime.Twox64Concat)

	// SlashingSpans are the times between the slashes of a stash.
	SlashingSpans = runtime.NewOptionalMap[substrate.AccountID, Spans](name, "SlashingSpans", runtime.Twox64Concat)

	// SpanSlash is what a stash was slashed in a span.
	SpanSlash = runtime.NewMap[SpanKey, SpanRecord](name, "SpanSlash", runtime.Twox64Concat)

	// DisabledValidators are indices into Session.Validators of offenders,
	// until the era ends.
	DisabledValidators = runtime.NewValue[[]uint32](name, "DisabledValidators")

	// ChillThreshold is how full Validators or Nominators must be before
	// anybody may chill those with too small a bond.
	ChillThreshold = runtime.NewOptionalValue[substrate.Percent](name, "ChillThreshold")
)

// Constants, with the values of the reference network.
var (
	HistoryDepth        = runtime.NewConstant[uint32](name, "HistoryDepth", 84)         // eras that can be claimed
	SessionsPerEra      = runtime.NewConstant[uint32](name, "SessionsPerEra", 6)        // sessions
	BondingDuration     = runtime.NewConstant[uint32](name, "BondingDuration", 672)     // eras
	SlashDeferDuration  = runtime.NewConstant[uint32](name, "SlashDeferDuration", 168)  // eras
	MaxExposurePageSize = runtime.NewConstant[uint32](name, "MaxExposurePageSize", 256) // nominators
	MaxUnlockingChunks  = runtime.NewConstant[uint32](name, "MaxUnlockingChunks", maxUnlocking)
)

// Parameters that upstream compiles in.
var (
	// ErasPerYear divides a year's issuance.
	ErasPerYear = runtime.NewParameter[uint32](name, "ErasPerYear", 1461)
	// FirstYearValidatorRewards and FirstYearMinerRewards are in planck.
	FirstYearValidatorRewards = runtime.NewParameter(name, "FirstYearValidatorRewards", types.Tokens(238_500_000))
	FirstYearMinerRewards     = runtime.NewParameter(name, "FirstYearSminerRewards", types.Tokens(477_000_000))
	// RewardDecrease is a year's issuance as part of that of the year before,
	// for RewardDecreaseYears years.
	RewardDecrease      = runtime.NewParameter[substrate.Perbill](name, "RewardDecreaseRatio", 841_000_000)
	RewardDecreaseYears = runtime.NewParameter[uint32](name, "RewardDecreaseYears", 30)
	// NominationsQuota is how many validators one may nominate.
	NominationsQuota = runtime.NewParameter[uint32](name, "NominationsQuota", maxNominations)
	// MaxElectingVoters is how many validators and nominators count in an election.
	MaxElectingVoters = runtime.NewParameter[uint32](name, "MaxElectingVoters", 22_500)
	// MaxWinners bounds ValidatorCount.
	MaxWinners = runtime.NewParameter[uint32](name, "MaxWinners", 1000)
)

// Pallet is the declaration page of Staking: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		ValidatorCount,
		MinimumValidatorCount,
		Invulnerables,
		Bonded,
		MinNominatorBond,
		MinValidatorBond,
		MinimumActiveStake,
		MinCommission,
		Ledgers,
		Payees,
		Validators,
		CounterForValidators,
		MaxValidatorsCount,
		Nominators,
		Nominators.Counter,
		VirtualStakers,
		VirtualStakers.Counter,
		MaxNominatorsCount,
		CurrentEra,
		ActiveEra,
		ErasStartSessionIndex,
		ErasStakers,
		ErasStakersOverview,
		ErasStakersClipped,
		ErasStakersPaged,
		ClaimedRewards,
		ErasValidatorPrefs,
		ErasValidatorReward,
		ErasRewardPoints,
		ErasTotalStake,
		ForceEra,
		MaxStakedRewards,
		SlashRewardFraction,
		CanceledSlashPayout,
		UnappliedSlashes,
		BondedEras,
		ValidatorSlashInEra,
		NominatorSlashInEra,
		SlashingSpans,
		SpanSlash,
		CurrentPlannedSession,
		DisabledValidators,
		ChillThreshold,
	},
	Calls: runtime.Calls("pallet_cess_staking::pallet::pallet::Call",
		runtime.NewCall[Bond](0, "bond", runtime.Work(5, 6)),
		runtime.NewCall[BondExtra](1, "bond_extra", runtime.Work(10, 9)),
		runtime.NewCall[Unbond](2, "unbond", runtime.Work(13, 9)),
		runtime.NewCall[WithdrawUnbonded](3, "withdraw_unbonded", runtime.Work(15, 15)),
		runtime.NewCall[Validate](4, "validate", runtime.Work(14, 10)),
		runtime.NewCall[Nominate](5, "nominate", runtime.Work(29, 10)),
		runtime.NewCall[Chill](6, "chill", runtime.Work(10, 8)),
		runtime.NewCall[SetPayee](7, "set_payee", runtime.Work(2, 1)),
		runtime.NewCall[SetController](8, "set_controller", runtime.Work(3, 3)),
		runtime.NewCall[SetValidatorCount](9, "set_validator_count", runtime.Work(0, 1)),
		runtime.NewCall[IncreaseValidatorCount](10, "increase_validator_count", runtime.Work(1, 1)),
		runtime.NewCall[ScaleValidatorCount](11, "scale_validator_count", runtime.Work(1, 1)),
		runtime.NewCall[ForceNoEras](12, "force_no_eras", runtime.Work(0, 1)),
		runtime.NewCall[ForceNewEra](13, "force_new_era", runtime.Work(0, 1)),
		runtime.NewCall[SetInvulnerables](14, "set_invulnerables", runtime.Work(0, 1)),
		runtime.NewCall[ForceUnstake](15, "force_unstake", runtime.Work(14, 16)),
		runtime.NewCall[ForceNewEraAlways](16, "force_new_era_always", runtime.Work(0, 1)),
		runtime.NewCall[CancelDeferredSlash](17, "cancel_deferred_slash", runtime.Work(1, 1)),
		runtime.NewCall[PayoutStakers](18, "payout_stakers", runtime.Work(12, 6)),
		runtime.NewCall[Rebond](19, "rebond", runtime.Work(10, 9)),
		runtime.NewCall[ReapStash](20, "reap_stash", runtime.Work(14, 16)),
		runtime.NewCall[Kick](21, "kick", runtime.Work(2, 0)),
		runtime.NewCall[SetStakingConfigs](22, "set_staking_configs", runtime.Work(0, 7)),
		runtime.NewCall[ChillOther](23, "chill_other", runtime.Work(16, 8)),
		runtime.NewCall[ForceApplyMinCommission](24, "force_apply_min_commission", runtime.Work(2, 1)),
		runtime.NewCall[SetMinCommission](25, "set_min_commission", runtime.Work(0, 1)),
		runtime.NewCall[PayoutStakersByPage](26, "payout_stakers_by_page", runtime.Work(12, 6)),
		runtime.NewCall[UpdatePayee](27, "update_payee", runtime.Work(3, 1)),
		runtime.NewCall[DeprecateControllerBatch](28, "deprecate_controller_batch", runtime.Work(0, 0)),
		runtime.NewCall[RestoreLedger](29, "restore_ledger", runtime.Work(6, 4)),
	),
	Events: runtime.Events("pallet_cess_staking::pallet::pallet::Event",
		runtime.Event[EraPaidEvent](0, "EraPaid"),
		runtime.Event[RewardedEvent](1, "Rewarded"),
		runtime.Event[SlashedEvent](2, "Slashed"),
		runtime.Event[SlashReportedEvent](3, "SlashReported"),
		runtime.Event[OldSlashingReportDiscardedEvent](4, "OldSlashingReportDiscarded"),
		runtime.Event[StakersElectedEvent](5, "StakersElected"),
		runtime.Event[BondedEvent](6, "Bonded"),
		runtime.Event[UnbondedEvent](7, "Unbonded"),
		runtime.Event[WithdrawnEvent](8, "Withdrawn"),
		runtime.Event[KickedEvent](9, "Kicked"),
		runtime.Event[StakingElectionFailedEvent](10, "StakingElectionFailed"),
		runtime.Event[ChilledEvent](11, "Chilled"),
		runtime.Event[PayoutStartedEvent](12, "PayoutStarted"),
		runtime.Event[ValidatorPrefsSetEvent](13, "ValidatorPrefsSet"),
		runtime.Event[SnapshotVotersSizeExceededEvent](14, "SnapshotVotersSizeExceeded"),
		runtime.Event[SnapshotTargetsSizeExceededEvent](15, "SnapshotTargetsSizeExceeded"),
		runtime.Event[ForceEraEvent](16, "ForceEra"),
		runtime.Event[ControllerBatchDeprecatedEvent](17, "ControllerBatchDeprecated"),
	),
	Errors: runtime.Errors("pallet_cess_staking::pallet::pallet::Error",
		ErrNotController, ErrNotStash, ErrAlreadyBonded, ErrAlreadyPaired, ErrEmptyTargets,
		ErrDuplicateIndex, ErrInvalidSlashIndex, ErrInsufficientBond, ErrNoMoreChunks,
		ErrNoUnlockChunk, ErrFundedTarget, ErrInvalidEraToReward, ErrInvalidNumberOfNominations,
		ErrNotSortedAndUnique, ErrAlreadyClaimed, ErrInvalidPage, ErrIncorrectHistoryDepth,
		ErrIncorrectSlashingSpans, ErrBadState, ErrTooManyTargets, ErrBadTarget,
		ErrCannotChillOther, ErrTooManyNominators, ErrTooManyValidators, ErrCommissionTooLow,
		ErrBoundNotMet, ErrControllerDeprecated, ErrCannotRestoreLedger,
		ErrRewardDestinationRestricted, ErrNotEnoughFunds, ErrVirtualStakerNotAllowed,
	),
	Constants: []runtime.ConstantItem{
		HistoryDepth, SessionsPerEra, BondingDuration, SlashDeferDuration, MaxExposurePageSize,
		MaxUnlockingChunks,
		ErasPerYear, FirstYearValidatorRewards, FirstYearMinerRewards, RewardDecrease,
		RewardDecreaseYears, NominationsQuota, MaxElectingVoters, MaxWinners,
	},
	OnInitialize: onInitialize,
	OnFinalize:   onFinalize,
	Genesis:      genesis,
}
