package filebank

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// UploadDeclaration declares an upload into a territory; if the file is
// stored already, the user becomes an owner at once.
type UploadDeclaration struct {
	FileHash  types.Hash                                  `type:"Hash"`
	DealInfo  scale.BoundedVec[SegmentList, SegmentBound] `type:"BoundedVec<SegmentList<T>, T::SegmentCount>"`
	UserBrief UserBrief                                   `type:"UserBrief<T>"`
	FileSize  scale.U128                                  `type:"u128"`
}

// TerritoryFileDelivery moves a file to another territory of the user.
type TerritoryFileDelivery struct {
	User            substrate.AccountID `type:"AccountOf<T>"`
	FileHash        types.Hash          `type:"Hash"`
	TargetTerritory types.TerritoryName `type:"TerrName"`
}

// TransferReport reports that the signing miner stores column Index, 1 to 12,
// of every segment of a deal.
type TransferReport struct {
	Index    uint8      `type:"u8"`
	DealHash types.Hash `type:"Hash"`
}

// DeleteFile gives up the owner's copies of a file.
type DeleteFile struct {
	Owner    substrate.AccountID `type:"AccountOf<T>"`
	FileHash types.Hash          `type:"Hash"`
}

// RootClearFile is DeleteFile without permission check and event; root.
type RootClearFile struct {
	Owner    substrate.AccountID `type:"AccountOf<T>"`
	FileHash types.Hash          `type:"Hash"`
}
