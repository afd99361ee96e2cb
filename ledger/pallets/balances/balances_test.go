package balances_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/transactionpayment"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

var (
	api   balances.API
	alice = palletstest.Alice
	bob   = palletstest.Bob
	fresh = palletstest.Account("fresh")
)

func to(who substrate.AccountID) substrate.MultiAddress { return substrate.AddressOf(who) }

func TestTransferErrors(t *testing.T) {
	one, half := types.Tokens(1), types.Tokens(1).Div64(2)
	for _, tt := range []struct {
		name   string
		signer substrate.AccountID
		call   runtime.Call
		want   error
	}{
		{"a new account needs the existential deposit", alice,
			balances.TransferKeepAlive{Dest: to(fresh), Value: half}, runtime.ErrBelowMinimum},
		{"more than there is", alice,
			balances.TransferKeepAlive{Dest: to(bob), Value: types.Tokens(10_000_000_000)}, runtime.ErrFundsUnavailable},
		{"keep alive leaves the deposit", alice,
			balances.TransferKeepAlive{Dest: to(bob), Value: types.Tokens(999_999_999)}, runtime.ErrNotExpendable},
		{"to oneself, more than there is", alice,
			balances.TransferAllowDeath{Dest: to(alice), Value: types.Tokens(10_000_000_000)}, runtime.ErrFundsUnavailable},
		{"to oneself, the whole balance", alice,
			balances.TransferKeepAlive{Dest: to(alice), Value: types.Tokens(999_999_999)}, runtime.ErrNotExpendable},
		{"an index has no account", alice,
			balances.TransferKeepAlive{Dest: substrate.AddressOfIndex(3), Value: one}, runtime.ErrCannotLookup},
		{"force transfer needs root", alice,
			balances.ForceTransfer{Source: to(bob), Dest: to(alice), Value: one}, runtime.ErrBadOrigin},
		{"setting balances needs root", alice,
			balances.ForceSetBalance{Who: to(alice), NewFree: one}, runtime.ErrBadOrigin},
		{"burn more than there is", alice,
			balances.Burn{Value: types.Tokens(10_000_000_000)}, runtime.ErrFundsUnavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := palletstest.New(t, palletstest.Genesis{})
			before := api.Free(c.Ctx(), bob)
			if err := c.Run(tt.signer, tt.call); !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if after := api.Free(c.Ctx(), bob); after != before {
				t.Fatalf("Bob's balance went from %v to %v", before, after)
			}
			if len(palletstest.EventsOf[transactionpayment.TransactionFeePaidEvent](c)) != 1 {
				t.Fatal("a failed call pays its fee too")
			}
		})
	}
}

// Others who depend on an account keep its existential deposit in place.
func TestNeededAccountsKeepTheirDeposit(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{Balances: map[substrate.AccountID]types.Balance{fresh: types.Tokens(5)}})
	if err := c.Do(func(ctx *runtime.Context) error { return system.IncConsumers(ctx, fresh) }); err != nil {
		t.Fatal(err)
	}
	send := func(x types.Balance) error {
		return c.Do(func(ctx *runtime.Context) error {
			return ctx.Dispatch(balances.TransferAllowDeath{Dest: to(bob), Value: x}, runtime.SignedOrigin(fresh))
		})
	}
	if err := send(types.Tokens(5)); !errors.Is(err, runtime.ErrFrozen) {
		t.Errorf("all of it: %v", err)
	}
	if err := send(types.Tokens(4)); err != nil {
		t.Errorf("all but the deposit: %v", err)
	}
}

