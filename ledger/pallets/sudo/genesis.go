package sudo

import (
	"encoding/json"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Genesis names the first sudo account; without one the chain has no sudo.
type Genesis struct {
	Key *types.Address `json:"key"`
}

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var g Genesis
	if err := types.DecodeGenesis(raw, &g); err != nil {
		return err
	}
	if g.Key != nil {
		Key.Put(ctx, substrate.AccountID(*g.Key))
	}
	return nil
}
