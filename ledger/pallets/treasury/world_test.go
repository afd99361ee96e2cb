package treasury_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/treasury"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

type accountID = substrate.AccountID

var (
	alice, bob, charlie = palletstest.Alice, palletstest.Bob, palletstest.Charlie
	fresh               = palletstest.Account("fresh")

	money balances.API
)

// Blocks in these tests.
const (
	period = 10
	payout = 15
)

// newWorld has a treasury with so many tokens to spend.
func newWorld(t palletstest.TB, tokens uint64) *palletstest.Chain {
	t.Helper()
	return palletstest.New(t, palletstest.Genesis{
		Balances:  map[accountID]types.Balance{pallets.Treasury: types.Tokens(tokens + 1)},
		Constants: map[string]any{"Treasury.SpendPeriod": period, "Treasury.PayoutPeriod": payout},
	})
}

func to(who accountID) substrate.MultiAddress { return substrate.AddressOf(who) }

func free(c *palletstest.Chain, who accountID) types.Balance { return money.Free(c.Ctx(), who) }

func root(t palletstest.TB, c *palletstest.Chain, call runtime.Call) {
	t.Helper()
	if err := c.Root(call); err != nil {
		t.Fatal(err)
	}
}

func is(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// only is the single event of its kind in the last block.
func only[E any](t palletstest.TB, c *palletstest.Chain) (e E) {
	t.Helper()
	list := palletstest.EventsOf[E](c)
	if len(list) != 1 {
		t.Fatalf("%d events %T: %v", len(list), e, c.Events())
	}
	return list[0]
}

// checkBooks compares issuance with accounts, and what the treasury counts as
// inactive with what it had when the last block began.
func checkBooks(t palletstest.TB, c *palletstest.Chain) {
	t.Helper()
	ctx, sum := c.Ctx(), types.Balance{}
	for _, a := range system.Accounts.Iter(ctx) {
		sum = sum.SaturatingAdd(a.Data.Free).SaturatingAdd(a.Data.Reserved)
	}
	if total := balances.TotalIssuance.Get(ctx); sum != total {
		t.Fatalf("block %d: accounts have %v, issued are %v", c.Number(), sum, total)
	}
	if inactive, want := balances.InactiveIssuance.Get(ctx), treasury.Deactivated.Get(ctx); inactive != want {
		t.Fatalf("block %d: %v are inactive, the treasury's part is %v", c.Number(), inactive, want)
	}
	approved := treasury.Approvals.Get(ctx)
	var waiting int
	for i := range treasury.Proposals.Iter(ctx) {
		waiting++
		if i >= treasury.ProposalCount.Get(ctx) {
			t.Fatalf("spend %d of %d", i, treasury.ProposalCount.Get(ctx))
		}
	}
	if waiting != len(approved) {
		t.Fatalf("block %d: %d spends, %d approvals", c.Number(), waiting, len(approved))
	}
}
