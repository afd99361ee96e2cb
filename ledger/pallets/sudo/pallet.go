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
	Calls: runtime.Calls("pallet_sudo::pallet::Call",
		runtime.NewCall[Sudo](0, "sudo", runtime.Work(1, 1)),
		runtime.NewCall[SudoUncheckedWeight](1, "sudo_unchecked_weight", runtime.Work(1, 1)),
		runtime.NewCall[SetKey](2, "set_key", runtime.Work(1, 1)),
		runtime.NewCall[SudoAs](3, "sudo_as", runtime.Work(1, 1)),
		runtime.NewCall[RemoveKey](4, "remove_key", runtime.Work(1, 1)),
	),
	Events: runtime.Events("pallet_sudo::pallet::Event",
		runtime.Event[SudidEvent](0, "Sudid"),
		runtime.Event[KeyChangedEvent](1, "KeyChanged"),
		runtime.Event[KeyRemovedEvent](2, "KeyRemoved"),
		runtime.Event[SudoAsDoneEvent](3, "SudoAsDone"),
	),
	Errors: runtime.Errors("pallet_sudo::pallet::Error",
		ErrRequireSudo,
	),
	Genesis: genesis,
}
