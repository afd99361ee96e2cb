package filebank

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Deal is an upload that was declared and waits for its miners.
type Deal struct {
	FileSize     scale.U128                                    `type:"u128"` // bytes that the user sees
	SegmentList  scale.BoundedVec[SegmentList, SegmentBound]   `type:"BoundedVec<SegmentList<T>, T::SegmentCount>"`
	User         UserBrief                                     `type:"UserBrief<T>"`
	CompleteList scale.BoundedVec[CompleteInfo, FragmentBound] `type:"BoundedVec<CompleteInfo<T>, T::FragmentCount>"` // distinct indices and miners; 12 complete the deal
}

func (Deal) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_file_bank::types::DealInfo", Params: []scale.Param{{Name: "T"}}}
}

// SegmentList is one segment of an upload declaration: its hash and those of
// its fragments, in column order.
type SegmentList struct {
	Hash         types.Hash                                  `type:"Hash"`
	FragmentList scale.BoundedVec[types.Hash, FragmentBound] `type:"BoundedVec<Hash,<T as pallet::Config>::FragmentCount>"`
}

func (SegmentList) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_file_bank::types::SegmentList", Params: []scale.Param{{Name: "T"}}}
}

// UserBrief says who owns a file, under which name, in which territory.
type UserBrief struct {
	User          substrate.AccountID `type:"AccountOf<T>"`
	FileName      FileName            `type:"BoundedVec<u8, T::NameStrLimit>"`
	TerritoryName types.TerritoryName `type:"TerrName"`
}

func (UserBrief) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_file_bank::types::UserBrief", Params: []scale.Param{{Name: "T"}}}
}

// CompleteInfo records the miner that stores one column of a deal: fragment
// Index of every segment.
type CompleteInfo struct {
	Index uint8               `type:"u8"` // 1 to 12
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

func (CompleteInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_file_bank::types::CompleteInfo", Params: []scale.Param{{Name: "T"}}}
}
