package reservoir

import (
	"math"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Filling gives funds to the project, in planck.
type Filling struct {
	Amount types.Balance `type:"BalanceOf<T>"`
}

// Dispatch emits Filling.
func (c Filling) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if err := currency.Transfer(ctx, who, pool, c.Amount, balances.KeepAlive); err != nil {
		return err
	}
	ctx.Emit(FillingEvent(c))
	return book(ctx, func(t *Info) error { return add(&t.FreeBalance, c.Amount) })
}

// Store deposits tokens, in planck.
type Store struct {
	Amount types.Balance `type:"BalanceOf<T>"`
}

// Dispatch emits Store.
func (c Store) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if err := currency.Transfer(ctx, who, pool, c.Amount, balances.KeepAlive); err != nil {
		return err
	}
	hold := Passbooks.Get(ctx, who)
	if err := add(&hold.Free, c.Amount); err != nil {
		return err
	}
	putHold(ctx, who, hold)
	ctx.Emit(StoreEvent(c))
	return book(ctx, func(t *Info) error { return add(&t.StoreBalance, c.Amount) })
}

// Withdraw takes a deposit back, in planck, as far as it is not pledged.
type Withdraw struct {
	Amount types.Balance `type:"BalanceOf<T>"`
}

// Dispatch emits Withdraw.
func (c Withdraw) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	hold := Passbooks.Get(ctx, who)
	if err := sub(&hold.Free, c.Amount); err != nil {
		return err
	}
	putHold(ctx, who, hold)
	if err := book(ctx, func(t *Info) error { return sub(&t.StoreBalance, c.Amount) }); err != nil {
		return err
	}
	ctx.Emit(WithdrawEvent(c))
	return payOut(ctx, who, c.Amount)
}

// EventWithdraw takes the project's funds out, in planck; root.
type EventWithdraw struct {
	Amount types.Balance       `type:"BalanceOf<T>"`
	Target substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits RootWithdraw.
func (c EventWithdraw) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	if err := book(ctx, func(t *Info) error { return sub(&t.FreeBalance, c.Amount) }); err != nil {
		return err
	}
	ctx.Emit(RootWithdrawEvent{Amount: c.Amount})
	return payOut(ctx, c.Target, c.Amount)
}

// payOut pays from the pool, which keeps the existential deposit unless all of
// it goes.
func payOut(ctx *runtime.Context, to substrate.AccountID, x types.Balance) error {
	keep := balances.KeepAlive
	if x == currency.Free(ctx, pool) {
		keep = balances.AllowDeath
	}
	return currency.Transfer(ctx, pool, to, x, keep)
}

// CreateEvent announces loans; root. Deadline and BorrowPeriod are numbers of
// blocks, UnitAmount is in planck.
type CreateEvent struct {
	ID           EventID           `type:"BoundedVec<u8, T::IdLength>"`
	Quota        uint32            `type:"u32"`
	Deadline     types.BlockNumber `type:"BlockNumberFor<T>"`
	UnitAmount   types.Balance     `type:"BalanceOf<T>"`
	BorrowPeriod types.BlockNumber `type:"BlockNumberFor<T>"`
	UseType      UseType           `type:"UseType"`
}

// Dispatch emits CreateEvent. The event lasts until the block Deadline ahead,
// the next block at least.
func (c CreateEvent) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	if Events.Contains(ctx, c.ID) {
		return ErrLengthExceedsLimit
	}
	end, err := after(ctx, max(c.Deadline, 1))
	if err != nil {
		return err
	}
	ending := Expiries.Get(ctx, end)
	if uint64(len(ending)) >= uint64(min(EventLimit.Get(ctx), maxEvents)) {
		return ErrBoundedVec
	}
	Expiries.Put(ctx, end, append(ending, c.ID))
	Events.Put(ctx, c.ID, Event{
		Quota: c.Quota, Deadline: c.Deadline, UnitAmount: c.UnitAmount, BorrowPeriod: c.BorrowPeriod, UseType: c.UseType,
	})
	ctx.Emit(CreateEventEvent{ID: c.ID})
	return nil
}

func after(ctx *runtime.Context, blocks types.BlockNumber) (types.BlockNumber, error) {
	now := ctx.BlockNumber()
	if blocks > math.MaxUint32-now {
		return 0, ErrOverflow
	}
	return now + blocks, nil
}

// AttendEvent borrows at an event. A lapsed loan with nothing pledged makes
// room.
type AttendEvent struct {
	ID EventID `type:"BoundedVec<u8, T::IdLength>"`
}

// Dispatch emits AttendEvent. No tokens move: they stay in the pool.
func (c AttendEvent) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	event, ok := Events.Get(ctx, c.ID)
	if !ok {
		return ErrIDNonExistent
	}
	if err := settle(ctx, who); err != nil {
		return err
	}
	if Loans.Contains(ctx, who) {
		return ErrBorrowed
	}
	if event.Quota == 0 {
		return ErrUpperLimit
	}
	event.Quota--
	Events.Put(ctx, c.ID, event)
	deadline, err := after(ctx, event.BorrowPeriod)
	if err != nil {
		return err
	}
	err = book(ctx, func(t *Info) error {
		if err := sub(&t.FreeBalance, event.UnitAmount); err != nil {
			return err
		}
		return add(&t.BorrowBalance, event.UnitAmount)
	})
	if err != nil {
		return err
	}
	Loans.Put(ctx, who, Borrow{Free: event.UnitAmount, Lender: pool, Deadline: deadline})
	ctx.Emit(AttendEventEvent(c))
	return nil
}

// onInitialize ends the events that end at this block, EventLimit at most.
func onInitialize(ctx *runtime.Context) {
	now := ctx.BlockNumber()
	ending := Expiries.Get(ctx, now)
	if len(ending) == 0 {
		return
	}
	for _, id := range ending {
		Events.Delete(ctx, id)
		ctx.Emit(EventExpiredEvent{ID: id})
	}
	Expiries.Delete(ctx, now)
}
