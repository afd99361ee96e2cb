// Package indices gives accounts short addresses: whoever leaves a deposit
// claims a number, and calls and extrinsics may name the account by it.
package indices

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Indices"
	index = 5
)

// Storage.
var (
	// Accounts are the owners of the indices that are taken.
	Accounts = runtime.NewOptionalMap[uint32, Owner](name, "Accounts", runtime.Blake2_128Concat)
)

// Owner is who has an index.
type Owner struct {
	Account substrate.AccountID
	// Deposit, in planck, is reserved on the account.
	Deposit types.Balance
	// Frozen says that the index belongs to the account for ever.
	Frozen bool
}

// Constants, with the values of the reference network.
var (
	Deposit = runtime.NewConstant(name, "Deposit", types.Tokens(1)) // planck; for one index
)

// Pallet is the declaration page of Indices: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{Accounts},
	Calls: runtime.Calls("pallet_indices::pallet::Call",
		runtime.NewCall[Claim](0, "claim", runtime.Work(2, 2)),
		runtime.NewCall[Transfer](1, "transfer", runtime.Work(4, 3)),
		runtime.NewCall[Free](2, "free", runtime.Work(2, 2)),
		runtime.NewCall[ForceTransfer](3, "force_transfer", runtime.Work(3, 2)),
		runtime.NewCall[Freeze](4, "freeze", runtime.Work(3, 3)),
	),
	Events: runtime.Events("pallet_indices::pallet::Event",
		runtime.Event[IndexAssignedEvent](0, "IndexAssigned"),
		runtime.Event[IndexFreedEvent](1, "IndexFreed"),
		runtime.Event[IndexFrozenEvent](2, "IndexFrozen"),
	),
	Errors: runtime.Errors("pallet_indices::pallet::Error",
		ErrNotAssigned, ErrNotOwner, ErrInUse, ErrNotTransfer, ErrPermanent,
	),
	Constants: []runtime.ConstantItem{Deposit},
	Genesis:   genesis,
}
