// Package sminer is the registry of storage miners: collateral, declared,
// idle and service space, reward orders, and exit.
package sminer

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Sminer"
	index = 105
)

// Storage (spec/pallets-mining.md §1.1).
var (
	// Miners are all accounts that ever registered as miner.
	Miners = runtime.NewCountedMap[substrate.AccountID, Miner](
		name, "MinerItems", runtime.Blake2_128Concat)

	// AllMiners are the miners with a PoIS key, in order of registration;
	// entries leave on exit and the order of the others is kept. It must
	// exist from genesis (spec/wire.md §2.2).
	AllMiners = runtime.NewValue[scale.BoundedVec[substrate.AccountID, ItemBound]](name, "AllMiner")

	// Rewards are the reward orders of a miner, from registration on.
	Rewards = runtime.NewOptionalMap[substrate.AccountID, Reward](
		name, "RewardMap", runtime.Blake2_128Concat)

	// FaucetRecords hold the last claim of an account.
	FaucetRecords = runtime.NewOptionalMap[substrate.AccountID, FaucetRecord](
		name, "FaucetRecordMap", runtime.Blake2_128Concat)

	// MinerPublicKeys finds the miner by the SHA-256 of the signed text of
	// its PoIS key registration.
	MinerPublicKeys = runtime.NewOptionalMap[[32]byte, substrate.AccountID](
		name, "MinerPublicKey", runtime.Blake2_128Concat)

	// Expenders is the shape of the PoIS expander graph; set at genesis.
	Expenders = runtime.NewOptionalValue[Expender](name, "Expenders")

	// MinerLocks is the block at which the lock of a voluntary exit ends.
	MinerLocks = runtime.NewOptionalMap[substrate.AccountID, types.BlockNumber](
		name, "MinerLock", runtime.Blake2_128Concat)

	// RestoralTargets are the fragments, in bytes, that others must restore
	// for a miner that left.
	RestoralTargets = runtime.NewOptionalMap[substrate.AccountID, RestoralTarget](
		name, "RestoralTarget", runtime.Blake2_128Concat)

	// StakingStartBlocks is the block at which collateral was added last.
	StakingStartBlocks = runtime.NewOptionalMap[substrate.AccountID, types.BlockNumber](
		name, "StakingStartBlock", runtime.Blake2_128Concat)

	// PendingReplacements are the bytes of idle files that a miner must still
	// delete because service data took their place.
	PendingReplacements = runtime.NewMap[substrate.AccountID, scale.U128](
		name, "PendingReplacements", runtime.Blake2_128Concat)

	// FaucetReleased is the total paid to repeated claimers, in planck; never
	// reset.
	FaucetReleased = runtime.NewValue[types.Balance](name, "FacuetReleaseRecord")

	// ReturnStakingSchedule are the refunds of collateral due at a block.
	ReturnStakingSchedule = runtime.NewMap[types.BlockNumber, scale.BoundedVec[StakingReturn, ItemBound]](
		name, "ReturnStakingSchedule", runtime.Blake2_128Concat)

	// CompleteSnapShots sums the completed challenges of an era.
	CompleteSnapShots = runtime.NewMap[uint32, CompleteInfo](
		name, "CompleteSnapShot", runtime.Blake2_128Concat)

	// CompleteMinerSnapShots are a miner's completed challenges that have not
	// become reward orders.
	CompleteMinerSnapShots = runtime.NewMap[substrate.AccountID, scale.BoundedVec[MinerCompleteInfo, ReleaseBound]](
		name, "CompleteMinerSnapShot", runtime.Blake2_128Concat)

	// FaucetWhitelist is the only account that may pay from the faucet, if
	// any.
	FaucetWhitelist = runtime.NewOptionalValue[substrate.AccountID](name, "FacuetWhitelist")
)

// Constants (spec/pallets-mining.md §1.3).
var (
	FaucetID       = runtime.NewConstant(name, "FaucetId", types.FaucetPot)
	ItemLimit      = runtime.NewConstant[uint32](name, "ItemLimit", maxItems)                    // length of lists
	OneDay         = runtime.NewConstant[types.BlockNumber](name, "OneDayBlock", 14_400)         // blocks
	StakingLock    = runtime.NewConstant[types.BlockNumber](name, "StakingLockBlock", 2_592_000) // blocks; 180 days
	MaximumRelease = runtime.NewConstant(name, "MaximumRelease", types.Tokens(5_000_000_000))    // planck; repeated faucet claims in all
)

// Parameters, which upstream compiles in.
var (
	// IdleFileSize is the size of one idle file, in bytes.
	IdleFileSize = runtime.NewParameter[uint64](name, "IdleFileSize", types.IdleFileSize)
	// ExitLock is how many blocks a miner goes on after it announced its exit;
	// 15 days.
	ExitLock = runtime.NewParameter[types.BlockNumber](name, "ExitLock", 216_000)
	// CoolingPeriod is how many blocks others have to restore each TiB begun of
	// a miner that left, until it may take its collateral.
	CoolingPeriod = runtime.NewParameter[types.BlockNumber](name, "CoolingPeriod", 14_400)
	// FaucetValue is what the faucet pays at once, in planck.
	FaucetValue = runtime.NewParameter(name, "FaucetValue", types.Tokens(102))
)

// extra is where the pallet keeps what upstream does not have; metadata does
// not list it.
const extra = "SminerExtra"

