package utility_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

var (
	alice, bob = palletstest.Alice, palletstest.Bob
	currency   balances.API
)

func calls(list ...runtime.Call) (out []runtime.RuntimeCall) {
	for _, c := range list {
		out = append(out, runtime.RuntimeCall{Call: c})
	}
	return out
}

func pay(to substrate.AccountID, tokens uint64) runtime.Call {
	return balances.TransferKeepAlive{Dest: substrate.AddressOf(to), Value: types.Tokens(tokens)}
}

func utilityEvents(c *palletstest.Chain) string {
	var names []string
	for _, e := range c.Events() {
		if name, ok := strings.CutPrefix(runtime.RuntimeEvent{Event: e}.Name(), "Utility."); ok {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func TestBatches(t *testing.T) {
	fails := sudo.SetKey{New: substrate.AddressOf(bob)}
	for _, tt := range []struct {
		name   string
		call   runtime.Call
		want   error
		events string
		paid   uint64 // tokens that reached Charlie
	}{
		{"batch", utility.Batch{Calls: calls(pay(palletstest.Charlie, 1), pay(palletstest.Charlie, 2))}, nil,
			"ItemCompleted ItemCompleted BatchCompleted", 3},
		{"batch stops at a failure and keeps what was done", utility.Batch{Calls: calls(pay(palletstest.Charlie, 1), fails, pay(palletstest.Charlie, 2))}, nil,
			"ItemCompleted BatchInterrupted", 1},
		{"batch_all is all or nothing", utility.BatchAll{Calls: calls(pay(palletstest.Charlie, 1), fails)}, sudo.ErrRequireSudo, "", 0},
		{"force_batch goes on", utility.ForceBatch{Calls: calls(pay(palletstest.Charlie, 1), fails, pay(palletstest.Charlie, 2))}, nil,
			"ItemCompleted ItemFailed ItemCompleted BatchCompletedWithErrors", 3},
		{"force_batch without failure", utility.ForceBatch{Calls: calls(pay(palletstest.Charlie, 1))}, nil, "ItemCompleted BatchCompleted", 1},
		{"an empty batch", utility.Batch{}, nil, "BatchCompleted", 0},
		{"batch_all does not nest", utility.BatchAll{Calls: calls(utility.BatchAll{})}, system.ErrCallFiltered, "", 0},
		{"batch_all does not nest in a batch inside it either",
			utility.BatchAll{Calls: calls(utility.ForceBatch{Calls: calls(utility.BatchAll{})})}, nil,
			"ItemFailed BatchCompletedWithErrors ItemCompleted BatchCompleted", 0},
		{"batches nest", utility.Batch{Calls: calls(utility.Batch{Calls: calls(pay(palletstest.Charlie, 1))})}, nil,
			"ItemCompleted BatchCompleted ItemCompleted BatchCompleted", 1},
		{"with_weight needs root", utility.WithWeight{Call: calls(pay(bob, 1))[0]}, runtime.ErrBadOrigin, "", 0},
		{"dispatch_as needs root", utility.DispatchAs{Origin: types.OriginSystem{Origin: types.RawRoot{}}, Call: calls(pay(bob, 1))[0]}, runtime.ErrBadOrigin, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := palletstest.New(t, palletstest.Genesis{})
			before := currency.Free(c.Ctx(), palletstest.Charlie)
			if err := c.Run(bob, tt.call); !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if got := utilityEvents(c); got != tt.events {
				t.Errorf("events %q, want %q", got, tt.events)
			}
			if got := currency.Free(c.Ctx(), palletstest.Charlie).SaturatingSub(before); got != types.Tokens(tt.paid) {
				t.Errorf("Charlie got %v, want %d tokens", got, tt.paid)
			}
		})
	}
}

func TestTooManyCalls(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	many := slices.Repeat(calls(system.Remark{}), int(utility.BatchedCallsLimit.Default())+1)
	if err := c.Run(bob, utility.Batch{Calls: many}); !errors.Is(err, utility.ErrTooManyCalls) {
		t.Fatal(err)
	}
}

func TestDerivativeAccountsAreTheirOwners(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	sub := utility.Derivative(bob, 7)
	c.Must(bob, pay(sub, 10))
	c.Must(bob, utility.AsDerivative{Index: 7, Call: calls(pay(alice, 4))[0]})
	if got := currency.Free(c.Ctx(), sub); got != types.Tokens(6) {
		t.Fatalf("the derivative has %v", got)
	}
	if err := c.Run(alice, utility.AsDerivative{Index: 7, Call: calls(pay(alice, 4))[0]}); err == nil {
		t.Fatal("somebody else's derivative paid")
	}
}

func TestDispatchAs(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	before := currency.Free(c.Ctx(), bob)
	err := c.Root(utility.DispatchAs{Origin: types.OriginSystem{Origin: types.RawSigned{Account: bob}}, Call: calls(pay(alice, 5))[0]})
	if err != nil {
		t.Fatal(err)
	}
	if got := currency.Free(c.Ctx(), bob); got != before.SaturatingSub(types.Tokens(5)) {
		t.Fatalf("Bob has %v, had %v", got, before)
	}
	err = c.Root(utility.DispatchAs{Origin: types.OriginEthereum{Origin: types.EthereumTransaction{}}, Call: calls(pay(alice, 5))[0]})
	if !errors.Is(err, runtime.ErrBadOrigin) {
		t.Fatalf("as the sender of a pallet that does not exist: %v", err)
	}
	// A council has no account that could pay.
	council := types.OriginCouncil{Origin: types.CollectiveMembers{Ayes: 3, Seats: 3}}
	if err := c.Root(utility.DispatchAs{Origin: council, Call: calls(pay(alice, 5))[0]}); err != nil {
		t.Fatal(err)
	}
	want := utility.DispatchedAsEvent{Result: runtime.DispatchResult(runtime.ErrBadOrigin)}
	if got := palletstest.EventsOf[utility.DispatchedAsEvent](c); len(got) != 1 || got[0] != want {
		t.Fatalf("a transfer of the council: %v", got)
	}
}

func TestSudo(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	set := sudo.Sudo{Call: calls(balances.ForceSetBalance{Who: substrate.AddressOf(palletstest.Account("new")), NewFree: types.Tokens(3)})[0]}
	if err := c.Run(bob, set); !errors.Is(err, sudo.ErrRequireSudo) {
		t.Fatalf("Bob is sudo: %v", err)
	}
	before := currency.Free(c.Ctx(), alice)
	c.Must(alice, set)
	if got := currency.Free(c.Ctx(), alice); got != before {
		t.Fatalf("sudo cost %v planck", before.SaturatingSub(got))
	}
	if err := c.Root(sudo.Sudo{Call: calls(pay(bob, 1))[0]}); err != nil {
		t.Fatalf("the chain itself: %v", err)
	}
	c.Must(alice, sudo.SudoAs{Who: substrate.AddressOf(bob), Call: calls(pay(alice, 1))[0]})
	c.Must(alice, sudo.SetKey{New: substrate.AddressOf(bob)})
	if err := c.Run(alice, set); !errors.Is(err, sudo.ErrRequireSudo) {
		t.Fatalf("Alice is still sudo: %v", err)
	}
	c.Must(bob, sudo.RemoveKey{})
	if err := c.Run(bob, set); !errors.Is(err, sudo.ErrRequireSudo) {
		t.Fatalf("the removed key works: %v", err)
	}
}

// A free call makes neither itself nor the batch around it free for somebody
// who has no right to it.
func TestNobodyRidesForFree(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	for _, call := range []runtime.Call{
		balances.UpgradeAccounts{},
		utility.Batch{Calls: calls(balances.UpgradeAccounts{}, system.Remark{})},
		// Free on its own, inside a batch not.
		utility.Batch{Calls: calls(sudo.Sudo{Call: calls(system.Remark{})[0]})},
	} {
		before := currency.Free(c.Ctx(), alice)
		c.Must(alice, call)
		if currency.Free(c.Ctx(), alice) == before {
			t.Errorf("%s is free", runtime.RuntimeCall{Call: call}.Name())
		}
	}
}

// Calls inside calls are bounded, by the codec and by dispatch.
func TestDeepNesting(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	call := runtime.Call(pay(alice, 1))
	for range 40 {
		call = utility.Batch{Calls: calls(call)}
	}
	if err := c.Run(bob, call); err != nil {
		t.Fatalf("40 levels: %v", err)
	}
	deep := []byte{}
	for range 1000 {
		deep = append(deep, 1, 0, 4) // batch of one batch of one batch …
	}
	if _, err := scale.Unmarshal[runtime.RuntimeCall](append(deep, 0, 0, 0)); err == nil {
		t.Fatal("1000 levels were decoded")
	}
}
