package palletstest

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// CheckMoney fails unless the accounts add up to the total issuance, and each
// has reserved what owed says, nothing if it says nothing.
func (c *Chain) CheckMoney(t TB, owed map[substrate.AccountID]types.Balance) {
	t.Helper()
	ctx := c.Ctx()
	var sum types.Balance
	for who, a := range system.Accounts.Iter(ctx) {
		sum = sum.SaturatingAdd(a.Data.Free).SaturatingAdd(a.Data.Reserved)
		if a.Data.Reserved != owed[who] {
			t.Fatalf("block %d: %v has %v reserved, deposits are %v", c.Number(), types.Address(who), a.Data.Reserved, owed[who])
		}
	}
	if total := balances.TotalIssuance.Get(ctx); total != sum {
		t.Fatalf("block %d: the total issuance is %v, all accounts together have %v", c.Number(), total, sum)
	}
}