// To move nothing is reported, unless it is to oneself.
func TestTransferOfNothing(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(alice, balances.TransferKeepAlive{Dest: to(bob)})
	want := []balances.TransferEvent{{From: alice, To: bob}}
	if got := palletstest.EventsOf[balances.TransferEvent](c); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	c.Must(alice, balances.TransferKeepAlive{Dest: to(alice), Value: types.Tokens(1)})
	if got := palletstest.EventsOf[balances.TransferEvent](c); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// The order of events is what clients walk (spec/wire.md §2.4).
func TestTransferToNewAccountEvents(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(alice, balances.TransferKeepAlive{Dest: to(fresh), Value: types.Tokens(5)})
	var names []string
	for _, e := range c.Events() {
		names = append(names, runtime.RuntimeEvent{Event: e}.Name())
	}
	want := []string{
		"System.ExtrinsicSuccess", // of the timestamp
		"Balances.Withdraw", "System.NewAccount", "Balances.Endowed", "Balances.Transfer",
		"Balances.Deposit", "Treasury.Deposit", "Balances.Deposit", "TransactionPayment.TransactionFeePaid", "System.ExtrinsicSuccess",
	}
	if len(names) != len(want) {
		t.Fatalf("events %v, want %v", names, want)
	}
	for i := range want {
		if names[i] != want[i] {
			t.Fatalf("event %d is %s, want %s", i, names[i], want[i])
		}
	}
}

func TestReapingLosesDustAndNonce(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(alice, balances.TransferKeepAlive{Dest: to(fresh), Value: types.Tokens(10)})
	half := types.Tokens(1).Div64(2)
	free := api.Free(c.Ctx(), fresh)
	err := c.Do(func(ctx *runtime.Context) error {
		return api.Transfer(ctx, fresh, alice, free.SaturatingSub(half), balances.AllowDeath)
	})
	if err != nil {
		t.Fatal(err)
	}
	if system.Exists(c.Ctx(), fresh) {
		t.Fatal("an account below the existential deposit still exists")
	}
	if dust := palletstest.EventsOf[balances.DustLostEvent](c); len(dust) != 1 || dust[0].Amount != half {
		t.Fatalf("dust %v, want %v", dust, half)
	}
	checkIssuance(t, c)
}

func TestReservePinsTheAccount(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(alice, balances.TransferKeepAlive{Dest: to(fresh), Value: types.Tokens(10)})
	if err := c.Do(func(ctx *runtime.Context) error { return api.Reserve(ctx, fresh, types.Tokens(4)) }); err != nil {
		t.Fatal(err)
	}
	if got := api.Reserved(c.Ctx(), fresh); got != types.Tokens(4) {
		t.Fatalf("reserved %v", got)
	}
	err := c.Do(func(ctx *runtime.Context) error {
		return api.Transfer(ctx, fresh, alice, types.Tokens(6), balances.AllowDeath)
	})
	if err == nil {
		t.Fatal("an account with a reserve gave its last free token away")
	}
	if err := c.Do(func(ctx *runtime.Context) error { return api.Reserve(ctx, fresh, types.Tokens(100)) }); !errors.Is(err, balances.ErrInsufficientBalance) {
		t.Fatalf("reserve of too much: %v", err)
	}
	if err := c.Do(func(ctx *runtime.Context) error {
		if rest := api.Unreserve(ctx, fresh, types.Tokens(9)); rest != types.Tokens(5) {
			t.Errorf("unreserve left %v, want 5 tokens", rest)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	checkIssuance(t, c)
}

func TestRootCalls(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	for _, call := range []runtime.Call{
		balances.ForceSetBalance{Who: to(fresh), NewFree: types.Tokens(7)},
		balances.ForceTransfer{Source: to(fresh), Dest: to(bob), Value: types.Tokens(2)},
	} {
		if err := c.Root(call); err != nil {
			t.Fatal(err)
		}
	}
	if got := api.Free(c.Ctx(), fresh); got != types.Tokens(5) {
		t.Fatalf("balance %v, want 5 tokens", got)
	}
	checkIssuance(t, c)
	before := balances.TotalIssuance.Get(c.Ctx())
	if err := c.Root(balances.ForceAdjustTotalIssuance{Direction: balances.Increase, Delta: types.Tokens(1)}); err != nil {
		t.Fatal(err)
	}
	if got := balances.TotalIssuance.Get(c.Ctx()); got != before.SaturatingAdd(types.Tokens(1)) {
		t.Fatalf("issuance %v", got)
	}
}

func checkIssuance(t interface {
	Helper()
	Fatalf(string, ...any)
}, c *palletstest.Chain) {
	t.Helper()
	sum := scale.U128{}
	for _, a := range system.Accounts.Iter(c.Ctx()) {
		sum = sum.SaturatingAdd(a.Data.Free).SaturatingAdd(a.Data.Reserved)
	}
	if total := balances.TotalIssuance.Get(c.Ctx()); total != sum {
		t.Fatalf("the total issuance is %v, all accounts together have %v", total, sum)
	}
}

// Whatever is called, the total issuance is the sum of all balances, accounts
// exist as long as they have the deposit or a reserve, and nobody has less
// than the deposit.
func TestIssuanceInvariant(t *testing.T) {
	names := []substrate.AccountID{alice, bob, fresh, palletstest.Account("x"), palletstest.Account("y")}
	rapid.Check(t, func(t *rapid.T) {
		c := palletstest.New(t, palletstest.Genesis{})
		for range rapid.IntRange(1, 25).Draw(t, "calls") {
			who := rapid.SampledFrom(names).Draw(t, "who")
			dest := to(rapid.SampledFrom(names).Draw(t, "dest"))
			value := rapid.SampledFrom([]scale.U128{
				{}, scale.U128From64(1), types.Tokens(1).Div64(2), types.Tokens(1), types.Tokens(3),
				types.Tokens(999_999_998), scale.MaxU128,
			}).Draw(t, "value")
			switch rapid.IntRange(0, 8).Draw(t, "kind") {
			case 0, 1:
				_ = c.Run(who, balances.TransferAllowDeath{Dest: dest, Value: value})
			case 2:
				_ = c.Run(who, balances.TransferKeepAlive{Dest: dest, Value: value})
			case 3:
				_ = c.Run(who, balances.TransferAll{Dest: dest, KeepAlive: rapid.Bool().Draw(t, "keep")})
			case 4:
				_ = c.Run(who, balances.Burn{Value: value})
			case 5:
				_ = c.Do(func(ctx *runtime.Context) error { return api.Reserve(ctx, who, value) })
			case 6:
				_ = c.Do(func(ctx *runtime.Context) error { api.Unreserve(ctx, who, value); return nil })
			case 7:
				_ = c.Root(balances.ForceSetBalance{Who: dest, NewFree: value.Min(types.Tokens(5))})
			case 8:
				_ = c.Run(alice, sudo.Sudo{Call: runtime.RuntimeCall{Call: balances.ForceTransfer{Source: to(who), Dest: dest, Value: value}}})
			}
			checkIssuance(t, c)
			deposit := balances.ExistentialDeposit.Default()
			for id, a := range system.Accounts.Iter(c.Ctx()) {
				if a.Data.Free.Less(deposit) && a.Data.Reserved.IsZero() {
					t.Fatalf("account %v lives with %v planck", id, a.Data.Free)
				}
				if !a.Data.Reserved.IsZero() && a.Consumers == 0 {
					t.Fatalf("account %v has no consumer with %v reserved", id, a.Data.Reserved)
				}
			}
		}
	})
}
