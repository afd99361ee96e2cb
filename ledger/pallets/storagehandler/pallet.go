// Package storagehandler sells and manages leased space: territories and
// their lease, the market where territories change hands, payment orders, and
// the network's space totals.
package storagehandler

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "StorageHandler"
	index = 107
)

// Storage (spec/pallets-storage.md §3.1).
var (
	// TerritoryKeys finds the territory of a token. An entry always points at
	// a territory with the same token.
	TerritoryKeys = runtime.NewOptionalMap[TokenID, TerritoryRef](
		name, "TerritoryKey", runtime.Blake2_128Concat)

	// Territories are the territories by owner and name.
	Territories = runtime.NewOptionalDoubleMap[substrate.AccountID, types.TerritoryName, Territory](
		name, "Territory", runtime.Blake2_128Concat, runtime.Blake2_128Concat)

	// Consignments are the territories put up for sale; an entry exists
	// exactly while the territory is on consignment.
	Consignments = runtime.NewOptionalMap[TokenID, Consignment](
		name, "Consignment", runtime.Blake2_128Concat)

	// FreezeAgenda are the leases to freeze, by (deadline, token). The value
	// is always true.
	FreezeAgenda = runtime.NewOptionalDoubleMap[types.BlockNumber, TokenID, bool](
		name, "TerritoryFrozen", runtime.Blake2_128Concat, runtime.Blake2_128Concat)

	// FreezeAgendaCount is the number of FreezeAgenda entries of a block; it
	// stays below FrozenLimit.
	FreezeAgendaCount = runtime.NewMap[types.BlockNumber, uint32](
		name, "TerritoryFrozenCounter", runtime.Blake2_128Concat)

	// ExpiryAgenda are the leases to expire, by (deadline + FrozenDays,
	// token). The value is always true.
	ExpiryAgenda = runtime.NewOptionalDoubleMap[types.BlockNumber, TokenID, bool](
		name, "TerritoryExpired", runtime.Blake2_128Concat, runtime.Blake2_128Concat)

	// UnitPrice is the price of one GiB for one day, in planck.
	UnitPrice = runtime.NewOptionalValue[types.Balance](name, "UnitPrice")

	// TotalIdleSpace is the certified idle space of the network, in bytes.
	TotalIdleSpace = runtime.NewValue[scale.U128](name, "TotalIdleSpace")

	// TotalServiceSpace is the footprint of all files, in bytes.
	TotalServiceSpace = runtime.NewValue[scale.U128](name, "TotalServiceSpace")

	// PurchasedSpace is the size of all territories that are not expired, in
	// bytes. It may grow only up to idle plus service space.
	PurchasedSpace = runtime.NewValue[scale.U128](name, "PurchasedSpace")

	// PayOrders are the orders that wait for a payer.
	PayOrders = runtime.NewOptionalMap[OrderID, Order](name, "PayOrder", runtime.Blake2_128Concat)
)

// Constants (spec/pallets-storage.md §3.2).
var (
	OneDay                    = runtime.NewConstant[types.BlockNumber](name, "OneDay", 14_400)                    // blocks
	OneHour                   = runtime.NewConstant[types.BlockNumber](name, "OneHours", 600)                     // blocks
	RewardPalletID            = runtime.NewConstant(name, "RewardPalletId", types.RewardPot)                      // salt of randomness only
	StateStringMax            = runtime.NewConstant[uint32](name, "StateStringMax", 20)                           // unused
	NameLimit                 = runtime.NewConstant[uint32](name, "NameLimit", types.MaxTerritoryName)            // bytes of a territory name
	FrozenLimit               = runtime.NewConstant[uint32](name, "FrozenLimit", 2000)                            // agenda entries per block, exclusive
	ConsignmentRemainingBlock = runtime.NewConstant[types.BlockNumber](name, "ConsignmentRemainingBlock", 14_400) // lease that a sale needs, exclusive
	LockingBlock              = runtime.NewConstant[types.BlockNumber](name, "LockingBlock", 50)                  // blocks from purchase to transfer
	FrozenDays                = runtime.NewConstant[types.BlockNumber](name, "FrozenDays", 100_800)               // blocks, not days, from freeze to expiry
)

// ReactivationDivisor is what the unit price is divided by when an expired
// territory is leased again. Upstream charges a thirtieth of the price of a new
// one (spec/pallets-storage.md §12, B7).
var ReactivationDivisor = runtime.NewParameter[uint32](name, "ReactivationDivisor", 1)

