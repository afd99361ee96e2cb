// Package teeworker is the register of TEE workers, of the programs they may
// run, and of the master key that they share: who launched it, who hands it to
// whom, and which older keys still count. Audit, FileBank and Sminer check the
// workers' signatures through it. The shapes are revision R137's
// (spec/pallets-mining.md §4).
package teeworker

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "TeeWorker"
	index = 103
)

// Storage (spec/pallets-mining.md §3.1, §4.1).
var (
	// ValidationTypeList are the workers that verify, Full and Verifier, in
	// the order of registration. It must exist from genesis.
	ValidationTypeList = runtime.NewValue[scale.BoundedVec[types.WorkerPublicKey, WorkerBound]](
		name, "ValidationTypeList")

	// MasterKeyStatus says whether there is a master key and who holds it.
	MasterKeyStatus = runtime.NewValue(
		name, "MasterKeyStatus", runtime.Default(LaunchStatus(NotLaunched{})))

	// MasterKeyHistory are the master keys that were rolled, oldest first.
	// Their signatures stay valid.
	MasterKeyHistory = runtime.NewValue[[]MasterKeyInfo](name, "MasterKeyHistory")

	// MasterKeyPostation is where a worker that applied for the master key
	// finds it, encrypted to its ECDH key: nothing until the distributor
	// delivers, then for three more blocks the delivery.
	MasterKeyPostation = runtime.NewOptionalMap[types.WorkerPublicKey, scale.Option[Delivery]](
		name, "MasterKeyPostation", runtime.Twox64Concat)

	// MasterKeyDistributeNotify tells a distributor who waits for the key.
	MasterKeyDistributeNotify = runtime.NewOptionalMap[types.WorkerPublicKey, types.WorkerPublicKey](
		name, "MasterKeyDistributeNotify", runtime.Twox64Concat)

	// Workers are all registered workers.
	Workers = runtime.NewCountedMap[types.WorkerPublicKey, Worker](
		name, "Workers", runtime.Twox64Concat)

	// WorkerAddedAt is the block of a worker's first registration.
	WorkerAddedAt = runtime.NewOptionalMap[types.WorkerPublicKey, types.BlockNumber](
		name, "WorkerAddedAt", runtime.Twox64Concat)

	// CesealBinAllowList are the measurements of the programs that workers may
	// run.
	CesealBinAllowList = runtime.NewValue[[]substrate.H256](name, "CesealBinAllowList")

	// CesealBinAddedAt is the block at which a program was allowed.
	CesealBinAddedAt = runtime.NewOptionalMap[substrate.H256, types.BlockNumber](
		name, "CesealBinAddedAt", runtime.Twox64Concat)

	// Endpoints is where a worker is reached: host:port or a URL.
	Endpoints = runtime.NewOptionalMap[types.WorkerPublicKey, string](
		name, "Endpoints", runtime.Twox64Concat)

	// LastWork is the block at which a result of the worker was accepted last.
	LastWork = runtime.NewMap[types.WorkerPublicKey, types.BlockNumber](
		name, "LastWork", runtime.Twox64Concat)

	// MinimumCesealVersion is the version that workers compare their own with;
	// the chain itself does not.
	MinimumCesealVersion = runtime.NewValue[Version](name, "MinimumCesealVersion")

	// NoneAttestationEnabled lets workers register without evidence: chains
	// for development only.
	NoneAttestationEnabled = runtime.NewValue[bool](name, "NoneAttestationEnabled")

	// CesealVerifyRequired admits only programs of CesealBinAllowList.
	CesealVerifyRequired = runtime.NewValue[bool](name, "CesealVerifyRequired")
)

// Bookkeeping of ours, beside upstream's storage and not in metadata.
var (
	// applied is the signing time of a worker's last application for the
	// master key, in Unix seconds: an older one is a replay.
	applied = runtime.NewMap[types.WorkerPublicKey, uint64](name, "AppliedAt", runtime.Twox64Concat)

	// keyHolders are the workers known to hold a master key, with the newest
	// one that they hold: only they can hand it on.
	keyHolders = runtime.NewOptionalMap[types.WorkerPublicKey, types.WorkerPublicKey](
		name, "KeyHolders", runtime.Twox64Concat)

	// registrars are the accounts that registered workers without evidence;
	// they and the stashes alone may change those.
	registrars = runtime.NewOptionalMap[types.WorkerPublicKey, substrate.AccountID](
		name, "Registrars", runtime.Twox64Concat)

	// delivered are the workers to which the master key was sent in a block.
	delivered = runtime.NewMap[types.BlockNumber, []types.WorkerPublicKey](
		name, "DeliveredAt", runtime.Twox64Concat)

	// sweep is where the search for idle workers goes on in the next block;
	// absent between searches.
	sweep = runtime.NewOptionalValue[[]byte](name, "SweepCursor")
)

