package consensus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	cmtconfig "github.com/cometbft/cometbft/config"
	cmtnode "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/proxy"
	"github.com/cometbft/cometbft/types"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/consensus/blocksync"
	"github.com/gocess/gocess/ledger/consensus/cometdb"
	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/ledger/state"
)

// Node is a running node of a chain: it follows the chain, and takes part in
// deciding it while one of its keys is in the validator set.
type Node struct {
	cfg   Config
	app   *app
	store *state.Store
	key   *p2p.NodeKey

	reserved reserved

	mu        sync.Mutex // guards everything below
	comet     *cmtnode.Node
	fetcher   *blocksync.Reactor
	databases *cometdb.Store
	light     *lightServer
	hangUp    context.CancelFunc // ends redial; nil before Start
	closed    bool
}

// New opens the node's data, or makes it with block 0 in it. The chain and the
// pool can be used from now on; blocks come after Start. The caller closes the
// node. A directory serves one node at a time.
func New(cfg Config) (_ *Node, err error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Home, 0o700); err != nil {
		return nil, fmt.Errorf("open node: %w", err)
	}
	if err := refuseOldLayout(cfg.Home); err != nil {
		return nil, fmt.Errorf("open node: %w", err)
	}
	store, err := state.Open(filepath.Join(cfg.Home, stateDir), cfg.State...)
	if err != nil {
		return nil, fmt.Errorf("open node: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open node: %w", err), store.Close())
		}
	}()
	blocks, err := chain.Open(store, cfg.Chain...)
	if err != nil {
		return nil, err
	}
	if err := initialise(&cfg, store, blocks); err != nil {
		return nil, err
	}
	n := &Node{cfg: cfg, store: store, reserved: reserved{wake: make(chan struct{}, 1)}}
	if n.key, err = nodeKey(cfg.Home); err != nil {
		return nil, err
	}
	if n.app, err = newApp(&n.cfg, store, blocks); err != nil {
		return nil, err
	}
	return n, nil
}

func newApp(cfg *Config, store *state.Store, blocks *chain.Chain) (*app, error) {
	r, err := loadRecord(blocks)
	if err != nil {
		return nil, err
	}
	s, err := newSigner(filepath.Join(cometHome(cfg.Home), "data", "signed"), cfg.Keys, cfg.Logger)
	if err != nil {
		return nil, err
	}
	tricks, err := newCheats()
	if err != nil {
		return nil, err
	}
	snaps, err := newSnapshots(cfg.Snapshots, filepath.Join(cfg.Home, "snapshots"), store, blocks, cfg.Logger)
	if err != nil {
		return nil, err
	}
	view, err := blocks.BestView()
	if err != nil {
		return nil, err
	}
	if _, err := cfg.Runtime.Next(view.Parent()); err != nil {
		return nil, errors.Join(err, view.Close())
	}
	a := &app{
		cfg:       cfg,
		store:     store,
		chain:     blocks,
		pool:      pool.New(cfg.Runtime, view, cfg.Pool...),
		signer:    s,
		pace:      newPace(cfg.Genesis.BlockTime),
		cheats:    tricks,
		log:       cfg.Logger,
		snapshots: snaps,
		record:    r,
	}
	a.appoint()
	a.ahead = newPrecheck(a)
	a.ahead.expect(blocks.Best().Number + 1)
	return a, nil
}

