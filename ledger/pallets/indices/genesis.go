package indices

import (
	"encoding/json"
	"fmt"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Genesis are the indices that a chain starts with; nobody left a deposit for
// them.
type Genesis struct {
	Indices []GenesisIndex `json:"indices"`
}

// GenesisIndex is an index and its owner.
type GenesisIndex struct {
	Index   uint32        `json:"index"`
	Account types.Address `json:"account"`
}

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var g Genesis
	if err := types.DecodeGenesis(raw, &g); err != nil {
		return err
	}
	for _, i := range g.Indices {
		if Accounts.Contains(ctx, i.Index) {
			return fmt.Errorf("index %d has two owners", i.Index)
		}
		Accounts.Put(ctx, i.Index, Owner{Account: substrate.AccountID(i.Account)})
	}
	return nil
}
