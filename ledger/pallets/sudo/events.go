package sudo

import (
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// SudidEvent carries the outcome of a root call.
type SudidEvent struct {
	SudoResult substrate.DispatchResult `type:"DispatchResult"`
}

// KeyChangedEvent reports a new sudo account.
type KeyChangedEvent struct {
	Old scale.Option[substrate.AccountID] `type:"Option<T::AccountId>"`
	New substrate.AccountID               `type:"T::AccountId"`
}

// KeyRemovedEvent reports that nobody can act as root any more.
type KeyRemovedEvent struct{}

// SudoAsDoneEvent carries the outcome of a call made for another account.
type SudoAsDoneEvent struct {
	SudoResult substrate.DispatchResult `type:"DispatchResult"`
}
