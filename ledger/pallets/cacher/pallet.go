// Package cacher keeps the register of CDN cachers and pays their bills in
// batches.
package cacher

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Cacher"
	index = 109
)

// Storage (spec/pallets-storage.md §5).
var (
	// Cachers are the registered cachers.
	Cachers = runtime.NewOptionalMap[substrate.AccountID, Info](name, "Cachers", runtime.Blake2_128Concat)
)

// Constants, with the values of the reference network.
var (
	BillsLimit = runtime.NewConstant[uint32](name, "BillsLimit", maxBills) // bills in one call
)

// Pallet is the declaration page of Cacher: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{Cachers},
	Calls: runtime.Calls("pallet_cacher::pallet::Call",
		runtime.NewCall[Register](0, "register", runtime.Work(1, 1)),
		runtime.NewCall[Update](1, "update", runtime.Work(1, 1)),
		runtime.NewCall[Logout](2, "logout", runtime.Work(1, 1)),
		runtime.NewCall[Pay](3, "pay", runtime.Work(1, 1)),
	),
	Events: runtime.Events("pallet_cacher::pallet::Event",
		runtime.Event[RegisterEvent](0, "Register"),
		runtime.Event[UpdateEvent](1, "Update"),
		runtime.Event[LogoutEvent](2, "Logout"),
		runtime.Event[PayEvent](3, "Pay"),
	),
	Errors: runtime.Errors("pallet_cacher::pallet::Error",
		ErrAlreadyRegistered, ErrNotRegistered, ErrOptionParse,
	),
	Constants: []runtime.ConstantItem{BillsLimit},
}
