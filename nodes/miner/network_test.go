package miner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit/testnet"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/tee"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

func TestMain(m *testing.M) { testnet.VerifyMain(m) }

// network is a real chain with a real TEE worker, in this process.
type network struct {
	*testnet.Network
	t     *testing.T
	ctx   context.Context
	chain *sdk.Client
	alice crypto.Pair
}

const teeKey = "//TEE1"

func minerSURI(i int) string { return fmt.Sprintf("//Miner%d", i) }

// startNetwork runs a chain on which so many miners have tokens.
func startNetwork(t *testing.T, miners int, change ...func(*genesis.Spec) error) *network {
	t.Helper()
	address := testnet.FreeAddress(t)
	dev := genesis.DevOptions{
		TEE:  &genesis.DevTEE{SURI: teeKey, Endpoint: "http://" + address},
		Pace: genesis.DevPace{ChallengePeriod: 1_000_000}, // tests challenge by hand
	}
	for i := range miners {
		dev.Miners = append(dev.Miners, genesis.DevMiner{SURI: minerSURI(i)})
	}
	change = append([]func(*genesis.Spec) error{quick}, change...)
	chain := testnet.Start(t, testnet.Options{Dev: dev, Change: change, Limit: 8 * time.Minute})
	n := &network{Network: chain, t: t, ctx: chain.Ctx, chain: chain.Client, alice: chain.Alice}
	stash := substrate.AccountID(testnet.Pair(t, crypto.Sr25519, "//Alice//stash").AccountID())
	key := testnet.Pair(t, crypto.Sr25519, teeKey)
	w, err := tee.Start(n.ctx, tee.Config{
		Home: filepath.Join(n.Dir, "tee"), Chain: n.RPC, Signer: key, Identity: key, Stash: &stash,
		Listen: address, Every: 300 * time.Millisecond, Logger: n.Log,
	})
	if err != nil {
		t.Fatal(err)
	}
	n.Closes("TEE worker", w.Close)
	return n
}

// idleFile is what the chain of these tests counts an idle file as, which is
// not the default.
const idleFile = 32 << 20

// oneSet is a bound of disk space in which one set of idle files fits and can be
// made, which takes twice its size.
const oneSet = 9 << 20

// quick makes challenges that are over soon, and idle files that are made in a
// moment.
func quick(spec *genesis.Spec) error {
	for name, value := range map[string]int{
		"Audit.ProveTime": 40, "Audit.VerifyTime": 20, "Podr2.DisputePeriod": 1, "Sminer.IdleFileSize": idleFile,
	} {
		spec.Constants[name] = json.RawMessage(fmt.Sprint(value))
	}
	return changeSminer(spec, func(g *sminer.Genesis) error {
		g.Expender = &sminer.Expender{K: uint64(tiny.K), N: uint64(tiny.N), D: uint64(tiny.D)}
		return nil
	})
}

// changeSminer changes the genesis of the miners.
func changeSminer(spec *genesis.Spec, change func(*sminer.Genesis) error) error {
	var g sminer.Genesis
	if err := json.Unmarshal(spec.Pallets["Sminer"], &g); err != nil {
		return err
	}
	if err := change(&g); err != nil {
		return err
	}
	raw, err := json.Marshal(g)
	spec.Pallets["Sminer"] = raw
	return err
}

// config is that of a miner that looks often and generates nothing by itself.
func (n *network) config(i int) Config {
	return Config{
		Home: filepath.Join(n.Dir, "miners"), Chain: n.RPC, Signer: testnet.Pair(n.t, crypto.Sr25519, minerSURI(i)),
		Listen: "127.0.0.1:0", ReserveBytes: 1 << 20, MaxSpaceBytes: oneSet, AllowPrivate: true,
		Every: 300 * time.Millisecond, SpaceEvery: 500 * time.Millisecond, RestoreEvery: time.Second,
		ClaimEvery: -1, CheckEvery: -1, CollectEvery: time.Second, DropAfter: time.Second,
		RetryAfter: 200 * time.Millisecond, MaxRetry: time.Second, Logger: n.Log,
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
	n.Root(audit.PointMinerChallenge{Miner: m.Account()})
}

// verdicts waits until both parts of the open challenge are judged, and returns
// the verdicts.
func (n *network) verdicts(m *Miner) (idle, service bool) {
	n.t.Helper()
	n.Until("verdicts", func() (bool, error) {
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
	testnet.Closed(n.t, "killed miner", m.Close)
	cfg.step = nil
	return n.start(cfg)
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
