package filebank

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// UploadDeclarationEvent reports a declared upload, or a new owner of a file
// that is stored already.
type UploadDeclarationEvent struct {
	Operator substrate.AccountID `type:"AccountOf<T>"`
	Owner    substrate.AccountID `type:"AccountOf<T>"`
	DealHash types.Hash          `type:"Hash"`
}

// TransferReportEvent reports a miner that stored its column of a deal.
type TransferReportEvent struct {
	Account  substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	DealHash types.Hash          `type:"Hash"`
}

// DeleteFileEvent reports a file that its owner gave up.
type DeleteFileEvent struct {
	Operator substrate.AccountID `type:"AccountOf<T>"`
	Owner    substrate.AccountID `type:"AccountOf<T>"`
	FileHash types.Hash          `type:"Hash"`
}

// ReplaceFillerEvent is part of the wire shape; never emitted.
type ReplaceFillerEvent struct {
	Account    substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	FillerList []types.Hash        `type:"Vec<Hash>"`
}

// IdleSpaceCertEvent reports idle space, in bytes, that a miner certified.
type IdleSpaceCertEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Space   scale.U128          `type:"u128"`
}

// ReplaceIdleSpaceEvent reports idle space, in bytes, that a miner gave up
// for service data.
type ReplaceIdleSpaceEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Space   scale.U128          `type:"u128"`
}

// GenerateRestoralOrderEvent reports a fragment that its miner lost.
type GenerateRestoralOrderEvent struct {
	Miner        substrate.AccountID `type:"AccountOf<T>"`
	FragmentHash types.Hash          `type:"Hash"`
}

// ClaimRestoralOrderEvent reports a miner that will restore a fragment.
type ClaimRestoralOrderEvent struct {
	Miner   substrate.AccountID `type:"AccountOf<T>"`
	OrderID types.Hash          `type:"Hash"`
}

// RecoveryCompletedEvent reports a restored fragment.
type RecoveryCompletedEvent struct {
	Miner   substrate.AccountID `type:"AccountOf<T>"`
	OrderID types.Hash          `type:"Hash"`
}

// StorageCompletedEvent reports a deal that became a file.
type StorageCompletedEvent struct {
	FileHash types.Hash `type:"Hash"`
}

// CalculateReportEvent reports tags computed for a miner's fragments of a
// file.
type CalculateReportEvent struct {
	Miner    substrate.AccountID `type:"AccountOf<T>"`
	FileHash types.Hash          `type:"Hash"`
}

// TerritoryFileDeliveryEvent reports a file that moved to another territory
// of its owner.
type TerritoryFileDeliveryEvent struct {
	FileHash     types.Hash          `type:"Hash"`
	NewTerritory types.TerritoryName `type:"TerrName"`
}
