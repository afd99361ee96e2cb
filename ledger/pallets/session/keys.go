package session

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// owned are the keys of a validator by kind, in the order of SessionKeys.
func owned(k types.SessionKeys) []OwnedKey {
	return []OwnedKey{
		{types.KeyTypeGrandpa, k.Grandpa[:]},
		{types.KeyTypeBabe, k.Babe[:]},
		{types.KeyTypeImOnline, k.ImOnline[:]},
		{types.KeyTypeAuthorityDiscovery, k.AuthorityDiscovery[:]},
		{types.KeyTypeBeefy, k.Beefy[:]},
	}
}

// register stores a validator's keys, which nobody else may have. The account
// that registers the first ones is referred to until they are removed. It says
// whether the keys are others than before.
func register(ctx *runtime.Context, account, stash substrate.AccountID, keys types.SessionKeys) (changed bool, err error) {
	old, had := NextKeys.Get(ctx, stash)
	if !had && system.IncConsumers(ctx, account) != nil {
		return false, ErrNoAccount
	}
	for _, key := range owned(keys) {
		if owner, taken := KeyOwners.Get(ctx, key); taken && owner != stash {
			return false, ErrDuplicatedKey
		}
	}
	if had {
		disown(ctx, old)
	}
	for _, key := range owned(keys) {
		KeyOwners.Put(ctx, key, stash)
	}
	NextKeys.Put(ctx, stash, keys)
	return !had || old != keys, nil
}

// unregister removes a validator's keys, or returns ErrNoKeys.
func unregister(ctx *runtime.Context, account, stash substrate.AccountID) error {
	keys, ok := NextKeys.Get(ctx, stash)
	if !ok {
		return ErrNoKeys
	}
	NextKeys.Delete(ctx, stash)
	disown(ctx, keys)
	system.DecConsumers(ctx, account)
	return nil
}

func disown(ctx *runtime.Context, keys types.SessionKeys) {
	for _, key := range owned(keys) {
		KeyOwners.Delete(ctx, key)
	}
}

func keysChanged(ctx *runtime.Context, stash substrate.AccountID) {
	for _, h := range handlers {
		if h.KeysChanged != nil {
			h.KeysChanged(ctx, stash)
		}
	}
}
