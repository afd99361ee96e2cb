// Package testnet is a real chain with one validator in the test's own process,
// for tests of single roles; package devkit runs whole networks of processes.
//
//	n := testnet.Start(t, testnet.Options{Dev: genesis.DevOptions{Miners: …}})
//	n.Submit(n.Alice, storagehandler.MintTerritory{…})
//	n.Until("the miner is in service", func() (bool, error) { … })
//
// Everything ends with the test.
package testnet

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk"
)

// Options shape a Network.
type Options struct {
	// Dev shapes the chain. Blocks come every 300 ms unless it says otherwise;
	// the genesis time is now.
	Dev genesis.DevOptions
	// Change may change the chain spec.
	Change []func(*genesis.Spec) error
	// Limit ends waiting. Default 5 minutes.
	Limit time.Duration
}

// Network is a chain and a client of it.
type Network struct {
	T      *testing.T
	Ctx    context.Context // ends after Options.Limit
	Dir    string          // for the nodes' folders
	RPC    string          // address of the chain's node, ws://…
	Client *sdk.Client
	Alice  crypto.Pair  // who has tokens, and root
	Log    *slog.Logger // for the nodes; to standard error if CESS_TEST_LOG is set
}

// Start runs a chain. It skips the test under -short.
func Start(t *testing.T, o Options) *Network {
	t.Helper()
	if testing.Short() {
		t.Skip("runs a chain and nodes")
	}
	if o.Limit == 0 {
		o.Limit = 5 * time.Minute
	}
	ctx, cancel := context.WithTimeout(t.Context(), o.Limit)
	t.Cleanup(cancel)
	n := &Network{T: t, Ctx: ctx, Dir: t.TempDir(), Alice: Pair(t, crypto.Sr25519, "//Alice"), Log: slog.New(slog.DiscardHandler)}
	if os.Getenv("CESS_TEST_LOG") != "" {
		n.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	o.Dev.GenesisTimeMs = uint64(time.Now().UnixMilli())
	if o.Dev.BlockTimeMs == 0 {
		o.Dev.BlockTimeMs = 300
	}
	spec, err := genesis.Dev(o.Dev)
	if err != nil {
		t.Fatal(err)
	}
	for _, fn := range o.Change {
		if err := fn(spec); err != nil {
			t.Fatal(err)
		}
	}
	v, err := validator.Start(ctx, validator.Config{
		Home: filepath.Join(n.Dir, "validator"), Spec: spec, RPC: "127.0.0.1:0", P2P: "127.0.0.1:0",
		Keys: []crypto.Pair{Pair(t, crypto.Ed25519, "//Alice"), n.Alice},
	})
	if err != nil {
		t.Fatal(err)
	}
	n.Closes("validator", v.Close)
	n.RPC = "ws://" + v.Address()
	if n.Client, err = sdk.Dial(ctx, n.RPC); err != nil {
		t.Fatal(err)
	}
	n.Closes("client", n.Client.Close)
	return n
}

// Closes closes something when the test ends.
func (n *Network) Closes(what string, closer func() error) {
	n.T.Cleanup(func() { Closed(n.T, what, closer) })
}

// Closed closes something now.
func Closed(t testing.TB, what string, closer func() error) {
	t.Helper()
	if err := closer(); err != nil {
		t.Errorf("close %s: %v", what, err)
	}
}

// pollEvery is how often conditions are looked at.
const pollEvery = 50 * time.Millisecond

// Until waits until a condition holds. The test fails with the condition's last
// error if it does not in time.
func (n *Network) Until(what string, cond func() (bool, error)) {
	n.T.Helper()
	for {
		ok, err := cond()
		if ok {
			return
		}
		select {
		case <-n.Ctx.Done():
			n.T.Fatalf("%s: not in time: %v", what, err)
		case <-time.After(pollEvery):
		}
	}
}

// Submit runs a call that succeeds.
func (n *Network) Submit(who crypto.Pair, call runtime.Call) *sdk.Receipt {
	n.T.Helper()
	r, err := n.Client.Submit(n.Ctx, who, call)
	if err != nil {
		n.T.Fatal(err)
	}
	return r
}

// Root runs a call as root that succeeds.
func (n *Network) Root(call runtime.Call) {
	n.T.Helper()
	r := n.Submit(n.Alice, sudo.Sudo{Call: runtime.RuntimeCall{Call: call}})
	if e, ok := sdk.EventOf[sudo.SudidEvent](r); !ok || !e.SudoResult.IsOk() {
		n.T.Fatalf("root's call: %+v", e)
	}
}

// Pair is a development key.
func Pair(t testing.TB, scheme crypto.Scheme, suri string) crypto.Pair {
	t.Helper()
	p, err := crypto.FromURI(scheme, suri)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// FreeAddress is a free one that upstream miners would not take for TLS.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(address, "443") {
			return address
		}
	}
}

// Content is reproducible noise.
func Content(seed byte, size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b) // never fails
	return b
}

// VerifyMain runs a package's tests and fails if they leave goroutines behind,
// but for those that CometBFT is known to leave.
func VerifyMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/internal/guard.NewWithInterval[...].func2"),
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.OpenAutoFile.func1"),
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.(*AutoFile).closeFileRoutine"),
	)
}
