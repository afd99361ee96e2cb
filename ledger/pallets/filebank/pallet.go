// Package filebank is the registry of stored files: storage deals that are
// not complete yet, files with the miner of every fragment, the files of each
// user, and the clean-up of expired territories. Miners report here what they
// keep: tags of fragments, idle space that came or went, fragments that they
// lost or restored.
package filebank

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "FileBank"
	index = 104
)

// Storage (spec/pallets-storage.md §2.1).
var (
	// Deals are the declared uploads that miners have not completed, by fid.
	// Each keeps its footprint locked in the user's territory and, per
	// reporting miner, its column locked in the miner's space.
	Deals = runtime.NewOptionalMap[types.Hash, Deal](name, "DealMap", runtime.Blake2_128Concat)

	// Files are the complete files, by fid.
	Files = runtime.NewOptionalMap[types.Hash, File](name, "File", runtime.Blake2_128Concat)

	// UserFiles are the files of a user in order of arrival, one record per
	// file and territory.
	UserFiles = runtime.NewMap[substrate.AccountID, scale.BoundedVec[UserFile, UserFileBound]](
		name, "UserHoldFileList", runtime.Blake2_128Concat)

	// RestoralOrders are the open recovery orders, by fragment hash.
	RestoralOrders = runtime.NewOptionalMap[types.Hash, RestoralOrder](
		name, "RestoralOrder", runtime.Blake2_128Concat)

	// ClearUserList queues the territories whose files the hook removes
	// (spec/pallets-storage.md §12 B5).
	ClearUserList = runtime.NewValue[scale.BoundedVec[ExpiredTerritory, ClearUserBound]](
		name, "ClearUserList")

	// TaskFailedCount is part of the wire shape; nothing reads or writes it.
	TaskFailedCount = runtime.NewMap[substrate.AccountID, uint8](
		name, "TaskFailedCount", runtime.Blake2_128Concat)

	// storageVersion is upstream's; metadata never lists it.
	storageVersion = runtime.NewValue[uint16](name, ":__STORAGE_VERSION__:")
)

// Constants (spec/pallets-storage.md §2.2). A chain spec that changes one
// does not move the bounds in bounds.go.
var (
	PalletID          = runtime.NewConstant(name, "FilbakPalletId", types.RewardPot)            // salt of randomness only
	UserFileLimit     = runtime.NewConstant[uint32](name, "UserFileLimit", maxUserFiles)        // files per user
	OneDay            = runtime.NewConstant[types.BlockNumber](name, "OneDay", 14_400)          // blocks
	NameStrLimit      = runtime.NewConstant[uint32](name, "NameStrLimit", maxFileName)          // bytes of a file name
	NameMinLength     = runtime.NewConstant[uint32](name, "NameMinLength", 3)                   // bytes of a file name
	SegmentCount      = runtime.NewConstant[uint32](name, "SegmentCount", maxSegments)          // segments per file
	FragmentCount     = runtime.NewConstant[uint32](name, "FragmentCount", types.FragmentCount) // fragments per segment
	OwnerLimit        = runtime.NewConstant[uint32](name, "OwnerLimit", maxOwners)              // owners per file
	RestoralOrderLife = runtime.NewConstant[types.BlockNumber](name, "RestoralOrderLife", 250)  // blocks
	MissionCount      = runtime.NewConstant[uint32](name, "MissionCount", 12_000)               // unused
)

// Parameters, which upstream does not have or compiles in.
var (
	// DealLife is the time, in blocks, that miners have to report a deal.
	DealLife = runtime.NewParameter[types.BlockNumber](name, "DealLife", 100_800)
	// CheckFID makes declarations prove that the name of a file follows from
	// its segments, and that those can hold its size.
	CheckFID = runtime.NewParameter(name, "CheckFID", true)
	// ClearLimit is the number of files of expired territories that one block
	// removes at most.
	ClearLimit = runtime.NewParameter[uint32](name, "ClearLimit", 300)
)

// fileKeys is how many keys cost as much as the record of the largest file, of
// 12,000 fragments; a call does not know how large its file is.
const fileKeys = 40

