package validator_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

func pair(t *testing.T, scheme crypto.Scheme, suri string) crypto.Pair {
	t.Helper()
	p, err := crypto.FromURI(scheme, suri)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func start(t *testing.T, home string, spec *genesis.Spec) (*validator.Node, *sdk.Client) {
	t.Helper()
	node := startAt(t, home, spec, "127.0.0.1:0")
	client, err := sdk.Dial(t.Context(), "ws://"+node.Address())
	if err != nil {
		t.Fatal(err)
	}
	return node, client
}

func startAt(t *testing.T, home string, spec *genesis.Spec, rpc string) *validator.Node {
	t.Helper()
	node, err := validator.Start(t.Context(), validator.Config{
		Home: home, Spec: spec, RPC: rpc,
		Keys: []crypto.Pair{pair(t, crypto.Ed25519, "//Alice"), pair(t, crypto.Sr25519, "//Alice")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return node
}

// One validator makes blocks, includes a transfer, stops, and goes on with the
// same chain.
func TestTransferSurvivesRestart(t *testing.T) {
	spec, err := genesis.Dev(genesis.DevOptions{
		GenesisTimeMs: uint64(time.Now().UnixMilli()), BlockTimeMs: 200,
		Miners: []genesis.DevMiner{{SURI: "//Miner1"}}, MinerIdleSpace: 1 << 40,
	})
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	node, client := start(t, home, spec)
	alice, bob := pair(t, crypto.Sr25519, "//Alice"), pair(t, crypto.Sr25519, "//Bob")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	before, _, err := sdk.Find(ctx, client.Best(), system.Accounts, substrate.AccountID(bob.AccountID()))
	if err != nil {
		t.Fatal(err)
	}
	amount := scale.U128From64(1_000_000)
	receipt, err := client.Submit(ctx, alice, balances.TransferKeepAlive{
		Dest: substrate.AddressOf(bob.AccountID()), Value: amount,
	})
	if err != nil {
		t.Fatal(err)
	}
	if e, ok := sdk.EventOf[balances.TransferEvent](receipt); !ok || e.Amount != amount {
		t.Fatalf("no Transfer event of %v in %v", amount, receipt.Events)
	}
	genesisHash := client.Genesis()
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if err := node.Close(); err != nil {
		t.Fatal(err)
	}

	node, client = start(t, home, spec)
	defer node.Close()
	defer client.Close()
	if client.Genesis() != genesisHash {
		t.Fatal("the restarted node has another genesis")
	}
	after, _, err := sdk.Find(ctx, client.Best(), system.Accounts, substrate.AccountID(bob.AccountID()))
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := before.Data.Free.AddOverflow(amount); after.Data.Free != want {
		t.Fatalf("Bob has %v, want %v", after.Data.Free, want)
	}
	heads, err := client.Heads(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer heads.Close()
	for {
		h, err := heads.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if h.Number > receipt.Number+2 {
			return
		}
	}
}

// An extrinsic that the node had taken and not included when it stopped is sent
// again: a proof with a deadline cannot wait until its era is over.
func TestExtrinsicSurvivesRestart(t *testing.T) {
	spec, err := genesis.Dev(genesis.DevOptions{
		GenesisTimeMs: uint64(time.Now().UnixMilli()), BlockTimeMs: 2000,
		Miners: []genesis.DevMiner{{SURI: "//Miner1"}}, MinerIdleSpace: 1 << 40,
	})
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	node, client := start(t, home, spec)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // an era takes two
	defer cancel()
	taken, done := make(chan struct{}), make(chan error, 1)
	var once sync.Once
	go func() {
		_, err := client.Submit(ctx, pair(t, crypto.Sr25519, "//Alice"), balances.TransferKeepAlive{
			Dest: substrate.AddressOf(pair(t, crypto.Sr25519, "//Bob").AccountID()), Value: scale.U128From64(1_000_000),
		}, sdk.WithProgress(func(string) { once.Do(func() { close(taken) }) }))
		done <- err
	}()
	select {
	case <-taken:
	case err := <-done:
		t.Fatalf("before the node took it: %v", err)
	}
	address := node.Address()
	if err := node.Close(); err != nil {
		t.Fatal(err)
	}
	node = startAt(t, home, spec, address)
	defer node.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
