package storagehandler

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// MintTerritory leases GiBCount GiB for Days days as a new territory.
type MintTerritory struct {
	GiBCount      uint32              `scale:"gib_count" type:"u32"`
	TerritoryName types.TerritoryName `type:"TerrName"`
	Days          uint32              `type:"u32"`
}

// ExpandingTerritory adds GiBCount GiB for the rest of the lease.
type ExpandingTerritory struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
	GiBCount      uint32              `scale:"gib_count" type:"u32"`
}

// RenewalTerritory prolongs the lease by Days days.
type RenewalTerritory struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
	Days          uint32              `type:"u32"`
}

// ReactivateTerritory leases an expired territory again, empty.
type ReactivateTerritory struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
	Days          uint32              `type:"u32"`
}

// OtherReactivateTerritory leases another account's expired territory again;
// the signer pays.
type OtherReactivateTerritory struct {
	TargetAccount substrate.AccountID `scale:"target_acc" type:"AccountOf<T>"`
	TerritoryName types.TerritoryName `type:"TerrName"`
	Days          uint32              `type:"u32"`
}

// TerritoryConsignment puts an empty territory up for sale at Price planck.
type TerritoryConsignment struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
	Price         types.Balance       `type:"BalanceOf<T>"`
}

// BuyConsignment reserves the price; the territory changes hands LockingBlock
// blocks later and is then called Rename.
type BuyConsignment struct {
	Token  TokenID             `type:"TokenId"`
	Rename types.TerritoryName `type:"TerrName"`
}

// ExecConsignment completes a sale; root, sent by the scheduler.
type ExecConsignment struct {
	Token         TokenID             `type:"TokenId"`
	TerritoryName types.TerritoryName `type:"TerrName"`
}

// CancelConsignment withdraws a territory from sale.
type CancelConsignment struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
}

// CancelPurchaseAction calls a purchase off before it is completed.
type CancelPurchaseAction struct {
	Token TokenID `type:"TokenId"`
}

// TerritoryGrants gives an empty territory away; it is then called by its
// token bytes.
type TerritoryGrants struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
	Receiver      substrate.AccountID `type:"AccountOf<T>"`
}

// TerritoryRename renames an empty territory.
type TerritoryRename struct {
	OldName types.TerritoryName `type:"TerrName"`
	NewName types.TerritoryName `type:"TerrName"`
}

// UpdatePrice sets the price to 30 tokens; root.
type UpdatePrice struct{}

// UpdateUserTerritoryLife moves a lease's deadline; root.
type UpdateUserTerritoryLife struct {
	User          substrate.AccountID `type:"AccountOf<T>"`
	TerritoryName types.TerritoryName `scale:"terr_name" type:"TerrName"`
	Deadline      types.BlockNumber   `type:"BlockNumberFor<T>"`
}

// UpdateExpiredExec moves an entry of the expiry agenda; root.
type UpdateExpiredExec struct {
	OldBlock types.BlockNumber `type:"BlockNumberFor<T>"`
	NewBlock types.BlockNumber `type:"BlockNumberFor<T>"`
	Token    TokenID           `type:"TokenId"`
}

// CreateOrder asks anybody to pay for a territory of TargetAccount. Expired
// counts units of 6 blocks.
type CreateOrder struct {
	TargetAccount substrate.AccountID `scale:"target_acc" type:"AccountOf<T>"`
	TerritoryName types.TerritoryName `type:"TerrName"`
	OrderType     OrderType           `type:"OrderType"`
	GiBCount      uint32              `scale:"gib_count" type:"u32"`
	Days          uint32              `type:"u32"`
	Expired       uint32              `type:"u32"`
}

// ExecOrder pays for an order.
type ExecOrder struct {
	OrderID OrderID `type:"BoundedVec<u8, ConstU32<32>>"`
}

// ClearServiceSpace sets the total of service space to 0; root.
type ClearServiceSpace struct{}

// DefineUpdatePrice sets the price of one GiB for one day, in planck; root.
type DefineUpdatePrice struct {
	Price types.Balance `type:"u128"`
}

// FixTerritorySpaceForReactivate makes all of a territory's space available;
// root.
type FixTerritorySpaceForReactivate struct {
	Account       substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	TerritoryName types.TerritoryName `scale:"tname" type:"TerrName"`
}
