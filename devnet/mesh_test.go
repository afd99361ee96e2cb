package devnet_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/gocess/gocess/devnet"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// Four validators and a fifth candidate in this process: all seats make blocks,
// and the candidate without a seat, which never votes, is seen alive.
func TestValidatorsAndCandidates(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a whole network")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	n, err := devnet.Start(ctx, devnet.Config{
		Dir: t.TempDir(), Miners: 12, Validators: 4, Candidates: 5, PortBase: freePorts(t, 40),
		Pace: genesis.DevPace{Epoch: 10}, Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	c, err := sdk.Dial(ctx, n.Info.RPCWS)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	validators, err := sdk.Get(ctx, c.Best(), session.Validators)
	if err != nil || len(validators) != 4 {
		t.Fatalf("validators %v, %v", validators, err)
	}
	eve, err := crypto.FromURI(crypto.Sr25519, "//Eve//stash")
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, alive, err := sdk.Find(ctx, c.Best(), r2s.LastSeen, substrate.AccountID(eve.AccountID()))
		if err != nil {
			t.Fatal(err)
		}
		if alive {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal("the fifth candidate proved no life")
		case <-time.After(100 * time.Millisecond):
		}
	}
}
