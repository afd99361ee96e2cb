package reservoir_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/reservoir"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

type accountID = substrate.AccountID

var (
	alice = palletstest.Alice
	bob   = palletstest.Bob
	pool  = substrate.AccountOfPallet(types.ReservoirPot)
	fines = substrate.AccountOfPallet(types.PunishmentPot)
	api   = reservoir.API{}
	money = balances.API{}
	fair  = reservoir.EventID("fair")
)

// world starts a chain whose pool owns one token that is in no book.
func world(t palletstest.TB) *palletstest.Chain {
	t.Helper()
	return palletstest.New(t, palletstest.Genesis{Balances: map[accountID]types.Balance{
		pool: types.Tokens(1), fines: types.Tokens(1),
	}})
}

func event(quota uint32, lasts, period types.BlockNumber, tokens uint64) reservoir.CreateEvent {
	return reservoir.CreateEvent{ID: fair, Quota: quota, Deadline: lasts, UnitAmount: types.Tokens(tokens), BorrowPeriod: period}
}

func root(t *testing.T, c *palletstest.Chain, call runtime.Call) {
	t.Helper()
	if err := c.Root(call); err != nil {
		t.Fatalf("%T: %v", call, err)
	}
}

// The four things that Sminer does with a pledge.

func pledge(c *palletstest.Chain, who accountID, x types.Balance) error {
	return c.Do(func(ctx *runtime.Context) error {
		if err := api.CheckQualification(ctx, who, x); err != nil {
			return err
		}
		return api.Staking(ctx, who, x)
	})
}

func redeem(c *palletstest.Chain, who accountID, x types.Balance) error {
	return c.Do(func(ctx *runtime.Context) error {
		if err := api.Redeem(ctx, who, x); err != nil {
			return err
		}
		money.Unreserve(ctx, pool, x)
		return nil
	})
}

func punish(c *palletstest.Chain, who accountID, x types.Balance) error {
	return c.Do(func(ctx *runtime.Context) error {
		if err := api.Punish(ctx, who, x); err != nil {
			return err
		}
		_, err := money.TransferReserved(ctx, pool, fines, x)
		return err
	})
}

func restore(c *palletstest.Chain, who accountID, x types.Balance) error {
	return c.Do(func(ctx *runtime.Context) error {
		if err := money.Transfer(ctx, fines, pool, x, balances.KeepAlive); err != nil {
			return err
		}
		if err := api.Restore(ctx, who, x); err != nil {
			return err
		}
		return money.Reserve(ctx, pool, x)
	})
}

// checkBooks is invariant 15 of spec/pallets-storage.md §11: the books are
// what the pool owns, and the users' books add up to the totals.
func checkBooks(t palletstest.TB, c *palletstest.Chain) {
	t.Helper()
	ctx := c.Ctx()
	totals := reservoir.Totals.Get(ctx)
	stored, lent, pledged := types.Balance{}, types.Balance{}, types.Balance{}
	for _, h := range reservoir.Passbooks.Iter(ctx) {
		stored = stored.SaturatingAdd(h.Free).SaturatingAdd(h.Staking)
		pledged = pledged.SaturatingAdd(h.Staking)
	}
	for _, l := range reservoir.Loans.Iter(ctx) {
		lent = lent.SaturatingAdd(l.Free).SaturatingAdd(l.Staking)
		pledged = pledged.SaturatingAdd(l.Staking)
	}
	if stored != totals.StoreBalance || lent != totals.BorrowBalance {
		t.Fatalf("users have %v stored and %v borrowed, the totals are %+v", stored, lent, totals)
	}
	books := totals.FreeBalance.SaturatingAdd(lent).SaturatingAdd(stored).SaturatingAdd(types.Tokens(1))
	if owned := money.Free(ctx, pool).SaturatingAdd(money.Reserved(ctx, pool)); owned != books {
		t.Fatalf("the pool owns %v, the books and the present are %v", owned, books)
	}
	if reserved := money.Reserved(ctx, pool); reserved != pledged {
		t.Fatalf("%v is reserved for pledges of %v", reserved, pledged)
	}
}

func TestDepositAndWithdraw(t *testing.T) {
	c := world(t)
	c.Must(alice, reservoir.Store{Amount: types.Tokens(100)})
	c.Must(bob, reservoir.Filling{Amount: types.Tokens(30)})
	checkBooks(t, c)
	if err := c.Run(bob, reservoir.Withdraw{Amount: types.Tokens(1)}); !errors.Is(err, reservoir.ErrOverflow) {
		t.Fatalf("withdraw of another's deposit: %v", err)
	}
	if err := c.Run(alice, reservoir.Withdraw{Amount: types.Tokens(101)}); !errors.Is(err, reservoir.ErrOverflow) {
		t.Fatalf("withdraw of more than the deposit: %v", err)
	}
	if err := pledge(c, alice, types.Tokens(60)); err != nil {
		t.Fatal(err)
	}
	if err := c.Run(alice, reservoir.Withdraw{Amount: types.Tokens(41)}); !errors.Is(err, reservoir.ErrOverflow) {
		t.Fatalf("withdraw of what is pledged: %v", err)
	}
	c.Must(alice, reservoir.Withdraw{Amount: types.Tokens(40)})
	checkBooks(t, c)
	if err := redeem(c, alice, types.Tokens(60)); err != nil {
		t.Fatal(err)
	}
	c.Must(alice, reservoir.Withdraw{Amount: types.Tokens(60)})
	if reservoir.Passbooks.Contains(c.Ctx(), alice) {
		t.Error("an empty passbook is left")
	}
	if err := c.Run(bob, reservoir.EventWithdraw{Amount: types.Tokens(1), Target: bob}); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Fatalf("event_withdraw by Bob: %v", err)
	}
	if err := c.Root(reservoir.EventWithdraw{Amount: types.Tokens(31), Target: bob}); !errors.Is(err, reservoir.ErrOverflow) {
		t.Fatalf("more than the project's funds: %v", err)
	}
	root(t, c, reservoir.EventWithdraw{Amount: types.Tokens(30), Target: bob})
	checkBooks(t, c)
}

