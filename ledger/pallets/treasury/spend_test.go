package treasury_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/treasury"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

func spend(tokens uint64, who accountID) treasury.Spend {
	return treasury.Spend{Amount: types.Tokens(tokens), Beneficiary: to(who)}
}

// A spend is claimed once, by anybody, and then forgotten for nothing.
func TestPayout(t *testing.T) {
	c := newWorld(t, 100)
	root(t, c, spend(30, fresh))
	now := c.Number()
	if e := only[treasury.AssetSpendApprovedEvent](t, c); e.Index != 0 || e.Amount != types.Tokens(30) || e.Beneficiary != fresh || e.ValidFrom != now || e.ExpireAt != now+payout {
		t.Errorf("%+v", e)
	}
	is(t, c.Run(bob, treasury.CheckStatus{Index: 0}), treasury.ErrNotAttempted)
	c.Must(bob, treasury.Payout{Index: 0})
	only[treasury.PaidEvent](t, c)
	if got := free(c, fresh); got != types.Tokens(30) {
		t.Errorf("the beneficiary got %v", got)
	}
	is(t, c.Run(bob, treasury.Payout{Index: 0}), treasury.ErrAlreadyAttempted)
	is(t, c.Root(treasury.VoidSpend{Index: 0}), treasury.ErrAlreadyAttempted)
	before := free(c, bob)
	c.Must(bob, treasury.CheckStatus{Index: 0})
	only[treasury.SpendProcessedEvent](t, c)
	if free(c, bob) != before {
		t.Error("clearing a spend costs a fee")
	}
	is(t, c.Run(bob, treasury.Payout{Index: 0}), treasury.ErrInvalidIndex)
	is(t, c.Run(bob, treasury.CheckStatus{Index: 0}), treasury.ErrInvalidIndex)
	checkBooks(t, c)
}

func TestPayoutWindow(t *testing.T) {
	c := newWorld(t, 100)
	later := spend(1, bob)
	later.ValidFrom = scale.Some[types.BlockNumber](c.Number() + 5)
	root(t, c, later)
	first := later.ValidFrom.Or(0)
	is(t, c.Run(alice, treasury.Payout{Index: 0}), treasury.ErrEarlyPayout)
	c.GoTo(first + payout - 1)
	is(t, c.Run(alice, treasury.Payout{Index: 0}), treasury.ErrSpendExpired)
	c.NextBlocks(1)
	c.Must(alice, treasury.CheckStatus{Index: 0})
	only[treasury.SpendProcessedEvent](t, c)

	past := spend(1, bob)
	past.ValidFrom = scale.Some[types.BlockNumber](c.Number() + 1 - payout)
	is(t, c.Root(past), treasury.ErrSpendExpired)
}

func TestPayoutFailsAndMayBeTriedAgain(t *testing.T) {
	c := newWorld(t, 2)
	root(t, c, spend(20, fresh))
	is(t, c.Run(bob, treasury.Payout{Index: 0}), treasury.ErrPayoutError)
	c.Must(alice, balances.TransferKeepAlive{Dest: to(pallets.Treasury), Value: types.Tokens(50)})
	c.Must(bob, treasury.Payout{Index: 0})
	checkBooks(t, c)
}

func TestSpendErrors(t *testing.T) {
	c := newWorld(t, 100)
	is(t, c.Run(alice, spend(1, alice)), runtime.ErrBadOrigin)
	foreign := spend(1, alice)
	foreign.AssetKind = 7
	is(t, c.Root(foreign), treasury.ErrFailedToConvertBalance)
	root(t, c, spend(1, alice))
	is(t, c.Run(alice, treasury.VoidSpend{Index: 0}), runtime.ErrBadOrigin)
	root(t, c, treasury.VoidSpend{Index: 0})
	only[treasury.AssetSpendVoidedEvent](t, c)
	is(t, c.Root(treasury.VoidSpend{Index: 0}), treasury.ErrInvalidIndex)
}

// Four fifths of fees and of tips go to the treasury, the rest to the author;
// the author's part is rounded up.
func TestFeesAreShared(t *testing.T) {
	c := newWorld(t, 0)
	pot, author := free(c, pallets.Treasury), free(c, palletstest.Author)
	payer := free(c, bob)
	c.Must(bob, system.Remark{Remark: []byte("a fee")})
	paid := payer.SaturatingSub(free(c, bob))
	got := free(c, pallets.Treasury).SaturatingSub(pot)
	if want, _ := scale.MulDiv(paid, scale.U128From64(80), scale.U128From64(100)); got != want {
		t.Errorf("the treasury got %v of %v", got, paid)
	}
	if e := only[treasury.DepositEvent](t, c); e.Value != got {
		t.Errorf("%+v", e)
	}
	if rest := free(c, palletstest.Author).SaturatingSub(author); rest != paid.SaturatingSub(got) {
		t.Errorf("the author got %v of %v", rest, paid)
	}
	c.NextBlocks(1)
	if e := only[treasury.UpdatedInactiveEvent](t, c); !e.Reactivated.IsZero() || e.Deactivated != got {
		t.Errorf("%+v", e)
	}
}

// No sequence of spends makes money or loses any that is not burned.
func TestMoneyIsConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newWorld(t, rapid.Uint64Range(0, 100).Draw(t, "tokens"))
		people := []accountID{alice, bob, fresh, pallets.Treasury}
		for range rapid.IntRange(1, 30).Draw(t, "calls") {
			issued := balances.TotalIssuance.Get(c.Ctx())
			who := rapid.SampledFrom(people).Draw(t, "who")
			index := rapid.Uint32Range(0, 4).Draw(t, "index")
			x, _ := types.Tokens(rapid.Uint64Range(0, 60).Draw(t, "tenths")).DivMod(scale.U128From64(10))
			switch rapid.IntRange(0, 7).Draw(t, "action") {
			case 0, 1:
				_ = c.Root(treasury.SpendLocal{Amount: x, Beneficiary: to(who)})
			case 2:
				_ = c.Root(treasury.Spend{Amount: x, Beneficiary: to(who)})
			case 3:
				_ = c.Root(treasury.RemoveApproval{ProposalID: index})
			case 4:
				_ = c.Run(charlie, treasury.Payout{Index: index})
			case 5:
				_ = c.Run(charlie, treasury.CheckStatus{Index: index})
			case 6:
				_ = c.Root(treasury.VoidSpend{Index: index})
			case 7:
				c.NextBlocks(rapid.Uint32Range(1, period-1).Draw(t, "blocks"))
			}
			checkBooks(t, c)
			for _, e := range palletstest.EventsOf[treasury.BurntEvent](c) {
				issued = issued.SaturatingSub(e.BurntFunds)
			}
			if now := balances.TotalIssuance.Get(c.Ctx()); issued.Less(now) {
				t.Fatalf("issuance grew from %v to %v", issued, now)
			}
		}
	})
}
