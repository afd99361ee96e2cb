// Package session keeps the validators of the session, those queued for the
// next one, and the keys that validators registered.
package session

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Session"
	index = 12
)

// Storage.
var (
	// Validators are the validators of the current session, in the order that
	// author indices refer to.
	Validators = runtime.NewValue[[]substrate.AccountID](name, "Validators")

	// CurrentIndex is the number of the current session, from 0.
	CurrentIndex = runtime.NewValue[uint32](name, "CurrentIndex")

	// QueuedChanged says that the queued validators differ from the current
	// ones in identity or weight.
	QueuedChanged = runtime.NewValue[bool](name, "QueuedChanged")

	// QueuedKeys are the validators of the next session with their keys.
	QueuedKeys = runtime.NewValue[[]ValidatorKeys](name, "QueuedKeys")

	// DisabledValidators are indices into Validators, ascending, of those
	// disabled until the session ends.
	DisabledValidators = runtime.NewValue[[]uint32](name, "DisabledValidators")

	// NextKeys are the keys that a validator will use from the session after
	// the next on.
	NextKeys = runtime.NewOptionalMap[substrate.AccountID, types.SessionKeys](
		name, "NextKeys", runtime.Twox64Concat)

	// KeyOwners finds the validator of a key; the key type and the raw key
	// are hashed as one tuple.
	KeyOwners = runtime.NewOptionalMap[OwnedKey, substrate.AccountID](
		name, "KeyOwner", runtime.Twox64Concat)
)

// Pallet is the declaration page of Session: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		Validators,
		CurrentIndex,
		QueuedChanged,
		QueuedKeys,
		DisabledValidators,
		NextKeys,
		KeyOwners,
	},
	Events: runtime.Events("pallet_session::pallet::Event",
		runtime.Event[NewSessionEvent](0, "NewSession"),
	).WithParams(),
	Errors: runtime.Errors("pallet_session::pallet::Error",
		ErrInvalidProof, ErrNoAssociatedValidatorID, ErrDuplicatedKey, ErrNoKeys, ErrNoAccount,
	),
	OnInitialize: onInitialize,
	Genesis:      genesis,
}
