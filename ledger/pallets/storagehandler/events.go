package storagehandler

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// BuySpaceEvent is part of the wire shape; never emitted.
type BuySpaceEvent struct {
	Account         substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	StorageCapacity scale.U128          `type:"u128"`
	Spend           types.Balance       `type:"BalanceOf<T>"`
}

// ExpansionSpaceEvent is part of the wire shape; never emitted.
type ExpansionSpaceEvent struct {
	Account        substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	ExpansionSpace scale.U128          `type:"u128"`
	Fee            types.Balance       `type:"BalanceOf<T>"`
}

// RenewalSpaceEvent is part of the wire shape; never emitted.
type RenewalSpaceEvent struct {
	Account     substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	RenewalDays uint32              `type:"u32"`
	Fee         types.Balance       `type:"BalanceOf<T>"`
}

// LeaseExpiredEvent reports a lease that expired; upstream never emits it.
type LeaseExpiredEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Size    scale.U128          `type:"u128"`
}

// LeaseExpireIn24HoursEvent is part of the wire shape; never emitted.
type LeaseExpireIn24HoursEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Size    scale.U128          `type:"u128"`
}

// CreatePayOrderEvent reports a new order.
type CreatePayOrderEvent struct {
	OrderHash OrderID `type:"BoundedVec<u8, ConstU32<32>>"`
}

// PaidOrderEvent reports an order that was paid and done.
type PaidOrderEvent struct {
	OrderHash OrderID `type:"BoundedVec<u8, ConstU32<32>>"`
}

// MintTerritoryEvent reports a new territory.
type MintTerritoryEvent struct {
	Token           TokenID             `type:"TokenId"`
	Name            types.TerritoryName `type:"TerrName"`
	StorageCapacity scale.U128          `type:"u128"`
	Spend           types.Balance       `type:"BalanceOf<T>"`
}

// ExpansionTerritoryEvent reports a larger territory.
type ExpansionTerritoryEvent struct {
	Name           types.TerritoryName `type:"TerrName"`
	ExpansionSpace scale.U128          `type:"u128"`
	Spend          types.Balance       `type:"BalanceOf<T>"`
}

// RenewalTerritoryEvent reports a longer lease.
type RenewalTerritoryEvent struct {
	Name  types.TerritoryName `type:"TerrName"`
	Days  uint32              `type:"u32"`
	Spend types.Balance       `type:"BalanceOf<T>"`
}

// ReactivateTerritoryEvent reports an expired territory that was leased
// again.
type ReactivateTerritoryEvent struct {
	Name  types.TerritoryName `type:"TerrName"`
	Days  uint32              `type:"u32"`
	Spend types.Balance       `type:"BalanceOf<T>"`
}

// ConsignmentEvent reports a territory put up for sale.
type ConsignmentEvent struct {
	Name  types.TerritoryName `type:"TerrName"`
	Token TokenID             `type:"TokenId"`
	Price types.Balance       `type:"BalanceOf<T>"`
}

// BuyConsignmentEvent reports a buyer; Name is the name that the territory
// will get.
type BuyConsignmentEvent struct {
	Name  types.TerritoryName `type:"TerrName"`
	Token TokenID             `type:"TokenId"`
	Price types.Balance       `type:"BalanceOf<T>"`
}

// CancelConsignmentEvent reports a sale that the seller withdrew. The
// spelling is part of the wire shape.
type CancelConsignmentEvent struct {
	Token TokenID `type:"TokenId"`
}

// CancelPurchaseActionEvent reports a purchase that was called off.
type CancelPurchaseActionEvent struct {
	Token TokenID `type:"TokenId"`
}

// ExecConsignmentEvent reports a territory that changed hands.
type ExecConsignmentEvent struct {
	Buyer  substrate.AccountID `type:"AccountOf<T>"`
	Seller substrate.AccountID `type:"AccountOf<T>"`
	Token  TokenID             `type:"TokenId"`
}
