package validator

import (
	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
)

// pallets tells consensus who decides blocks.
type pallets struct{}

// Authorities are the validators that are queued for the next session: those
// of the current session until sessions elect others.
func (pallets) Authorities(ctx *runtime.Context) []consensus.Authority {
	queued := session.QueuedKeys.Get(ctx)
	list := make([]consensus.Authority, len(queued))
	for i, v := range queued {
		list[i] = consensus.Authority{
			Index: uint32(i), Account: v.Validator,
			Grandpa: [32]byte(v.Keys.Grandpa), Babe: [32]byte(v.Keys.Babe),
		}
	}
	return list
}

// Randomness is the seed of the epoch.
func (pallets) Randomness(ctx *runtime.Context) [32]byte { return babe.Randomness.Get(ctx) }
