package indices_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/indices"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"pgregory.net/rapid"
)

var (
	bob     = palletstest.Bob
	charlie = palletstest.Charlie
	money   balances.API
	at      = substrate.AddressOf
)

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func owner(c *palletstest.Chain, i uint32) indices.Owner {
	o, _ := indices.Accounts.Get(c.Ctx(), i)
	return o
}

func TestAnIndexCostsADeposit(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, indices.Claim{Index: 7})
	if e := palletstest.EventsOf[indices.IndexAssignedEvent](c); len(e) != 1 || e[0] != (indices.IndexAssignedEvent{Who: bob, Index: 7}) {
		t.Errorf("events %+v", e)
	}
	wants(t, c.Run(charlie, indices.Claim{Index: 7}), indices.ErrInUse)
	wants(t, c.Run(charlie, indices.Free{Index: 7}), indices.ErrNotOwner)
	wants(t, c.Run(charlie, indices.Free{Index: 8}), indices.ErrNotAssigned)
	wants(t, c.Run(charlie, indices.ForceTransfer{New: at(bob), Index: 7}), runtime.ErrBadOrigin)
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{bob: types.Tokens(1)})
	c.Must(bob, indices.Free{Index: 7})
	c.CheckMoney(t, nil)
	c.Must(charlie, indices.Claim{Index: 7})
}

func TestTheDepositMovesWithTheIndex(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, indices.Claim{Index: 7})
	wants(t, c.Run(bob, indices.Transfer{New: at(bob), Index: 7}), indices.ErrNotTransfer)
	wants(t, c.Run(bob, indices.Transfer{New: at(palletstest.Account("nobody")), Index: 7}), balances.ErrDeadAccount)
	wants(t, c.Run(charlie, indices.Transfer{New: at(charlie), Index: 9}), indices.ErrNotTransfer)
	wants(t, c.Run(charlie, indices.Transfer{New: at(bob), Index: 7}), indices.ErrNotOwner)
	c.Must(bob, indices.Transfer{New: at(charlie), Index: 7})
	if got := owner(c, 7); got != (indices.Owner{Account: charlie, Deposit: types.Tokens(1)}) {
		t.Errorf("the owner is %+v", got)
	}
	c.CheckMoney(t, map[substrate.AccountID]types.Balance{charlie: types.Tokens(1)})
}

func TestRootGivesIndicesForNothing(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, indices.Claim{Index: 7})
	if err := c.Root(indices.ForceTransfer{New: at(charlie), Index: 7, Freeze: true}); err != nil {
		t.Fatal(err)
	}
	c.CheckMoney(t, nil)
	wants(t, c.Run(charlie, indices.Free{Index: 7}), indices.ErrPermanent)
	if err := c.Root(indices.ForceTransfer{New: at(bob), Index: 7}); err != nil {
		t.Fatal(err)
	}
	c.Must(bob, indices.Free{Index: 7})
}

func TestFreezingCostsTheDeposit(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.Must(bob, indices.Claim{Index: 7})
	before := balances.TotalIssuance.Get(c.Ctx())
	c.Must(bob, indices.Freeze{Index: 7})
	if burnt := before.SaturatingSub(balances.TotalIssuance.Get(c.Ctx())); burnt != types.Tokens(1) {
		t.Errorf("%v planck are burnt", burnt)
	}
	c.CheckMoney(t, nil)
	for _, call := range []runtime.Call{
		indices.Freeze{Index: 7}, indices.Free{Index: 7}, indices.Transfer{New: at(charlie), Index: 7},
	} {
		wants(t, c.Run(bob, call), indices.ErrPermanent)
	}
}

func TestCallsTakeIndicesForAccounts(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	pay := balances.TransferKeepAlive{Dest: substrate.AddressOfIndex(7), Value: types.Tokens(3)}
	wants(t, c.Run(bob, pay), runtime.ErrCannotLookup)
	c.Must(charlie, indices.Claim{Index: 7})
	before := money.Free(c.Ctx(), charlie)
	c.Must(bob, pay)
	if got := money.Free(c.Ctx(), charlie).SaturatingSub(before); got != types.Tokens(3) {
		t.Errorf("the owner of the index got %v planck", got)
	}
	for _, dest := range []substrate.MultiAddress{
		substrate.AddressOfIndex(8), substrate.AddressOf32(charlie), substrate.AddressOfRaw(charlie[:]), substrate.AddressOf20([20]byte{1}),
	} {
		wants(t, c.Run(bob, balances.TransferKeepAlive{Dest: dest, Value: types.Tokens(3)}), runtime.ErrCannotLookup)
	}
}

func TestGenesisIndices(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{Pallets: map[string]any{
		"Indices": indices.Genesis{Indices: []indices.GenesisIndex{{Index: 3, Account: types.Address(bob)}}},
	}})
	if got := owner(c, 3); got != (indices.Owner{Account: bob}) {
		t.Errorf("the owner is %+v", got)
	}
	c.Must(bob, indices.Free{Index: 3})
}

// Whatever is called, what is reserved are the deposits for indices.
func TestDepositsHaveOwners(t *testing.T) {
	names := []substrate.AccountID{bob, charlie, palletstest.Dave}
	rapid.Check(t, func(t *rapid.T) {
		c := palletstest.New(t, palletstest.Genesis{})
		for range rapid.IntRange(1, 20).Draw(t, "calls") {
			who := rapid.SampledFrom(names).Draw(t, "who")
			to := at(rapid.SampledFrom(names).Draw(t, "to"))
			i := rapid.Uint32Range(0, 2).Draw(t, "index")
			switch rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0, 1:
				_ = c.Run(who, indices.Claim{Index: i})
			case 2:
				_ = c.Run(who, indices.Transfer{New: to, Index: i})
			case 3:
				_ = c.Run(who, indices.Free{Index: i})
			case 4:
				_ = c.Run(who, indices.Freeze{Index: i})
			case 5:
				_ = c.Root(indices.ForceTransfer{New: to, Index: i, Freeze: rapid.Bool().Draw(t, "freeze")})
			}
			owed := map[substrate.AccountID]types.Balance{}
			for _, o := range indices.Accounts.Iter(c.Ctx()) {
				owed[o.Account] = owed[o.Account].SaturatingAdd(o.Deposit)
			}
			c.CheckMoney(t, owed)
		}
	})
}
