package balances

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// Genesis are the balances that a chain starts with.
type Genesis struct {
	// Balances maps addresses (any SS58 prefix, or hex) to planck in decimal.
	Balances map[types.Address]types.Balance `json:"balances"`
}

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var g Genesis
	if err := types.DecodeGenesis(raw, &g); err != nil {
		return err
	}
	total := amount{}
	for _, address := range slices.SortedFunc(maps.Keys(g.Balances), func(a, b types.Address) int {
		return bytes.Compare(a[:], b[:])
	}) {
		who, x := accountID(address), g.Balances[address]
		if x.Less(ExistentialDeposit.Get(ctx)) {
			return fmt.Errorf("%v gets %v planck, less than the existential deposit", address, x)
		}
		if err := add(&total, x); err != nil {
			return fmt.Errorf("total issuance: %w", err)
		}
		a := system.Accounts.Get(ctx, who)
		a.Providers = 1
		a.Data.Free = x
		system.Accounts.Put(ctx, who, a)
	}
	TotalIssuance.Put(ctx, total)
	InactiveIssuance.Put(ctx, amount{})
	return nil
}
