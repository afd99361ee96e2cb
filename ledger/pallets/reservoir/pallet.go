// Package reservoir keeps a pool of tokens that may stand as collateral of
// miners: deposits of users, and funds of the project, which lends them to
// users who attend an event. The tokens lie on the pool's account; the books
// here say whose they are. Amounts are in planck.
//
// At all times free + borrowed + stored tokens of the totals are what the pool
// owns, less what it was given as a present (spec/pallets-storage.md §11).
package reservoir

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Reservoir"
	index = 110
)

// Storage.
var (
	// Totals are the project's own funds, the loans and the deposits.
	Totals = runtime.NewValue[Info](name, "Reservoir")

	// Loans are what users borrowed.
	Loans = runtime.NewOptionalMap[substrate.AccountID, Borrow](name, "BorrowList", runtime.Twox64Concat)

	// Passbooks are what users deposited.
	Passbooks = runtime.NewMap[substrate.AccountID, Hold](name, "UserPassbook", runtime.Twox64Concat)

	// Events are the events at which one may borrow.
	Events = runtime.NewOptionalMap[EventID, Event](name, "Events", runtime.Twox64Concat)

	// Expiries are the events that end at a block.
	Expiries = runtime.NewMap[types.BlockNumber, scale.BoundedVec[EventID, EventBound]](
		name, "EventExpiredRecords", runtime.Twox64Concat)

	// losses are what users were punished by, so that it can be given back to
	// whom it was taken from. Upstream has no such item; metadata does not
	// show it.
	losses = runtime.NewMap[substrate.AccountID, loss](name, "Losses", runtime.Twox64Concat)
)

// Constants, with the values of the reference network.
var (
	PalletID   = runtime.NewConstant(name, "PalletId", types.ReservoirPot)
	IDLength   = runtime.NewConstant[uint32](name, "IdLength", maxID)       // bytes of an event's name
	EventLimit = runtime.NewConstant[uint32](name, "EventLimit", maxEvents) // events that end at one block
)

// Pallet is the declaration page of Reservoir: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		Totals,
		Loans,
		Passbooks,
		Events,
		Expiries,
	},
	Calls: runtime.Calls("pallet_reservoir::pallet::Call",
		runtime.NewCall[Filling](0, "filling", runtime.Work(3, 3)),
		runtime.NewCall[Store](1, "store", runtime.Work(4, 4)),
		runtime.NewCall[Withdraw](2, "withdraw", runtime.Work(4, 4)),
		runtime.NewCall[EventWithdraw](3, "event_withdraw", runtime.Work(3, 3)),
		runtime.NewCall[CreateEvent](4, "create_event", runtime.Work(2, 2)),
		runtime.NewCall[AttendEvent](5, "attend_event", runtime.Work(3, 3)),
	),
	Events: runtime.Events("pallet_reservoir::pallet::Event",
		runtime.Event[FillingEvent](0, "Filling"),
		runtime.Event[StoreEvent](1, "Store"),
		runtime.Event[WithdrawEvent](2, "Withdraw"),
		runtime.Event[RootWithdrawEvent](3, "RootWithdraw"),
		runtime.Event[CreateEventEvent](4, "CreateEvent"),
		runtime.Event[AttendEventEvent](5, "AttendEvent"),
		runtime.Event[EventExpiredEvent](6, "EventExpired"),
	),
	Errors: runtime.Errors("pallet_reservoir::pallet::Error",
		ErrOverflow, ErrNonExistent, ErrInsufficient, ErrBugInvalid, ErrLengthExceedsLimit,
		ErrBoundedVec, ErrIDNonExistent, ErrUpperLimit, ErrBorrowed,
	),
	Constants:    []runtime.ConstantItem{PalletID, IDLength, EventLimit},
	OnInitialize: onInitialize,
}
