package miner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/tee"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// The validator of these tests may leave goroutines of CometBFT behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/internal/guard.NewWithInterval[...].func2"),
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.OpenAutoFile.func1"),
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.(*AutoFile).closeFileRoutine"),
	)
}

// network is a real chain with a real TEE worker, in this process.
type network struct {
	t     *testing.T
	ctx   context.Context
	dir   string
	rpc   string
	chain *sdk.Client
	alice crypto.Pair
	log   *slog.Logger
}

const teeKey = "//TEE1"

func pairOf(t *testing.T, scheme crypto.Scheme, suri string) crypto.Pair {
	t.Helper()
	p, err := crypto.FromURI(scheme, suri)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func closed(t *testing.T, what string, fn func() error) {
	t.Helper()
	if err := fn(); err != nil {
		t.Errorf("close %s: %v", what, err)
	}
}

func minerSURI(i int) string { return fmt.Sprintf("//Miner%d", i) }

// startNetwork runs a chain on which so many miners have tokens.
func startNetwork(t *testing.T, miners int, change ...func(*genesis.Spec) error) *network {
	t.Helper()
	if testing.Short() {
		t.Skip("runs a chain and a TEE worker")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(cancel)
	n := &network{t: t, ctx: ctx, dir: t.TempDir(), alice: pairOf(t, crypto.Sr25519, "//Alice"), log: slog.New(slog.DiscardHandler)}
	if os.Getenv("MINER_TEST_LOG") != "" {
		n.log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	teeAddress := freeAddress(t)
	for strings.Contains(teeAddress, "443") {
		teeAddress = freeAddress(t)
	}
	options := genesis.DevOptions{
		GenesisTimeMs: uint64(time.Now().UnixMilli()), BlockTimeMs: 300,
		TEE:  &genesis.DevTEE{SURI: teeKey, Endpoint: "http://" + teeAddress},
		Pace: genesis.DevPace{ChallengePeriod: 1_000_000}, // tests challenge by hand
	}
	for i := range miners {
		options.Miners = append(options.Miners, genesis.DevMiner{SURI: minerSURI(i)})
	}
	spec, err := genesis.Dev(options)
	if err != nil {
		t.Fatal(err)
	}
	// Challenges that are over soon.
	for name, blocks := range map[string]int{"Audit.ProveTime": 40, "Audit.VerifyTime": 20, "Podr2.DisputePeriod": 1} {
		spec.Constants[name] = json.RawMessage(fmt.Sprint(blocks))
	}
	for _, fn := range change {
		if err := fn(spec); err != nil {
			t.Fatal(err)
		}
	}
	n.rpc = freeAddress(t)
	v, err := validator.Start(ctx, validator.Config{
		Home: filepath.Join(n.dir, "validator"), Spec: spec, RPC: n.rpc, P2P: freeAddress(t),
		Keys: []crypto.Pair{pairOf(t, crypto.Ed25519, "//Alice"), n.alice},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, "validator", v.Close) })
	if n.chain, err = sdk.Dial(ctx, "ws://"+n.rpc); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, "client", n.chain.Close) })
	stash := substrate.AccountID(pairOf(t, crypto.Sr25519, "//Alice//stash").AccountID())
	key := pairOf(t, crypto.Sr25519, teeKey)
	w, err := tee.Start(ctx, tee.Config{
		Home: filepath.Join(n.dir, "tee"), Chain: "ws://" + n.rpc, Signer: key, Identity: key, Stash: &stash,
		Listen: teeAddress, Every: 500 * time.Millisecond, Logger: n.log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, "TEE worker", w.Close) })
	return n
}

// config is that of a miner that looks often and generates nothing by itself.
func (n *network) config(i int) Config {
	return Config{
		Home: filepath.Join(n.dir, "miners"), Chain: "ws://" + n.rpc, Signer: pairOf(n.t, crypto.Sr25519, minerSURI(i)),
		Listen: "127.0.0.1:0", ReserveBytes: 1 << 20, MaxSpaceBytes: 100 << 20, AllowPrivate: true,
		Every: 300 * time.Millisecond, SpaceEvery: 500 * time.Millisecond, RestoreEvery: time.Second,
		ClaimEvery: -1, CheckEvery: -1, CollectEvery: time.Second, DropAfter: time.Second,
		RetryAfter: 200 * time.Millisecond, MaxRetry: time.Second, Logger: n.log,
	}
}

