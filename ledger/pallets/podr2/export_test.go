package podr2

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// FrozenNames lists what a miner's open challenge may ask about.
func FrozenNames(ctx *runtime.Context, miner substrate.AccountID) []Digest {
	f, ok := Frozen.Get(ctx, miner)
	if !ok {
		return nil
	}
	names := make([]Digest, f.Count)
	for i := range names {
		names[i], ok = frozenName(ctx, miner, f, uint32(i))
		if !ok {
			return nil
		}
	}
	return names
}
