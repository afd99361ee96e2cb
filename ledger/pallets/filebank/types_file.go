package filebank

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// File is a complete file.
type File struct {
	SegmentList scale.BoundedVec[Segment, SegmentBound] `type:"BoundedVec<SegmentInfo<T>, T::SegmentCount>"`
	Owner       scale.BoundedVec[UserBrief, OwnerBound] `type:"BoundedVec<UserBrief<T>, T::OwnerLimit>"` // never empty
	FileSize    scale.U128                              `type:"u128"`                                    // bytes that the user sees
	Completion  types.BlockNumber                       `type:"BlockNumberFor<T>"`                       // block of the last transfer report
	State       FileState                               `scale:"stat" type:"FileState"`
}

func (File) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_file_bank::types::FileInfo", Params: []scale.Param{{Name: "T"}}}
}

// Segment is one 32 MiB segment of a file.
type Segment struct {
	Hash         types.Hash                                `type:"Hash"`
	FragmentList scale.BoundedVec[Fragment, FragmentBound] `type:"BoundedVec<FragmentInfo<T>, T::FragmentCount>"`
}

func (Segment) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_file_bank::types::SegmentInfo", Params: []scale.Param{{Name: "T"}}}
}

// Fragment is one 8 MiB fragment and the miner that stores it.
type Fragment struct {
	Hash  types.Hash                      `type:"Hash"`
	Avail bool                            `type:"bool"`                      // false while a restoral order is open
	Tag   scale.Option[types.BlockNumber] `type:"Option<BlockNumberFor<T>>"` // block of the tag report; none before it
	Miner substrate.AccountID             `type:"AccountOf<T>"`
}

func (Fragment) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_file_bank::types::FragmentInfo", Params: []scale.Param{{Name: "T"}}}
}

// FileState is the state of a file. Only FileActive is ever written.
type FileState uint8

// The file states.
const (
	FileActive    FileState = 0
	FileCalculate FileState = 1
	FileMissing   FileState = 2
	FileRecovery  FileState = 3
)

func (FileState) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_file_bank::types::FileState", Variants: []scale.VariantInfo{
		{Index: 0, Name: "Active"},
		{Index: 1, Name: "Calculate"},
		{Index: 2, Name: "Missing"},
		{Index: 3, Name: "Recovery"},
	}}
}

// UserFile is one file in a user's list.
type UserFile struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
	FileHash      types.Hash          `type:"Hash"`
	FileSize      scale.U128          `type:"u128"` // footprint in bytes, not the user's size
}

func (UserFile) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_file_bank::types::UserFileSliceInfo"}
}

// RestoralOrder is a fragment that waits for another miner to restore it.
type RestoralOrder struct {
	Count        uint32              `type:"u32"`          // claims so far
	Miner        substrate.AccountID `type:"AccountOf<T>"` // claimant; the origin miner before the first claim
	OriginMiner  substrate.AccountID `type:"AccountOf<T>"`
	FragmentHash types.Hash          `type:"Hash"`
	FileHash     types.Hash          `type:"Hash"`
	GenBlock     types.BlockNumber   `type:"BlockNumberFor<T>"`
	Deadline     types.BlockNumber   `type:"BlockNumberFor<T>"` // 0 before the first claim
}

func (RestoralOrder) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_file_bank::types::RestoralOrderInfo", Params: []scale.Param{{Name: "T"}}}
}
