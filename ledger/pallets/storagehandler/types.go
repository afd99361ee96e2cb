package storagehandler

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Territory is a leased space. TotalSpace is the sum of the other three; all
// are in bytes.
type Territory struct {
	Token          TokenID           `type:"TokenId"`
	TotalSpace     scale.U128        `type:"u128"`
	UsedSpace      scale.U128        `type:"u128"`
	LockedSpace    scale.U128        `type:"u128"`
	RemainingSpace scale.U128        `type:"u128"`
	Start          types.BlockNumber `type:"BlockNumberFor<T>"`
	Deadline       types.BlockNumber `type:"BlockNumberFor<T>"` // first block of the frozen state
	State          TerritoryState    `type:"TerritoryState"`
}

func (Territory) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_storage_handler::types::TerritoryInfo", Params: []scale.Param{{Name: "T"}}}
}

// TerritoryState is the state of a lease.
type TerritoryState uint8

// The lease states (spec/pallets-storage.md §3.4).
const (
	TerritoryActive        TerritoryState = 0 // usable
	TerritoryFrozen        TerritoryState = 1 // past its deadline, can be renewed
	TerritoryExpired       TerritoryState = 2 // its files are removed, can be reactivated
	TerritoryOnConsignment TerritoryState = 3 // empty and for sale
)

func (TerritoryState) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_storage_handler::types::TerritoryState", Variants: []scale.VariantInfo{
		{Index: 0, Name: "Active"},
		{Index: 1, Name: "Frozen"},
		{Index: 2, Name: "Expired"},
		{Index: 3, Name: "OnConsignment"},
	}}
}

// Consignment is a territory for sale. Locked, Buyer and ExecBlock go
// together: a buyer has the price reserved and a task is scheduled.
type Consignment struct {
	User      substrate.AccountID               `type:"AccountOf<T>"` // seller
	Price     types.Balance                     `type:"BalanceOf<T>"` // planck
	Buyer     scale.Option[substrate.AccountID] `scale:"buyers" type:"Option<AccountOf<T>>"`
	ExecBlock scale.Option[types.BlockNumber]   `scale:"exec" type:"Option<BlockNumberFor<T>>"`
	Locked    bool                              `type:"bool"`
}

func (Consignment) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_storage_handler::types::ConsignmentInfo", Params: []scale.Param{{Name: "T"}}}
}

// Order is a request that somebody else may pay for.
type Order struct {
	TerritoryName types.TerritoryName `type:"TerrName"`
	Pay           types.Balance       `type:"BalanceOf<T>"` // planck
	GiBCount      uint32              `scale:"gib_count" type:"u32"`
	Days          uint32              `type:"u32"`
	Expires       types.BlockNumber   `scale:"expired" type:"BlockNumberFor<T>"` // last block is the one before
	TargetAccount substrate.AccountID `scale:"target_acc" type:"AccountOf<T>"`
	OrderType     OrderType           `type:"OrderType"`
}

func (Order) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_storage_handler::types::OrderInfo", Params: []scale.Param{{Name: "T"}}}
}

// OrderType says what an order buys.
type OrderType uint8

// The order types.
const (
	OrderBuy       OrderType = 0 // a new territory
	OrderExpansion OrderType = 1 // more space
	OrderRenewal   OrderType = 2 // more time
)

func (OrderType) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_storage_handler::types::OrderType", Variants: []scale.VariantInfo{
		{Index: 0, Name: "Buy"},
		{Index: 1, Name: "Expansion"},
		{Index: 2, Name: "Renewal"},
	}}
}

// TokenID identifies a territory while it changes name and owner.
type TokenID = substrate.H256

// OrderID identifies a payment order: 32 random bytes.
type OrderID = scale.BoundedVec[byte, OrderIDBound]

// OrderIDBound is the bound of an OrderID.
type OrderIDBound struct{}

func (OrderIDBound) Max() int { return 32 }

// TerritoryRef names a territory.
type TerritoryRef struct {
	Owner substrate.AccountID
	Name  types.TerritoryName
}
