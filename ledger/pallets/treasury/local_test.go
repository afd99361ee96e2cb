package treasury_test

import (
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/treasury"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// Approved spends are paid when the period ends, in order; of what remains,
// half is burned.
func TestSpendPeriod(t *testing.T) {
	c := newWorld(t, 100)
	root(t, c, treasury.SpendLocal{Amount: types.Tokens(10), Beneficiary: to(fresh)})
	if e := only[treasury.SpendApprovedEvent](t, c); e.ProposalIndex != 0 || e.Amount != types.Tokens(10) || e.Beneficiary != fresh {
		t.Errorf("%+v", e)
	}
	root(t, c, treasury.SpendLocal{Amount: types.Tokens(20), Beneficiary: to(bob)})
	issued, had := balances.TotalIssuance.Get(c.Ctx()), free(c, bob)
	c.GoTo(period - 1)
	if got := free(c, fresh); !got.IsZero() {
		t.Fatalf("%v were paid before the period ended", got)
	}
	c.GoTo(period)
	if got := free(c, fresh); got != types.Tokens(10) {
		t.Errorf("the first got %v", got)
	}
	if got := free(c, bob).SaturatingSub(had); got != types.Tokens(20) {
		t.Errorf("the second got %v", got)
	}
	if e := only[treasury.SpendingEvent](t, c); e.BudgetRemaining != types.Tokens(100) {
		t.Errorf("%+v", e)
	}
	if e := only[treasury.BurntEvent](t, c); e.BurntFunds != types.Tokens(35) {
		t.Errorf("%+v", e)
	}
	if e := only[treasury.RolloverEvent](t, c); e.RolloverBalance != types.Tokens(35) {
		t.Errorf("%+v", e)
	}
	if got := free(c, pallets.Treasury); got != types.Tokens(36) {
		t.Errorf("the treasury has %v, with the existential deposit", got)
	}
	if got := issued.SaturatingSub(balances.TotalIssuance.Get(c.Ctx())); got != types.Tokens(35) {
		t.Errorf("issuance fell by %v", got)
	}
	checkBooks(t, c)
	c.GoTo(2 * period)
	if e := only[treasury.RolloverEvent](t, c); e.RolloverBalance != types.Tokens(35).Div64(2) {
		t.Errorf("%+v", e)
	}
}

// A spend that the treasury cannot pay waits, does not hold up smaller ones,
// and nothing is burned meanwhile.
func TestUnaffordableSpendsWait(t *testing.T) {
	c := newWorld(t, 100)
	root(t, c, treasury.SpendLocal{Amount: types.Tokens(101), Beneficiary: to(fresh)})
	root(t, c, treasury.SpendLocal{Amount: types.Tokens(40), Beneficiary: to(fresh)})
	c.GoTo(period)
	if e := only[treasury.AwardedEvent](t, c); e.ProposalIndex != 1 || e.Award != types.Tokens(40) {
		t.Errorf("%+v", e)
	}
	if got := treasury.Approvals.Get(c.Ctx()); !slices.Equal(got, []uint32{0}) {
		t.Errorf("approvals %v", got)
	}
	if n := len(palletstest.EventsOf[treasury.BurntEvent](c)); n != 0 {
		t.Error("money was burned that an approved spend needs")
	}
	c.Must(alice, balances.TransferKeepAlive{Dest: to(pallets.Treasury), Value: types.Tokens(41)})
	c.GoTo(2 * period)
	if e := only[treasury.AwardedEvent](t, c); e.ProposalIndex != 0 {
		t.Errorf("%+v", e)
	}
	checkBooks(t, c)
}

// What is too little for a new account is not lost: it stays in the treasury.
func TestAwardBelowExistentialDeposit(t *testing.T) {
	c := newWorld(t, 100)
	root(t, c, treasury.SpendLocal{Amount: types.Tokens(1).Div64(2), Beneficiary: to(fresh)})
	c.GoTo(period)
	if e := only[treasury.AwardedEvent](t, c); !e.Award.IsZero() {
		t.Errorf("%+v", e)
	}
	if e := only[treasury.BurntEvent](t, c); e.BurntFunds != types.Tokens(50) {
		t.Errorf("%+v", e)
	}
	checkBooks(t, c)
}

func TestLocalSpendErrors(t *testing.T) {
	c := newWorld(t, 100)
	is(t, c.Run(alice, treasury.SpendLocal{Amount: types.Tokens(1), Beneficiary: to(alice)}), runtime.ErrBadOrigin)
	is(t, c.Run(alice, treasury.RemoveApproval{}), runtime.ErrBadOrigin)
	is(t, c.Root(treasury.RemoveApproval{ProposalID: 3}), treasury.ErrProposalNotApproved)
	err := c.Do(func(ctx *runtime.Context) error {
		for range 100 {
			if err := (treasury.SpendLocal{Amount: types.Tokens(1), Beneficiary: to(bob)}).Dispatch(ctx, runtime.RootOrigin()); err != nil {
				return err
			}
		}
		return nil
	})
	is(t, err, nil)
	is(t, c.Root(treasury.SpendLocal{Amount: types.Tokens(1), Beneficiary: to(bob)}), treasury.ErrTooManyApprovals)
}

// The reference forgets the approval and keeps the record of the spend.
func TestRemovedApprovalLeavesNothing(t *testing.T) {
	c := newWorld(t, 100)
	root(t, c, treasury.SpendLocal{Amount: types.Tokens(10), Beneficiary: to(fresh)})
	root(t, c, treasury.RemoveApproval{ProposalID: 0})
	if _, ok := treasury.Proposals.Get(c.Ctx(), 0); ok {
		t.Error("the record is still there")
	}
	c.GoTo(period)
	if got := free(c, fresh); !got.IsZero() {
		t.Errorf("%v were paid", got)
	}
	checkBooks(t, c)
}

// A chain whose spec gives the treasury nothing has one that exists.
func TestTreasuryExists(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{Pallets: map[string]any{
		"Balances": balances.Genesis{Balances: map[types.Address]types.Balance{
			types.Address(palletstest.Author): types.Tokens(10_000_000), types.Address(alice): types.Tokens(1000),
		}},
	}})
	if got := free(c, pallets.Treasury); got != types.Tokens(1) {
		t.Errorf("the treasury has %v", got)
	}
	checkBooks(t, c)
}
