// Package sudo lets one account act as root.
package sudo

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Sudo"
	index = 22
)

// Storage.
var (
	// Key is the account that may act as root, if any.
	Key = runtime.NewOptionalValue[substrate.AccountID](name, "Key")
)

// Pallet is the declaration page of Sudo: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		Key,
	},
	Events: runtime.Events("pallet_sudo::pallet::Event",
		runtime.Event[SudidEvent](0, "Sudid"),
		runtime.Event[KeyChangedEvent](1, "KeyChanged"),
		runtime.Event[KeyRemovedEvent](2, "KeyRemoved"),
		runtime.Event[SudoAsDoneEvent](3, "SudoAsDone"),
	),
	Errors: runtime.Errors("pallet_sudo::pallet::Error",
		ErrRequireSudo,
	),
}
