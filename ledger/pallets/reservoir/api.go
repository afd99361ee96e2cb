package reservoir

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Currency moves tokens to and from the pool and reserves what is pledged.
type Currency interface {
	Free(ctx *runtime.Context, who substrate.AccountID) types.Balance
	Transfer(ctx *runtime.Context, from, to substrate.AccountID, x types.Balance, keep balances.Existence) error
	Reserve(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
}

// currency is set by Wire.
var currency Currency

// Wire names what this pallet uses of others.
func Wire(c Currency) { currency = c }

// pool is the account that all tokens lie on.
var pool = substrate.AccountOfPallet(types.ReservoirPot)

// API keeps the books of what is pledged for miners. Amounts are in planck.
type API struct{}

// CheckQualification returns Insufficient unless the user may pledge x. Unlike
// upstream, a lapsed loan does not count (spec/pallets-storage.md §12 B25).
func (API) CheckQualification(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error {
	available := Passbooks.Get(ctx, who).Free
	if loan, ok := Loans.Get(ctx, who); ok && !lapsed(ctx, loan) {
		available = available.SaturatingAdd(loan.Free)
	}
	if available.Less(x) {
		return ErrInsufficient
	}
	return nil
}

// Staking pledges x, of the loan first unless it has lapsed, and reserves it
// on the pool's account.
func (API) Staking(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error {
	return ctx.Transaction(func() error {
		if err := settle(ctx, who); err != nil {
			return err
		}
		rest := x
		if loan, ok := Loans.Get(ctx, who); ok {
			part := rest.Min(loan.Free)
			loan.Free = loan.Free.SaturatingSub(part)
			loan.Staking = loan.Staking.SaturatingAdd(part)
			rest = rest.SaturatingSub(part)
			Loans.Put(ctx, who, loan)
		}
		hold := Passbooks.Get(ctx, who)
		if err := sub(&hold.Free, rest); err != nil {
			return err
		}
		hold.Staking = hold.Staking.SaturatingAdd(rest)
		putHold(ctx, who, hold)
		return currency.Reserve(ctx, pool, x)
	})
}

// Redeem ends the pledge of x in the books, of the deposit first, and leaves
// the tokens alone. It returns BugInvalid if less is pledged.
func (API) Redeem(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error {
	return ctx.Transaction(func() error {
		deposit, loan, err := unpledge(ctx, who, x)
		if err != nil {
			return err
		}
		hold := Passbooks.Get(ctx, who)
		hold.Free = hold.Free.SaturatingAdd(deposit)
		putHold(ctx, who, hold)
		if l, ok := Loans.Get(ctx, who); ok {
			l.Free = l.Free.SaturatingAdd(loan)
			Loans.Put(ctx, who, l)
		}
		return settle(ctx, who)
	})
}

// Punish takes x off what is pledged, of the deposit first, and off the
// totals, and leaves the tokens alone: the caller takes them out of the pool.
// It returns BugInvalid if less is pledged.
func (API) Punish(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error {
	return ctx.Transaction(func() error {
		deposit, loan, err := unpledge(ctx, who, x)
		if err != nil {
			return err
		}
		err = losses.Mutate(ctx, who, func(l *loss) error {
			if err := add(&l.Deposit, deposit); err != nil {
				return err
			}
			return add(&l.Loan, loan)
		})
		if err != nil {
			return err
		}
		err = book(ctx, func(t *Info) error {
			if err := sub(&t.StoreBalance, deposit); err != nil {
				return err
			}
			return sub(&t.BorrowBalance, loan)
		})
		if err != nil {
			return err
		}
		return settle(ctx, who)
	})
}

// Restore undoes Punish after the tokens came back: first what the loan lost,
// which was taken last. A loan that has gone since comes back as a lapsed one.
// It returns BugInvalid if less was taken: the caller reserves all of x, and
// what no pledge stands for must not be reserved.
func (API) Restore(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error {
	return ctx.Transaction(func() error {
		lost := losses.Get(ctx, who)
		loan := x.Min(lost.Loan)
		deposit := x.SaturatingSub(loan).Min(lost.Deposit)
		if loan.SaturatingAdd(deposit) != x {
			return ErrBugInvalid
		}
		lost = loss{lost.Deposit.SaturatingSub(deposit), lost.Loan.SaturatingSub(loan)}
		if lost == (loss{}) {
			losses.Delete(ctx, who)
		} else {
			losses.Put(ctx, who, lost)
		}
		if !loan.IsZero() {
			l, ok := Loans.Get(ctx, who)
			if !ok {
				l = Borrow{Lender: pool, Deadline: ctx.BlockNumber()}
			}
			if err := add(&l.Staking, loan); err != nil {
				return err
			}
			Loans.Put(ctx, who, l)
		}
		hold := Passbooks.Get(ctx, who)
		if err := add(&hold.Staking, deposit); err != nil {
			return err
		}
		putHold(ctx, who, hold)
		return book(ctx, func(t *Info) error {
			if err := add(&t.BorrowBalance, loan); err != nil {
				return err
			}
			return add(&t.StoreBalance, deposit)
		})
	})
}