// Constants (spec/pallets-mining.md §3.1).
var (
	PalletID         = runtime.NewConstant(name, "TeeWorkerPalletId", types.TEEWorkerPot) // salts randomness
	SchedulerMaximum = runtime.NewConstant[uint32](name, "SchedulerMaximum", maxWorkers)  // length of ValidationTypeList
	MaxWhitelist     = runtime.NewConstant[uint32](name, "MaxWhitelist", 200)             // programs
	AtLeastWorkBlock = runtime.NewConstant[types.BlockNumber](name, "AtLeastWorkBlock", 7200)

	// SweepStep is how many workers one block looks at while idle ones are
	// cleared.
	SweepStep = runtime.NewParameter[uint32](name, "SweepStep", 100)
)

// Pallet is the declaration page of TeeWorker: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		ValidationTypeList,
		MasterKeyStatus,
		MasterKeyHistory,
		MasterKeyPostation,
		MasterKeyDistributeNotify,
		Workers,
		Workers.Counter,
		WorkerAddedAt,
		CesealBinAllowList,
		CesealBinAddedAt,
		Endpoints,
		LastWork,
		MinimumCesealVersion,
		NoneAttestationEnabled,
		CesealVerifyRequired,
	},
	Calls: runtime.Calls("pallet_tee_worker::pallet::Call",
		runtime.NewCall[RegisterWorker](1, "register_worker", runtime.Work(6, 7)),
		runtime.NewCall[LaunchMasterKey](2, "launch_master_key", runtime.Work(3, 2)),
		runtime.NewCall[ChangeMasterKeyHolder](3, "change_master_key_holder", runtime.Work(2, 2)),
		runtime.NewCall[SettleMasterKeyLaunch](4, "settle_master_key_launch", runtime.Work(20, 40)),
		runtime.NewCall[ApplyMasterKey](5, "apply_master_key", runtime.Work(200, 6)),
		runtime.NewCall[DistributeMasterKey](6, "distribute_master_key", runtime.Work(5, 4)),
		runtime.NewCall[AddCeseal](7, "add_ceseal", runtime.Work(1, 2)),
		runtime.NewCall[RemoveCeseal](8, "remove_ceseal", runtime.Work(1, 2)),
		runtime.NewCall[SetMinimumCesealVersion](9, "set_minimum_ceseal_version", runtime.Work(0, 1)),
		runtime.NewCall[SetNoneAttestationEnabled](10, "set_none_attestation_enabled", runtime.Work(0, 1)),
		runtime.NewCall[SetCesealVerifyRequired](11, "set_ceseal_verify_required", runtime.Work(0, 1)),
		runtime.NewCall[MigrationLastWork](114, "migration_last_work", runtime.Work(maxWorkers, maxWorkers)),
		runtime.NewCall[PatchClearInvalidTEE](115, "patch_clear_invalid_tee", runtime.Work(0, 1)),
		runtime.NewCall[PatchClearNotWorkTEE](116, "patch_clear_not_work_tee", runtime.Work(maxWorkers, 100)),
		runtime.NewCall[ForceClearTEE](117, "force_clear_tee", runtime.Work(4, 9)),
		runtime.NewCall[ForceRegisterWorker](118, "force_register_worker", runtime.Work(2, 4)),
	),
	Events: runtime.Events("pallet_tee_worker::pallet::Event",
		runtime.Event[MasterKeyLaunchingEvent](0, "MasterKeyLaunching"),
		runtime.Event[MasterKeyLaunchedEvent](1, "MasterKeyLaunched"),
		runtime.Event[MasterKeyApplyingEvent](2, "MasterKeyAppling"),
		runtime.Event[MasterKeySubmittedEvent](3, "MasterKeySubmitted"),
		runtime.Event[MasterKeyHolderChangedEvent](4, "MasterKeyHolderChanged"),
		runtime.Event[WorkerAddedEvent](5, "WorkerAdded"),
		runtime.Event[WorkerUpdatedEvent](6, "WorkerUpdated"),
		runtime.Event[ClearInvalidTEEEvent](7, "ClearInvalidTee"),
		runtime.Event[MinimumCesealVersionChangedToEvent](8, "MinimumCesealVersionChangedTo"),
		runtime.Event[CesealBinAddedEvent](9, "CesealBinAdded"),
		runtime.Event[CesealBinRemovedEvent](10, "CesealBinRemoved"),
	),
	Errors: runtime.Errors("pallet_tee_worker::pallet::Error", errorList...),
	Constants: []runtime.ConstantItem{
		PalletID, SchedulerMaximum, MaxWhitelist, AtLeastWorkBlock, SweepStep,
	},
	OnInitialize: onInitialize,
	Genesis:      genesis,
}
