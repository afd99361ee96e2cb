package session

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// SetKeys registers the session keys of the stash that the signer controls, for
// the second session after this one.
type SetKeys struct {
	Keys types.SessionKeys `type:"T::Keys"`
	// Proof is not looked at, as upstream: what shows that somebody has the keys is
	// that its node votes with them, or proves its life (pallet R2S).
	Proof []byte `type:"Vec<u8>"`
}

// Dispatch returns NoAssociatedValidatorId if the signer controls no bond,
// DuplicatedKey if one of the keys is another validator's, and NoAccount if the
// signer cannot be referred to.
func (c SetKeys) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	stash, ok := manager.StashOf(ctx, who)
	if !ok {
		return ErrNoAssociatedValidatorID
	}
	changed, err := register(ctx, who, stash, c.Keys)
	if err != nil {
		return err
	}
	if changed {
		keysChanged(ctx, stash)
	}
	return nil
}

// PurgeKeys removes the session keys of the stash that the signer controls, or
// of the signer itself if its bond is gone. They serve until the sessions for
// which they are queued are over.
type PurgeKeys struct{}

// Dispatch returns NoKeys if there are none.
func (PurgeKeys) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	stash, ok := manager.StashOf(ctx, who)
	if !ok {
		stash = who
	}
	if err := unregister(ctx, who, stash); err != nil {
		return err
	}
	keysChanged(ctx, stash)
	return nil
}
