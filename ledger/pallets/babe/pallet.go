// Package babe keeps the authorities, slots, epochs and randomness under the
// names that BABE clients read. Consensus itself runs elsewhere: one block is
// one slot (spec/consensus.md §9).
package babe

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

const (
	name  = "Babe"
	index = 2
)

// Storage.
var (
	// EpochIndex is the number of the current epoch, from 0.
	EpochIndex = runtime.NewValue[uint64](name, "EpochIndex")

	// Authorities are the block authors of the current epoch and their
	// weights.
	Authorities = runtime.NewValue[AuthoritySet](name, "Authorities")

	// GenesisSlot is the slot of block 1; 0 before it.
	GenesisSlot = runtime.NewValue[Slot](name, "GenesisSlot")

	// CurrentSlot is the slot of the running block.
	CurrentSlot = runtime.NewValue[Slot](name, "CurrentSlot")

	// Randomness is the seed of the current epoch.
	Randomness = runtime.NewValue[[32]byte](name, "Randomness")

	// PendingEpochConfigChange is the configuration that the epoch after the
	// next will have, if it differs.
	PendingEpochConfigChange = runtime.NewOptionalValue[NextConfigDescriptor](
		name, "PendingEpochConfigChange")

	// NextRandomness is the seed of the next epoch.
	NextRandomness = runtime.NewValue[[32]byte](name, "NextRandomness")

	// NextAuthorities are the block authors of the next epoch and their
	// weights.
	NextAuthorities = runtime.NewValue[AuthoritySet](name, "NextAuthorities")

	// SegmentIndex is the last segment of UnderConstruction.
	SegmentIndex = runtime.NewValue[uint32](name, "SegmentIndex")

	// UnderConstruction collects the VRF outputs of the epoch, in segments.
	UnderConstruction = runtime.NewMap[uint32, scale.BoundedVec[[32]byte, SegmentBound]](
		name, "UnderConstruction", runtime.Twox64Concat)

	// Initialized is the pre-digest of the running block, absent between
	// blocks. The stored value is itself an option.
	Initialized = runtime.NewOptionalValue[scale.Option[PreDigest]](name, "Initialized")

	// AuthorVRFRandomness is the randomness of the last finished block:
	// inside block N that of block N−1 (spec/pallets-storage.md §0.5).
	AuthorVRFRandomness = runtime.NewValue[scale.Option[[32]byte]](name, "AuthorVrfRandomness")

	// EpochStart are the first blocks of the previous and the current epoch.
	EpochStart = runtime.NewValue[EpochStartBlocks](name, "EpochStart")

	// Lateness is how many blocks the running block came late.
	Lateness = runtime.NewValue[uint32](name, "Lateness")

	// EpochConfig is the configuration of the current epoch.
	EpochConfig = runtime.NewOptionalValue[EpochConfiguration](name, "EpochConfig")

	// NextEpochConfig is the configuration of the next epoch.
	NextEpochConfig = runtime.NewOptionalValue[EpochConfiguration](name, "NextEpochConfig")

	// SkippedEpochs maps epochs that began after a skip to their session.
	SkippedEpochs = runtime.NewValue[scale.BoundedVec[SkippedEpoch, SkippedEpochBound]](
		name, "SkippedEpochs")
)

// Constants, with the values of the reference network.
var (
	EpochDuration     = runtime.NewConstant[uint64](name, "EpochDuration", 600)      // slots
	ExpectedBlockTime = runtime.NewConstant[uint64](name, "ExpectedBlockTime", 6000) // ms
	MaxAuthorities    = runtime.NewConstant[uint32](name, "MaxAuthorities", maxAuthorities)
	MaxNominators     = runtime.NewConstant[uint32](name, "MaxNominators", 64) // exposure size that offence reports allow for
)

// Pallet is the declaration page of Babe: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		EpochIndex,
		Authorities,
		GenesisSlot,
		CurrentSlot,
		Randomness,
		PendingEpochConfigChange,
		NextRandomness,
		NextAuthorities,
		SegmentIndex,
		UnderConstruction,
		Initialized,
		AuthorVRFRandomness,
		EpochStart,
		Lateness,
		EpochConfig,
		NextEpochConfig,
		SkippedEpochs,
	},
	Calls: runtime.Calls("pallet_babe::pallet::Call",
		runtime.NewCall[ReportEquivocation](0, "report_equivocation", runtime.Work(2, 0)),
		runtime.NewCall[ReportEquivocationUnsigned](1, "report_equivocation_unsigned", runtime.Work(2, 0)),
		runtime.NewCall[PlanConfigChange](2, "plan_config_change", runtime.Work(0, 1)),
	),
	Errors: runtime.Errors("pallet_babe::pallet::Error",
		ErrInvalidEquivocationProof, ErrInvalidKeyOwnershipProof, ErrDuplicateOffenceReport,
		ErrInvalidConfiguration,
	),
	Constants: []runtime.ConstantItem{
		EpochDuration, ExpectedBlockTime, MaxAuthorities, MaxNominators,
	},
	OnInitialize: onInitialize,
	Genesis:      genesis,
}