// poisTexts are the keys of MinerPublicKeys, by miner, so that those entries
// can end with the miner. Upstream removes a key that nobody wrote.
var poisTexts = runtime.NewOptionalMap[substrate.AccountID, [32]byte](
	extra, "PoISText", runtime.Blake2_128Concat)

// Pallet is the declaration page of Sminer: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		Miners,
		Miners.Counter,
		AllMiners,
		Rewards,
		FaucetRecords,
		MinerPublicKeys,
		Expenders,
		MinerLocks,
		RestoralTargets,
		StakingStartBlocks,
		PendingReplacements,
		FaucetReleased,
		ReturnStakingSchedule,
		CompleteSnapShots,
		CompleteMinerSnapShots,
		FaucetWhitelist,
	},
	Calls: runtime.Calls("pallet_sminer::pallet::Call",
		runtime.NewCall[Regnstk](0, "regnstk", runtime.Work(3, 5)),
		runtime.NewCall[IncreaseCollateral](1, "increase_collateral", runtime.Work(3, 4)),
		runtime.NewCall[UpdateBeneficiary](2, "update_beneficiary", runtime.Work(1, 1)),
		runtime.NewCall[UpdateEndpoint](3, "update_endpoint", runtime.Work(1, 1)),
		runtime.NewCall[DecreaseDeclarationSpace](4, "decrease_declaration_space", runtime.Work(1, 1)),
		runtime.NewCall[ReceiveReward](6, "receive_reward", runtime.Work(24, 12)), // spread over all: few have many eras to settle
		runtime.NewCall[MinerExitPrep](7, "miner_exit_prep", runtime.Work(5, 5)),
		runtime.NewCall[MinerExit](8, "miner_exit", runtime.Work(6, 7)),
		runtime.NewCall[MinerWithdraw](9, "miner_withdraw", runtime.Work(3, 2)),
		runtime.NewCall[FaucetTopUp](13, "faucet_top_up", runtime.Work(2, 2)),
		runtime.NewCall[Faucet](14, "faucet", runtime.Work(5, 4)),
		runtime.NewCall[UpdateExpender](15, "update_expender", runtime.Work(0, 1)),
		runtime.NewCall[RegisterPoISKey](16, "register_pois_key", runtime.Work(6, 5)),
		runtime.NewCall[RegnstkAssignStaking](17, "regnstk_assign_staking", runtime.Work(1, 3)),
		runtime.NewCall[IncreaseDeclarationSpace](18, "increase_declaration_space", runtime.Work(1, 1)),
		runtime.NewCall[ClearMinerService](19, "clear_miner_service", runtime.Work(1, 1)),
		runtime.NewCall[SetFaucetWhitelist](20, "set_facuet_whitelist", runtime.Work(0, 1)),
	),
	Events: runtime.Events("pallet_sminer::pallet::Event",
		runtime.Event[RegisteredEvent](0, "Registered"),
		runtime.Event[RegisterPoISKeyEvent](1, "RegisterPoisKey"),
		runtime.Event[DrawFaucetMoneyEvent](2, "DrawFaucetMoney"),
		runtime.Event[FaucetTopUpMoneyEvent](3, "FaucetTopUpMoney"),
		runtime.Event[LessThan24HoursEvent](4, "LessThan24Hours"),
		runtime.Event[AlreadyFrozenEvent](5, "AlreadyFrozen"),
		runtime.Event[IncreaseCollateralEvent](6, "IncreaseCollateral"),
		runtime.Event[DepositEvent](7, "Deposit"),
		runtime.Event[UpdateBeneficiaryEvent](8, "UpdateBeneficiary"),
		runtime.Event[UpdateEndPointEvent](9, "UpdateEndPoint"),
		runtime.Event[ReceiveEvent](10, "Receive"),
		runtime.Event[MinerExitPrepEvent](11, "MinerExitPrep"),
		runtime.Event[WithdrawEvent](12, "Withdraw"),
		runtime.Event[IncreaseDeclarationSpaceEvent](13, "IncreaseDeclarationSpace"),
		runtime.Event[DecreaseDeclarationSpaceEvent](14, "DecreaseDeclarationSpace"),
	),
	Errors: runtime.Errors("pallet_sminer::pallet::Error",
		ErrNotMiner, ErrAlreadyRegistered, ErrOverflow, ErrNotExisted, ErrLessThan24Hours,
		ErrConversion, ErrAlreadyFrozen, ErrNotPositiveState, ErrStorageLimitReached,
		ErrBoundedVec, ErrDataNotExist, ErrUnexpected, ErrVerifyTEESigFailed, ErrCount, ErrState,
		ErrBloomElemPush, ErrCollateralNotUp, ErrNotStakingAcc, ErrBugInvalid,
		ErrInsufficientStakingPeriod, ErrExceedingDeclarationSpace, ErrInsufficientReplaceable,
		ErrMalformedSignature, ErrNotSetWhite, ErrWrongOrigin, ErrExceedRelease,
		ErrUnableReduceDeclaration,
	),
	Constants: []runtime.ConstantItem{
		FaucetID, ItemLimit, OneDay, StakingLock, MaximumRelease,
		IdleFileSize, ExitLock, CoolingPeriod, FaucetValue,
	},
	OnInitialize: onInitialize,
	Genesis:      genesis,
}