// Pallet is the declaration page of FileBank: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		Deals,
		Files,
		UserFiles,
		RestoralOrders,
		ClearUserList,
		TaskFailedCount,
	},
	// Every twelfth report completes its deal; that work is spread over all.
	Calls: runtime.Calls("pallet_file_bank::pallet::Call",
		runtime.NewCall[UploadDeclaration](0, "upload_declaration", runtime.Work(5, 5)),
		runtime.NewCall[TerritoryFileDelivery](2, "territory_file_delivery", runtime.Work(5, 4)),
		runtime.NewCall[TransferReport](3, "transfer_report", runtime.Work(18, 7)),
		runtime.NewCall[CalculateReport](1, "calculate_report", runtime.Work(17+fileKeys, 8+fileKeys)),
		runtime.NewCall[ReplaceIdleSpace](5, "replace_idle_space", runtime.Work(12, 5)),
		runtime.NewCall[DeleteFile](6, "delete_file", runtime.Work(28, 16)),
		runtime.NewCall[CertIdleSpace](8, "cert_idle_space", runtime.Work(12, 5)),
		runtime.NewCall[GenerateRestoralOrder](13, "generate_restoral_order", runtime.Work(2+fileKeys, 2+fileKeys)),
		runtime.NewCall[ClaimRestoralOrder](14, "claim_restoral_order", runtime.Work(8+fileKeys, 6)),
		runtime.NewCall[ClaimRestoralNoexistOrder](15, "claim_restoral_noexist_order", runtime.Work(8+fileKeys, 7+fileKeys)),
		runtime.NewCall[RestoralOrderComplete](16, "restoral_order_complete", runtime.Work(16+fileKeys, 12+fileKeys)),
		runtime.NewCall[RootClearFile](22, "root_clear_file", runtime.Work(27, 16)),
	),
	Events: runtime.Events("pallet_file_bank::pallet::Event",
		runtime.Event[UploadDeclarationEvent](0, "UploadDeclaration"),
		runtime.Event[TransferReportEvent](1, "TransferReport"),
		runtime.Event[DeleteFileEvent](2, "DeleteFile"),
		runtime.Event[ReplaceFillerEvent](3, "ReplaceFiller"),
		runtime.Event[IdleSpaceCertEvent](4, "IdleSpaceCert"),
		runtime.Event[ReplaceIdleSpaceEvent](5, "ReplaceIdleSpace"),
		runtime.Event[GenerateRestoralOrderEvent](6, "GenerateRestoralOrder"),
		runtime.Event[ClaimRestoralOrderEvent](7, "ClaimRestoralOrder"),
		runtime.Event[RecoveryCompletedEvent](8, "RecoveryCompleted"),
		runtime.Event[StorageCompletedEvent](9, "StorageCompleted"),
		runtime.Event[CalculateReportEvent](10, "CalculateReport"),
		runtime.Event[TerritoryFileDeliveryEvent](11, "TerritoryFileDelivery"),
	),
	Errors: runtime.Errors("pallet_file_bank::pallet::Error",
		ErrExisted, ErrFileExistent, ErrFileNonExistent, ErrOverflow, ErrNotOwner,
		ErrScheduleNonExistent, ErrBoundedVec, ErrStorageLimitReached, ErrMinerPowerInsufficient,
		ErrNotEmpty, ErrLocked, ErrLengthExceedsLimit, ErrBugInvalid, ErrConvertHash,
		ErrNoPermission, ErrNonExistent, ErrUnexpected, ErrLessMinLength, ErrUnprepared,
		ErrIsOwned, ErrSpec, ErrPanicOverflow, ErrInsufficientAvailableSpace, ErrCalculate,
		ErrMinerState, ErrExpired, ErrVerifyTEESigFailed, ErrTEENoPermission, ErrDigest,
		ErrMalformedSignature, ErrMiner, ErrRulesNotAllowed, ErrNotActive,
	),
	Constants: []runtime.ConstantItem{
		PalletID, UserFileLimit, OneDay, NameStrLimit, NameMinLength, SegmentCount,
		FragmentCount, OwnerLimit, RestoralOrderLife, MissionCount,
		DealLife, CheckFID, ClearLimit,
	},
	OnInitialize: onInitialize,
	Genesis:      genesis,
}
