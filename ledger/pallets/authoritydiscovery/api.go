package authoritydiscovery

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// API is what the session pallet tells this one.
type API struct{}

// SetSessionKeys notes the keys of the validators of a session that begins,
// and of those queued for the one after it.
func (API) SetSessionKeys(ctx *runtime.Context, current, next []types.SessionKeys) {
	Keys.Put(ctx, list(current))
	NextKeys.Put(ctx, list(next))
}

func list(keys []types.SessionKeys) (out scale.WeakBoundedVec[types.AuthorityDiscoveryKey, KeyBound]) {
	for _, k := range keys {
		out = append(out, k.AuthorityDiscovery)
	}
	return out
}