// Pallet is the declaration page of StorageHandler: its wire format, item by
// item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		TerritoryKeys,
		Territories,
		Consignments,
		FreezeAgenda,
		FreezeAgendaCount,
		ExpiryAgenda,
		UnitPrice,
		TotalIdleSpace,
		TotalServiceSpace,
		PurchasedSpace,
		PayOrders,
	},
	Calls: runtime.Calls("pallet_storage_handler::pallet::Call",
		runtime.NewCall[MintTerritory](0, "mint_territory", runtime.Work(10, 7)),
		runtime.NewCall[ExpandingTerritory](1, "expanding_territory", runtime.Work(7, 4)),
		runtime.NewCall[RenewalTerritory](2, "renewal_territory", runtime.Work(7, 8)),
		runtime.NewCall[ReactivateTerritory](101, "reactivate_territory", runtime.Work(10, 6)),
		runtime.NewCall[OtherReactivateTerritory](120, "other_reactivate_territory", runtime.Work(10, 6)),
		runtime.NewCall[TerritoryConsignment](102, "territory_consignment", runtime.Work(2, 2)),
		runtime.NewCall[BuyConsignment](103, "buy_consignment", runtime.Work(5, 5)),
		runtime.NewCall[ExecConsignment](104, "exec_consignment", runtime.Work(7, 7)),
		runtime.NewCall[CancelConsignment](105, "cancel_consignment", runtime.Work(2, 2)),
		runtime.NewCall[CancelPurchaseAction](106, "cancel_purchase_action", runtime.Work(4, 5)),
		runtime.NewCall[TerritoryGrants](107, "territory_grants", runtime.Work(2, 3)),
		runtime.NewCall[TerritoryRename](108, "territory_rename", runtime.Work(2, 3)),
		runtime.NewCall[UpdatePrice](4, "update_price", runtime.Work(0, 1)),
		runtime.NewCall[UpdateUserTerritoryLife](5, "update_user_territory_life", runtime.Work(5, 5)),
		runtime.NewCall[UpdateExpiredExec](201, "update_expired_exec", runtime.Work(1, 2)),
		runtime.NewCall[CreateOrder](6, "create_order", runtime.Work(3, 2)),
		runtime.NewCall[ExecOrder](7, "exec_order", runtime.Work(12, 10)),
		runtime.NewCall[ClearServiceSpace](8, "clear_service_space", runtime.Work(0, 1)),
		runtime.NewCall[DefineUpdatePrice](9, "define_update_price", runtime.Work(0, 1)),
		runtime.NewCall[FixTerritorySpaceForReactivate](10, "fix_territory_space_for_reactivate", runtime.Work(1, 1)),
	),
	Events: runtime.Events("pallet_storage_handler::pallet::Event",
		runtime.Event[BuySpaceEvent](0, "BuySpace"),
		runtime.Event[ExpansionSpaceEvent](1, "ExpansionSpace"),
		runtime.Event[RenewalSpaceEvent](2, "RenewalSpace"),
		runtime.Event[LeaseExpiredEvent](3, "LeaseExpired"),
		runtime.Event[LeaseExpireIn24HoursEvent](4, "LeaseExpireIn24Hours"),
		runtime.Event[CreatePayOrderEvent](5, "CreatePayOrder"),
		runtime.Event[PaidOrderEvent](6, "PaidOrder"),
		runtime.Event[MintTerritoryEvent](7, "MintTerritory"),
		runtime.Event[ExpansionTerritoryEvent](8, "ExpansionTerritory"),
		runtime.Event[RenewalTerritoryEvent](9, "RenewalTerritory"),
		runtime.Event[ReactivateTerritoryEvent](10, "ReactivateTerritory"),
		runtime.Event[ConsignmentEvent](11, "Consignment"),
		runtime.Event[BuyConsignmentEvent](12, "BuyConsignment"),
		runtime.Event[CancelConsignmentEvent](13, "CancleConsignment"),
		runtime.Event[CancelPurchaseActionEvent](14, "CancelPurchaseAction"),
		runtime.Event[ExecConsignmentEvent](15, "ExecConsignment"),
	),
	Errors: runtime.Errors("pallet_storage_handler::pallet::Error",
		ErrBugInvalid, ErrBoundedVec, ErrInsufficientAvailableSpace, ErrInsufficientBalance,
		ErrInsufficientStorage, ErrOverflow, ErrWrongOperation, ErrPurchasedSpace,
		ErrNotPurchasedSpace, ErrLeaseFreeze, ErrLeaseExpired, ErrOrderExpired, ErrRandom,
		ErrNoOrder, ErrParam, ErrDuplicateTokens, ErrNotHaveTerritory, ErrNotActive,
		ErrNotExpire, ErrNotOnConsignment, ErrInsufficientLease, ErrConsignmentExisted,
		ErrOnConsignment, ErrState, ErrObjectNotZero, ErrNonExistentConsignment,
		ErrConsignmentLocked, ErrConsignmentUnLocked, ErrUnexpected, ErrNotBuyer,
		ErrInvalidOrder, ErrOwnConsignment, ErrBoundariesNotMet, ErrDuplicateName,
	),
	Constants: []runtime.ConstantItem{
		OneDay, OneHour, RewardPalletID, StateStringMax, NameLimit, FrozenLimit,
		ConsignmentRemainingBlock, LockingBlock, FrozenDays, ReactivationDivisor,
	},
	OnInitialize: onInitialize,
	Genesis:      genesis,
}
