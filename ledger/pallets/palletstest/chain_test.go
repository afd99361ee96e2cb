package palletstest_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

func TestChainRunsCalls(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{Miners: []palletstest.GenesisMiner{palletstest.Miner("m", types.TiB)}})
	if got := storagehandler.TotalIdleSpace.Get(c.Ctx()); got != scale.U128From64(types.TiB) {
		t.Fatalf("idle space is %v", got)
	}
	transfer := balances.TransferKeepAlive{Dest: substrate.AddressOf(palletstest.Bob), Value: types.Tokens(5)}
	c.Must(palletstest.Alice, transfer)
	if got := palletstest.EventsOf[balances.TransferEvent](c); len(got) != 1 || got[0].To != palletstest.Bob {
		t.Fatalf("transfers: %+v", got)
	}
	want := types.Tokens(1_000_000_005)
	if got := (balances.API{}).Free(c.Ctx(), palletstest.Bob); got != want {
		t.Fatalf("Bob has %v, want %v", got, want)
	}
	if err := c.Run(palletstest.Bob, sudo.RemoveKey{}); !errors.Is(err, sudo.ErrRequireSudo) {
		t.Fatalf("RemoveKey by Bob: %v", err)
	}
	if err := c.Run(palletstest.Account("nobody"), transfer); !runtime.IsValidityError(err) {
		t.Fatalf("call by an account that does not exist: %v", err)
	}
	c.GoTo(10)
	if c.Number() != 10 || c.Ctx().BlockNumber() != 10 {
		t.Fatalf("at block %d", c.Number())
	}
}

func TestDoIsATransaction(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	failure := errors.New("on purpose")
	add := func(ctx *runtime.Context) error {
		return storagehandler.API{}.AddIdleSpace(ctx, scale.U128From64(7))
	}
	if err := c.Do(add); err != nil {
		t.Fatal(err)
	}
	err := c.Do(func(ctx *runtime.Context) error { return errors.Join(add(ctx), failure) })
	if !errors.Is(err, failure) {
		t.Fatal(err)
	}
	if got := storagehandler.TotalIdleSpace.Get(c.Ctx()); got != scale.U128From64(7) {
		t.Fatalf("idle space is %v", got)
	}
}
