// Package system keeps the chain's own books: accounts and their nonces,
// block numbers and hashes, the events and the weight of the block that runs.
// Its storage is what every client reads first: `System.Account` for balances
// and nonces, `System.Events` for the outcome of extrinsics (spec/wire.md
// §2.3, §2.4).
package system

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "System"
	index = 0
)

// Storage.
var (
	// Accounts holds nonce, reference counts and native balance of every
	// account that exists.
	Accounts = runtime.NewMap[substrate.AccountID, AccountInfo](
		name, "Account", runtime.Blake2_128Concat, runtime.Default(AccountInfo{Data: DefaultAccountData}))

	// ExtrinsicCount is the number of extrinsics applied so far; absent
	// between blocks.
	ExtrinsicCount = runtime.NewOptionalValue[uint32](name, "ExtrinsicCount")

	// InherentsApplied says that the inherents of the running block are
	// through.
	InherentsApplied = runtime.NewValue[bool](name, "InherentsApplied")

	// BlockWeight is the weight that the block has used, per dispatch class.
	BlockWeight = runtime.NewValue[substrate.PerDispatchClass[substrate.Weight]](name, "BlockWeight")

	// AllExtrinsicsLen is the encoded size in bytes of the extrinsics applied
	// so far; absent between blocks.
	AllExtrinsicsLen = runtime.NewOptionalValue[uint32](name, "AllExtrinsicsLen")

	// BlockHashes maps the last BlockHashCount block numbers, and genesis, to
	// block hashes.
	BlockHashes = runtime.NewMap[types.BlockNumber, substrate.H256](
		name, "BlockHash", runtime.Twox64Concat)

	// ExtrinsicData holds the encoded extrinsics of the running block by
	// position; empty between blocks.
	ExtrinsicData = runtime.NewMap[uint32, []byte](name, "ExtrinsicData", runtime.Twox64Concat)

	// Number is the height of the running block.
	Number = runtime.NewValue[types.BlockNumber](name, "Number")

	// ParentHash is the hash of the block before the running one.
	ParentHash = runtime.NewValue[substrate.H256](name, "ParentHash")

	// Digest is the digest of the running block without the seal.
	Digest = runtime.NewValue[substrate.Digest](name, "Digest")

	// Events are the events of the running block. The list is replaced with
	// every block; history is read at a block hash.
	Events = runtime.NewValue[[]EventRecord](name, "Events")

	// EventCount is the length of Events.
	EventCount = runtime.NewValue[uint32](name, "EventCount")

	// EventTopics finds the places of events by topic.
	EventTopics = runtime.NewMap[substrate.H256, []EventPlace](
		name, "EventTopics", runtime.Blake2_128Concat)

	// LastRuntimeUpgrade is the runtime that last ran its migrations.
	LastRuntimeUpgrade = runtime.NewOptionalValue[RuntimeUpgrade](name, "LastRuntimeUpgrade")

	// UpgradedToU32RefCount marks account records as migrated; true from
	// genesis.
	UpgradedToU32RefCount = runtime.NewValue[bool](name, "UpgradedToU32RefCount")

	// UpgradedToTripleRefCount marks account records as migrated; true from
	// genesis.
	UpgradedToTripleRefCount = runtime.NewValue[bool](name, "UpgradedToTripleRefCount")

	// ExecutionPhase is the phase that events of the moment belong to; absent
	// between blocks.
	ExecutionPhase = runtime.NewOptionalValue[substrate.Phase](name, "ExecutionPhase")

	// AuthorizedUpgrade is the code hash that may be applied next, if any.
	AuthorizedUpgrade = runtime.NewOptionalValue[CodeUpgradeAuthorization](name, "AuthorizedUpgrade")
)

// Constants, with the values of the reference network.
var (
	BlockWeights   = runtime.NewConstant(name, "BlockWeights", defaultWeights) // limits per dispatch class
	BlockLength    = runtime.NewConstant(name, "BlockLength", defaultLength)   // bytes per dispatch class
	BlockHashCount = runtime.NewConstant[uint32](name, "BlockHashCount", 2400) // blocks whose hash stays readable; also the longest mortal era
	DBWeight       = runtime.NewConstant(name, "DbWeight", defaultDBWeight)    // ref_time of one storage access
	Version        = runtime.NewConstant(name, "Version", defaultVersion)      // equals state_getRuntimeVersion
	SS58Prefix     = runtime.NewConstant[uint16](name, "SS58Prefix", 11_330)   // address prefix of CESS
)

// Pallet is the declaration page of System: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		Accounts,
		ExtrinsicCount,
		InherentsApplied,
		BlockWeight,
		AllExtrinsicsLen,
		BlockHashes,
		ExtrinsicData,
		Number,
		ParentHash,
		Digest,
		Events,
		EventCount,
		EventTopics,
		LastRuntimeUpgrade,
		UpgradedToU32RefCount,
		UpgradedToTripleRefCount,
		ExecutionPhase,
		AuthorizedUpgrade,
	},
	Calls: runtime.Calls("frame_system::pallet::Call",
		runtime.NewCall[Remark](0, "remark", runtime.Work(0, 0)),
		runtime.NewCall[SetHeapPages](1, "set_heap_pages", runtime.Work(1, 1)),
		runtime.NewCall[SetCode](2, "set_code", runtime.Work(1, 1)),
		runtime.NewCall[SetCodeWithoutChecks](3, "set_code_without_checks", runtime.Work(1, 1)),
		runtime.NewCall[SetStorage](4, "set_storage", runtime.Work(1, 1)),
		runtime.NewCall[KillStorage](5, "kill_storage", runtime.Work(1, 1)),
		runtime.NewCall[KillPrefix](6, "kill_prefix", runtime.Work(1, 1)),
		runtime.NewCall[RemarkWithEvent](7, "remark_with_event", runtime.Work(0, 0)),
		runtime.NewCall[AuthorizeUpgrade](9, "authorize_upgrade", runtime.Work(1, 1)),
		runtime.NewCall[AuthorizeUpgradeWithoutChecks](10, "authorize_upgrade_without_checks", runtime.Work(1, 1)),
		runtime.NewCall[ApplyAuthorizedUpgrade](11, "apply_authorized_upgrade", runtime.Work(1, 1)),
	),
	Events: runtime.Events("frame_system::pallet::Event",
		runtime.Event[ExtrinsicSuccessEvent](0, "ExtrinsicSuccess"),
		runtime.Event[ExtrinsicFailedEvent](1, "ExtrinsicFailed"),
		runtime.Event[CodeUpdatedEvent](2, "CodeUpdated"),
		runtime.Event[NewAccountEvent](3, "NewAccount"),
		runtime.Event[KilledAccountEvent](4, "KilledAccount"),
		runtime.Event[RemarkedEvent](5, "Remarked"),
		runtime.Event[UpgradeAuthorizedEvent](6, "UpgradeAuthorized"),
	),
	Errors: runtime.Errors("frame_system::pallet::Error",
		ErrInvalidSpecName, ErrSpecVersionNeedsToIncrease, ErrFailedToExtractRuntimeVersion,
		ErrNonDefaultComposite, ErrNonZeroRefCount, ErrCallFiltered,
		ErrMultiBlockMigrationsOngoing, ErrNothingAuthorized, ErrUnauthorized,
	),
	Constants: []runtime.ConstantItem{
		BlockWeights, BlockLength, BlockHashCount, DBWeight, Version, SS58Prefix,
	},
	Genesis: genesis,
}
