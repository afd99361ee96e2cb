package balances

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	accounts := make([]accountID, 0, len(g.Balances))
	balances := make(map[accountID]amount, len(g.Balances))
	for address, x := range g.Balances {
		who := accountID(address)
		accounts = append(accounts, who)
		balances[who] = x
	}
	slices.SortFunc(accounts, func(a, b accountID) int { return bytes.Compare(a[:], b[:]) })
	total := amount{}
	for _, who := range accounts {
		x := balances[who]
		if x.Less(ExistentialDeposit.Get(ctx)) {
			return fmt.Errorf("%v gets %v planck, less than the existential deposit", types.Address(who), x)
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
