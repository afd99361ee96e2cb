// Package session keeps the validators of the session, those queued for the
// next one, and the keys that validators registered.
//
// Whoever is to validate is known one session ahead: when session i begins, the
// validators of session i+1 are queued with the keys that they have registered
// by then. Keys therefore take effect in the second session after they were
// registered (spec/consensus.md §3).
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

// MaxValidators bounds the validators of a session (spec/consensus.md §1).
const MaxValidators = 100

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
	// disabled as long as the set of validators stays.
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
	Calls: runtime.Calls("pallet_session::pallet::Call",
		runtime.NewCall[SetKeys](0, "set_keys", runtime.Work(8, 7)),
		runtime.NewCall[PurgeKeys](1, "purge_keys", runtime.Work(3, 7)),
	),
	Events: runtime.Events("pallet_session::pallet::Event",
		runtime.Event[NewSessionEvent](0, "NewSession"),
	).WithParams(),
	Errors: runtime.Errors("pallet_session::pallet::Error",
		ErrInvalidProof, ErrNoAssociatedValidatorID, ErrDuplicatedKey, ErrNoKeys, ErrNoAccount,
	),
	OnInitialize: onInitialize,
	Genesis:      genesis,
}