// Start brings the node up to its newest stored block and joins the network.
// ctx bounds starting only; Close stops the node.
func (n *Node) Start(ctx context.Context) error {
	// CometBFT would sleep, deaf to ctx, until a genesis that is still to come.
	if err := sleepUntil(ctx, n.cfg.Genesis.Time); err != nil {
		return fmt.Errorf("start node: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.closed:
		return errors.New("start node: it is closed")
	case n.comet != nil:
		return errors.New("start node: it is started")
	}
	comet, err := n.build(ctx)
	if err != nil {
		return fmt.Errorf("start node: %w", err)
	}
	n.comet = comet
	if err := comet.Start(); err != nil {
		return fmt.Errorf("start node: %w", err)
	}
	n.reserved.start(comet.Switch())
	var calling context.Context
	calling, n.hangUp = context.WithCancel(context.Background())
	if sw, ok := comet.Switch().(*p2p.Switch); ok { // the other kind is for lp2p, which is off
		redial(calling, sw, n.cfg.P2P.Peers, n.cfg.Logger)
	}
	if n.cfg.Light != "" {
		if n.light, err = n.serveLight(); err != nil {
			return fmt.Errorf("start node: %w", err)
		}
	}
	return nil
}

// build makes the CometBFT node, which replays what the application misses.
func (n *Node) build(ctx context.Context) (*cmtnode.Node, error) {
	conf := n.cfg.cometConfig()
	for _, dir := range []string{"data", "config"} {
		if err := os.MkdirAll(filepath.Join(conf.RootDir, dir), 0o700); err != nil {
			return nil, err
		}
	}
	// CometBFT reads the timeout after each commit, on the goroutine that
	// called Commit.
	n.app.onPace = func(d time.Duration) { conf.Consensus.TimeoutCommit = d }
	dbs := cometdb.New(n.store.Side())
	w, err := n.prepareSync(ctx, dbs)
	if err != nil {
		return nil, errors.Join(err, dbs.Close())
	}
	log := logger{n.cfg.Logger.With("component", "cometbft"), func(err error) { n.app.failure.CompareAndSwap(nil, &err) }}
	comet, err := cmtnode.NewNodeWithContext(ctx, conf, n.app.signer, n.key,
		proxy.NewConnSyncLocalClientCreator(n.app), n.genesisDoc,
		func(ctx *cmtconfig.DBContext) (dbm.DB, error) { return dbs.Database(ctx.ID), nil }, noMetrics,
		log, append([]cmtnode.Option{n.fetchBlocks(conf, dbs, w, log)}, n.app.cheats.gossip(n.app)...)...)
	if err != nil {
		return nil, errors.Join(err, dbs.Close())
	}
	n.databases = dbs
	n.app.catchingUp = comet.ConsensusReactor().WaitSync
	// A block that is fetched was decided long ago: it is enough that it is
	// durable when the state after it becomes so. But the newest ones, which
	// clients ask for, a node has not forgotten when it is started again.
	n.app.farBehind = func() bool { return n.app.catchingUp() && n.fetcher.Left() > maxLazy }
	dbs.SyncLazily(n.app.farBehind)
	n.app.lastCommit = func(height uint32) *types.Commit { return comet.BlockStore().LoadBlockCommit(int64(height)) }
	return comet, nil
}

// prepareSync lets a node that knows nothing of the chain's past start anyway.
// The light client it returns is nil unless the node starts from a snapshot.
func (n *Node) prepareSync(ctx context.Context, dbs *cometdb.Store) (*witness, error) {
	if err := n.catchUp(ctx, dbs); err != nil {
		return nil, err
	}
	if !n.cfg.StateSync.enabled() || n.app.chain.Best().Number > 0 {
		return nil, nil
	}
	w, err := n.newWitness(ctx)
	if err != nil {
		return nil, err
	}
	n.app.trust = w.resultsHash
	return w, nil
}

func (n *Node) genesisDoc() (*types.GenesisDoc, error) {
	header, err := n.app.chain.Header(n.app.chain.Genesis())
	if err != nil {
		return nil, err
	}
	n.app.mu.Lock()
	validators := n.app.record.deciding(1)
	n.app.mu.Unlock()
	return n.cfg.genesisDoc(validators, header.StateRoot[:])
}

func sleepUntil(ctx context.Context, t time.Time) error {
	wait := time.Until(t)
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close leaves the network and closes the data. Watches and feeds end. It may
// be called more than once.
func (n *Node) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil
	}
	n.closed = true
	var err error
	if n.light != nil {
		err = n.light.close()
	}
	n.reserved.close()
	if n.hangUp != nil {
		n.hangUp()
	}
	if n.comet != nil && n.comet.IsRunning() {
		err = errors.Join(err, n.comet.Stop())
		n.comet.Wait()
		// The node leaves its connections to the application open.
		err = errors.Join(err, n.comet.ProxyApp().Stop())
	}
	if n.databases != nil {
		err = errors.Join(err, n.databases.Close())
	}
	n.app.snapshots.close()
	n.app.pool.Close()
	n.app.chain.Close()
	return errors.Join(err, n.store.Close())
}

// Chain is the chain that the node follows.
func (n *Node) Chain() *chain.Chain { return n.app.chain }

// Pool is the node's transaction pool.
func (n *Node) Pool() *pool.Pool { return n.app.pool }

// Store is the state that the node keeps, for pruning and verification.
func (n *Node) Store() *state.Store { return n.store }

// Err is why the node stopped following the chain, nil while it does. The
// cause is a fault of this node's disk, memory or program; it has to be
// restarted.
func (n *Node) Err() error {
	if err := n.app.failure.Load(); err != nil {
		return *err
	}
	return nil
}