func TestEvents(t *testing.T) {
	c := world(t)
	c.Must(bob, reservoir.Filling{Amount: types.Tokens(50)})
	if err := c.Run(bob, event(1, 5, 5, 5)); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Fatalf("create_event by Bob: %v", err)
	}
	if err := c.Run(alice, reservoir.AttendEvent{ID: fair}); !errors.Is(err, reservoir.ErrIDNonExistent) {
		t.Fatalf("no such event: %v", err)
	}
	root(t, c, event(1, 5, 10, 40))
	end := c.Number() + 5
	if err := c.Root(event(1, 5, 10, 40)); !errors.Is(err, reservoir.ErrLengthExceedsLimit) {
		t.Fatalf("created twice: %v", err)
	}
	c.Must(alice, reservoir.AttendEvent{ID: fair})
	checkBooks(t, c)
	if err := c.Run(alice, reservoir.AttendEvent{ID: fair}); !errors.Is(err, reservoir.ErrBorrowed) {
		t.Fatalf("borrowed twice: %v", err)
	}
	if err := c.Run(bob, reservoir.AttendEvent{ID: fair}); !errors.Is(err, reservoir.ErrUpperLimit) {
		t.Fatalf("the quota is used up: %v", err)
	}
	c.GoTo(end)
	if e := palletstest.EventsOf[reservoir.EventExpiredEvent](c); len(e) != 1 || string(e[0].ID) != "fair" {
		t.Fatalf("events %+v", e)
	}
	if reservoir.Expiries.Contains(c.Ctx(), end) || reservoir.Events.Contains(c.Ctx(), fair) {
		t.Fatal("the event is left")
	}
	// The loan has lapsed by now: there is room for another, but no funds.
	c.GoTo(end + 10)
	root(t, c, event(1, 0, 10, 51))
	if err := c.Run(alice, reservoir.AttendEvent{ID: fair}); !errors.Is(err, reservoir.ErrIDNonExistent) {
		t.Fatalf("an event of no blocks ends with the next one: %v", err)
	}
	root(t, c, event(1, 9, 10, 51))
	if err := c.Run(alice, reservoir.AttendEvent{ID: fair}); !errors.Is(err, reservoir.ErrOverflow) {
		t.Fatalf("a loan of more than the project has: %v", err)
	}
	checkBooks(t, c)
	if err := c.Root(reservoir.CreateEvent{ID: reservoir.EventID("x"), Deadline: 1<<32 - 1}); !errors.Is(err, reservoir.ErrOverflow) {
		t.Fatalf("an end beyond all blocks: %v", err)
	}
}

