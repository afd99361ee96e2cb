package authoritydiscovery

import (
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// Sessions notes the keys of the validators of a session that begins, and of
// those queued for the one after it.
var Sessions = session.Handler{
	NewSession: func(ctx *runtime.Context, _ bool, current, queued []session.ValidatorKeys) {
		Keys.Put(ctx, list(current))
		NextKeys.Put(ctx, list(queued))
	},
}

func list(validators []session.ValidatorKeys) (out scale.WeakBoundedVec[types.AuthorityDiscoveryKey, KeyBound]) {
	for _, v := range validators {
		out = append(out, v.Keys.AuthorityDiscovery)
	}
	return out
}
