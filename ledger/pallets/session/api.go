package session

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// API is what other pallets and consensus ask about validators.
type API struct{}

// Author is the stash of the validator that proposed the block that runs.
func (API) Author(ctx *runtime.Context) (substrate.AccountID, bool) {
	b := ctx.Block()
	if !b.HasAuthor || b.Author != (substrate.AccountID{}) {
		return b.Author, b.HasAuthor
	}
	validators := Validators.Get(ctx)
	if uint64(b.AuthorIndex) >= uint64(len(validators)) {
		return substrate.AccountID{}, false
	}
	return validators[b.AuthorIndex], true
}

// CurrentIndex is the number of the session that runs.
func (API) CurrentIndex(ctx *runtime.Context) uint32 { return CurrentIndex.Get(ctx) }

// Validators are the stashes of the session's validators, in the order of their
// indices.
func (API) Validators(ctx *runtime.Context) []substrate.AccountID { return Validators.Get(ctx) }

// IndexOf finds the index of a validator of the session.
func (API) IndexOf(ctx *runtime.Context, stash substrate.AccountID) (uint32, bool) {
	i := slices.Index(Validators.Get(ctx), stash)
	return uint32(i), i >= 0
}

// Keys are the keys that a validator has registered last.
func (API) Keys(ctx *runtime.Context, stash substrate.AccountID) (types.SessionKeys, bool) {
	return NextKeys.Get(ctx, stash)
}

// KeyOwner finds the validator that has registered a key.
func (API) KeyOwner(ctx *runtime.Context, kind substrate.KeyTypeID, key []byte) (substrate.AccountID, bool) {
	return KeyOwners.Get(ctx, OwnedKey{kind, key})
}

// Disable disables a validator of the session until the set of validators
// changes, and tells the handlers. It says whether the validator was there and
// enabled.
func (API) Disable(ctx *runtime.Context, index uint32) bool {
	if uint64(index) >= uint64(len(Validators.Get(ctx))) {
		return false
	}
	disabled := DisabledValidators.Get(ctx)
	at, found := slices.BinarySearch(disabled, index)
	if found {
		return false
	}
	DisabledValidators.Put(ctx, slices.Insert(disabled, at, index))
	for _, h := range handlers {
		if h.Disabled != nil {
			h.Disabled(ctx, index)
		}
	}
	return true
}

// IsDisabled says whether a validator of the session is disabled.
func (API) IsDisabled(ctx *runtime.Context, index uint32) bool {
	_, found := slices.BinarySearch(DisabledValidators.Get(ctx), index)
	return found
}
