// Package upgrade changes the chain's runtime at an announced block. A version of
// the runtime is part of the program that nodes run; the chain decides when it
// begins. The pallet is our own: upstream's runtimes are code on chain, which
// replaces itself (docs/protocol/upgrade.md).
package upgrade

import "github.com/gocess/gocess/ledger/runtime"

const (
	name  = "Upgrade"
	index = 115
)

// Storage.
var (
	// Scheduled is the upgrade to come, if any.
	Scheduled = runtime.NewOptionalValue[Plan](name, "Scheduled")

	// History lists which runtime began with which block, in that order; the
	// chain's first is not in it. It grows by 8 bytes per upgrade, and any state
	// tells from it how to read any older block.
	History = runtime.NewValue[[]Plan](name, "History")
)

// Pallet is the declaration page of Upgrade: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{Scheduled, History},
	Calls: runtime.Calls("pallet_upgrade::pallet::Call",
		runtime.NewCall[Schedule](0, "schedule", runtime.Work(3, 1).Operational()),
		runtime.NewCall[Cancel](1, "cancel", runtime.Work(1, 1).Operational()),
	),
	Events: runtime.Events("pallet_upgrade::pallet::Event",
		runtime.Event[ScheduledEvent](0, "Scheduled"),
		runtime.Event[CancelledEvent](1, "Cancelled"),
	),
	Errors: runtime.Errors("pallet_upgrade::pallet::Error",
		ErrSpecVersionNeedsToIncrease, ErrTooSoon, ErrNothingScheduled,
	),
	OnFinalize: begin,
}