func TestThirtyTwoEventsEndAtABlock(t *testing.T) {
	c := world(t)
	err := c.Do(func(ctx *runtime.Context) error {
		for i := range 33 {
			err := ctx.Dispatch(reservoir.CreateEvent{ID: reservoir.EventID{byte(i)}, Deadline: 3}, runtime.RootOrigin())
			if i < 32 && err != nil || i == 32 && !errors.Is(err, reservoir.ErrBoundedVec) {
				t.Errorf("event %d: %v", i, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c.NextBlocks(3)
	if e := palletstest.EventsOf[reservoir.EventExpiredEvent](c); len(e) != 32 {
		t.Fatalf("%d events ended", len(e))
	}
}

// Upstream forgets a lapsed loan with its funds and lets it count as
// collateral; punishments leave the totals as they were.
func TestB25LapsedLoansAndPunishments(t *testing.T) {
	c := world(t)
	c.Must(bob, reservoir.Filling{Amount: types.Tokens(100)})
	c.Must(alice, reservoir.Store{Amount: types.Tokens(20)})
	root(t, c, event(5, 50, 6, 100))
	c.Must(alice, reservoir.AttendEvent{ID: fair})
	if err := pledge(c, alice, types.Tokens(121)); !errors.Is(err, reservoir.ErrInsufficient) {
		t.Fatalf("pledge of more than there is: %v", err)
	}
	if err := pledge(c, alice, types.Tokens(30)); err != nil {
		t.Fatal(err)
	}
	checkBooks(t, c)
	c.NextBlocks(10)
	if err := pledge(c, alice, types.Tokens(21)); !errors.Is(err, reservoir.ErrInsufficient) {
		t.Fatalf("a lapsed loan counts as collateral: %v", err)
	}
	if err := pledge(c, alice, types.Tokens(20)); err != nil {
		t.Fatal(err)
	}
	if l, ok := reservoir.Loans.Get(c.Ctx(), alice); !ok || l.Staking != types.Tokens(30) || !l.Free.IsZero() {
		t.Fatalf("the pledged part of a lapsed loan: %+v, %v", l, ok)
	}
	if totals := reservoir.Totals.Get(c.Ctx()); totals.FreeBalance != types.Tokens(70) || totals.BorrowBalance != types.Tokens(30) {
		t.Fatalf("the rest of a lapsed loan belongs to nobody: %+v", totals)
	}
	checkBooks(t, c)
	if err := punish(c, alice, types.Tokens(25)); err != nil {
		t.Fatal(err)
	}
	checkBooks(t, c)
	if err := punish(c, alice, types.Tokens(26)); !errors.Is(err, reservoir.ErrBugInvalid) {
		t.Fatalf("punished by more than the pledge: %v", err)
	}
	// What the deposit and the loan lost comes back to them.
	if err := restore(c, alice, types.Tokens(25)); err != nil {
		t.Fatal(err)
	}
	checkBooks(t, c)
	hold := reservoir.Passbooks.Get(c.Ctx(), alice)
	if l, _ := reservoir.Loans.Get(c.Ctx(), alice); hold.Staking != types.Tokens(20) || l.Staking != types.Tokens(30) {
		t.Fatalf("restored to %+v and %+v", hold, l)
	}
	if err := redeem(c, alice, types.Tokens(50)); err != nil {
		t.Fatal(err)
	}
	checkBooks(t, c)
	if reservoir.Loans.Contains(c.Ctx(), alice) {
		t.Fatal("a lapsed loan with nothing pledged is left")
	}
	if totals := reservoir.Totals.Get(c.Ctx()); totals.FreeBalance != types.Tokens(100) {
		t.Fatalf("the project has %v back", totals.FreeBalance)
	}
}

// A dispute may give back what a loan lost after the loan itself has gone.
func TestRestoreOfAGoneLoan(t *testing.T) {
	c := world(t)
	c.Must(bob, reservoir.Filling{Amount: types.Tokens(100)})
	root(t, c, event(5, 50, 3, 100))
	c.Must(alice, reservoir.AttendEvent{ID: fair})
	if err := pledge(c, alice, types.Tokens(100)); err != nil {
		t.Fatal(err)
	}
	c.NextBlocks(5)
	if err := punish(c, alice, types.Tokens(100)); err != nil {
		t.Fatal(err)
	}
	if reservoir.Loans.Contains(c.Ctx(), alice) {
		t.Fatal("the loan is left")
	}
	checkBooks(t, c)
	if err := restore(c, alice, types.Tokens(100)); err != nil {
		t.Fatal(err)
	}
	checkBooks(t, c)
	if err := redeem(c, alice, types.Tokens(100)); err != nil {
		t.Fatal(err)
	}
	checkBooks(t, c)
	if totals := reservoir.Totals.Get(c.Ctx()); totals.FreeBalance != types.Tokens(100) || !totals.StoreBalance.IsZero() {
		t.Fatalf("totals %+v: the loan was the project's", totals)
	}
}

// A pool without presents pays the last deposit out to the planck.
func TestLastDepositLeaves(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(alice, reservoir.Store{Amount: types.Tokens(7)})
	if err := c.Run(alice, reservoir.Withdraw{Amount: types.Tokens(7).SaturatingSub(scale.U128From64(1))}); !errors.Is(err, runtime.ErrNotExpendable) {
		t.Fatalf("a rest that nobody could withdraw: %v", err)
	}
	c.Must(alice, reservoir.Withdraw{Amount: types.Tokens(7)})
	if got := money.Free(c.Ctx(), pool); !got.IsZero() {
		t.Fatalf("%v is left", got)
	}
}

// Nobody gets more back than was taken: what no pledge stands for must not be
// reserved.
func TestRestoreIsAtMostTheFine(t *testing.T) {
	c := world(t)
	c.Must(alice, reservoir.Store{Amount: types.Tokens(10)})
	gift := func(ctx *runtime.Context) error {
		return money.Transfer(ctx, bob, fines, types.Tokens(5), balances.KeepAlive)
	}
	for _, err := range []error{c.Do(gift), pledge(c, alice, types.Tokens(5)), punish(c, alice, types.Tokens(2))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := restore(c, bob, types.Tokens(1)); !errors.Is(err, reservoir.ErrBugInvalid) {
		t.Fatalf("one that was not fined gets it back: %v", err)
	}
	if err := restore(c, alice, types.Tokens(3)); !errors.Is(err, reservoir.ErrBugInvalid) {
		t.Fatalf("three of a fine of two come back: %v", err)
	}
	if err := restore(c, alice, types.Tokens(2)); err != nil {
		t.Fatal(err)
	}
	checkBooks(t, c)
}
