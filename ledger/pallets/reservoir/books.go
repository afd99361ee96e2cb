package reservoir

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

func add(to *types.Balance, x types.Balance) error {
	sum, over := to.AddOverflow(x)
	if over {
		return ErrOverflow
	}
	*to = sum
	return nil
}

func sub(from *types.Balance, x types.Balance) error {
	rest, under := from.SubUnderflow(x)
	if under {
		return ErrOverflow
	}
	*from = rest
	return nil
}

// book changes the totals.
func book(ctx *runtime.Context, fn func(*Info) error) error {
	t := Totals.Get(ctx)
	if err := fn(&t); err != nil {
		return err
	}
	Totals.Put(ctx, t)
	return nil
}

// putHold stores a passbook; an empty one takes no place.
func putHold(ctx *runtime.Context, who substrate.AccountID, h Hold) {
	if h == (Hold{}) {
		Passbooks.Delete(ctx, who)
		return
	}
	Passbooks.Put(ctx, who, h)
}

func lapsed(ctx *runtime.Context, l Borrow) bool { return ctx.BlockNumber() >= l.Deadline }

// settle returns what is not pledged of a lapsed loan to the project. The
// record stays while something is pledged. Upstream deletes it, and the funds
// belong to nobody from then on (spec/pallets-storage.md §12 B25).
func settle(ctx *runtime.Context, who substrate.AccountID) error {
	loan, ok := Loans.Get(ctx, who)
	if !ok || !lapsed(ctx, loan) {
		return nil
	}
	err := book(ctx, func(t *Info) error {
		if err := sub(&t.BorrowBalance, loan.Free); err != nil {
			return err
		}
		return add(&t.FreeBalance, loan.Free)
	})
	if err != nil {
		return err
	}
	loan.Free = types.Balance{}
	if loan.Staking.IsZero() {
		Loans.Delete(ctx, who)
	} else {
		Loans.Put(ctx, who, loan)
	}
	return nil
}

// unpledge takes x off what is pledged and says how much of it was of the
// deposit and of the loan.
func unpledge(ctx *runtime.Context, who substrate.AccountID, x types.Balance) (deposit, loan types.Balance, err error) {
	hold := Passbooks.Get(ctx, who)
	deposit = x.Min(hold.Staking)
	hold.Staking = hold.Staking.SaturatingSub(deposit)
	putHold(ctx, who, hold)
	if loan = x.SaturatingSub(deposit); loan.IsZero() {
		return deposit, loan, nil
	}
	l, ok := Loans.Get(ctx, who)
	if !ok || l.Staking.Less(loan) {
		return deposit, loan, ErrBugInvalid
	}
	l.Staking = l.Staking.SaturatingSub(loan)
	Loans.Put(ctx, who, l)
	return deposit, loan, nil
}
