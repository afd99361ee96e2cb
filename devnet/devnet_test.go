package devnet_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"os"
	"testing"
	"time"

	"github.com/gocess/gocess/devnet"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/sdk/gateway"
)

// freePorts finds a base from which n ports are free at this moment.
func freePorts(t *testing.T, n int) int {
	t.Helper()
	for base := 23000; base < 60000; base += n {
		free := true
		for i := 0; i < n && free; i++ {
			l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: base + i})
			if free = err == nil; free {
				_ = l.Close()
			}
		}
		if free {
			return base
		}
	}
	t.Fatal("no free ports")
	return 0
}

// The whole network in this process stores a file, becomes Active, and gives
// it back; after a restart from the same folder it still has it.
func TestStoreAndFetchAcrossRestart(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a whole network")
	}
	if underRace {
		t.Skip("takes minutes with the race detector, which the tests of each role run with")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 12*time.Minute)
	defer cancel()
	cfg := devnet.Config{
		Dir: t.TempDir(), Miners: 12, PortBase: freePorts(t, 32), BlockTime: 300 * time.Millisecond,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	n, err := devnet.Start(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.WaitStorage(ctx, nil); err != nil {
		t.Fatal(err)
	}
	alice, err := crypto.FromURI(crypto.Sr25519, "//Alice")
	if err != nil {
		t.Fatal(err)
	}
	chain, err := sdk.Dial(ctx, n.Info.RPCWS)
	if err != nil {
		t.Fatal(err)
	}
	operator, err := crypto.FromURI(crypto.Sr25519, devnet.GatewaySURI)
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range []runtime.Call{
		storagehandler.MintTerritory{GiBCount: 1, TerritoryName: types.TerritoryName("home"), Days: 30},
		oss.Authorize{Operator: operator.AccountID()},
	} {
		if _, err := chain.Submit(ctx, alice, call); err != nil {
			t.Fatal(err)
		}
	}
	content := make([]byte, 40<<20)
	_, _ = rand.Read(content)
	g, err := gateway.New(n.Info.Gateway, alice)
	if err != nil {
		t.Fatal(err)
	}
	fid, err := g.Put(ctx, "home", "file.bin", bytes.NewReader(content), int64(len(content)), gateway.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	waitActive(ctx, t, chain, fid)
	fetch(ctx, t, g, fid, content)
	if err := chain.Close(); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}

	if n, err = devnet.Start(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.WaitStorage(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if chain, err = sdk.Dial(ctx, n.Info.RPCWS); err != nil {
		t.Fatal(err)
	}
	defer chain.Close()
	held, _, err := sdk.Find(ctx, chain.Best(), filebank.UserFiles, substrate.AccountID(alice.AccountID()))
	if err != nil || len(held) != 1 || held[0].FileHash != fid {
		t.Fatalf("after the restart Alice holds %v: %v", held, err)
	}
	fetch(ctx, t, g, fid, content)
}

func waitActive(ctx context.Context, t *testing.T, chain *sdk.Client, fid types.Hash) {
	t.Helper()
	for {
		if _, found, err := sdk.Find(ctx, chain.Best(), filebank.Files, fid); err != nil {
			t.Fatal(err)
		} else if found {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("file %v is not Active: %v", fid, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func fetch(ctx context.Context, t *testing.T, g *gateway.Client, fid types.Hash, want []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := g.Get(ctx, fid, io.Writer(&got), gateway.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Fatalf("fetched %d bytes that are not what was stored", got.Len())
	}
}