func (n *network) start(cfg Config) *Miner {
	n.t.Helper()
	m, err := Start(n.ctx, cfg)
	if err != nil {
		n.t.Fatal(err)
	}
	return m
}

// until waits until a condition holds.
func (n *network) until(what string, cond func() (bool, error)) {
	n.t.Helper()
	var last error
	for {
		ok, err := cond()
		if ok {
			return
		}
		last = err
		select {
		case <-n.ctx.Done():
			n.t.Fatalf("%s: not in time: %v", what, last)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (n *network) miner(m *Miner) sminer.Miner {
	n.t.Helper()
	r, _, err := sdk.Find(n.ctx, n.chain.Best(), sminer.Miners, m.Account())
	if err != nil {
		n.t.Fatal(err)
	}
	return r
}

func (n *network) rear(m *Miner) uint64 {
	info, _ := n.miner(m).SpaceProofInfo.Get()
	return info.Rear
}

// challenge has the chain challenge a miner now.
func (n *network) challenge(m *Miner) {
	n.t.Helper()
	n.sudo(audit.PointMinerChallenge{Miner: m.Account()})
}

// verdicts waits until both parts of the open challenge are judged, and returns
// the verdicts.
func (n *network) verdicts(m *Miner) (idle, service bool) {
	n.t.Helper()
	n.until("verdicts", func() (bool, error) {
		c, open, err := sdk.Find(n.ctx, n.chain.Best(), audit.Challenges, m.Account())
		if err != nil || !open {
			return false, errors.Join(err, errors.New("no challenge is open"))
		}
		i, _ := c.Proofs.Idle.Get()
		s, _ := c.Proofs.Service.Get()
		var okIdle, okService bool
		idle, okIdle = i.Verdict.Get()
		service, okService = s.Verdict.Get()
		return okIdle && okService, fmt.Errorf("%+v", m.Status(n.ctx).Jobs)
	})
	return idle, service
}

// killer stops a miner at a step, as kill -9 would: whatever the step's job
// would do next does not happen.
type killer struct {
	mu    sync.Mutex
	at    string // guarded by mu
	died  chan struct{}
	alive bool // guarded by mu
}

var errKilled = errors.New("killed")

func newKiller(at string) *killer { return &killer{at: at, died: make(chan struct{}), alive: true} }

func (k *killer) step(name string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.alive {
		return errKilled
	}
	if name == k.at {
		k.alive = false
		close(k.died)
		return errKilled
	}
	return nil
}

// dies waits until the miner reached the step, and restarts it without the
// killer.
func (n *network) dies(k *killer, m *Miner, cfg Config) *Miner {
	n.t.Helper()
	select {
	case <-k.died:
	case <-n.ctx.Done():
		n.t.Fatalf("the miner never reached %s: %+v", k.at, m.Status(context.Background()).Jobs)
	}
	closed(n.t, "killed miner", m.Close)
	cfg.step = nil
	return n.start(cfg)
}

func content(seed byte, size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b) // never fails
	return b
}

func (n *network) submit(who crypto.Pair, call runtime.Call) *sdk.Receipt {
	n.t.Helper()
	r, err := n.chain.Submit(n.ctx, who, call)
	if err != nil {
		n.t.Fatal(err)
	}
	return r
}

// sudo runs a call as root.
func (n *network) sudo(call runtime.Call) {
	n.t.Helper()
	r := n.submit(n.alice, sudo.Sudo{Call: runtime.RuntimeCall{Call: call}})
	if e, ok := sdk.EventOf[sudo.SudidEvent](r); !ok || !e.SudoResult.IsOk() {
		n.t.Fatalf("sudo: %+v", e)
	}
}

// file reads a file of the chain.
func (n *network) file(fid types.Hash) (filebank.File, bool) {
	n.t.Helper()
	f, ok, err := sdk.Find(n.ctx, n.chain.Best(), filebank.Files, fid)
	if err != nil {
		n.t.Fatal(err)
	}
	return f, ok
}
