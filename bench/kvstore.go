package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cometbft/cometbft/abci/example/kvstore"
	abci "github.com/cometbft/cometbft/abci/types"
	cmtconfig "github.com/cometbft/cometbft/config"
	cmtlog "github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/mempool"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proxy"
	"github.com/cometbft/cometbft/types"
)

// KVStoreConfig shapes the load on CometBFT's own example application.
type KVStoreConfig struct {
	// Home is an empty folder.
	Home string
	// Validators decide the blocks, all in this process. Default 1.
	Validators int
	// BlockTime is the pause between blocks. Default 500 ms.
	BlockTime time.Duration
	// Warmup is not measured; Duration is. Defaults 5 s and 60 s.
	Warmup, Duration time.Duration
	// Window is the number of transactions that are sent and not in a block.
	// Default 20,000.
	Window int
	// TxBytes is the length of a transaction. Default 145, that of a signed
	// transfer.
	TxBytes int
}

// KVStoreResult is what came of the load.
type KVStoreResult struct {
	Transactions int
	Blocks       int
	Elapsed      time.Duration
}

// Rate is transactions per second.
func (r *KVStoreResult) Rate() float64 { return float64(r.Transactions) / r.Elapsed.Seconds() }

// KVStore runs validators of CometBFT's example application in this process
// and feeds one of them like Transfers does a chain: a fixed number of transactions
// under way. There are no signatures, no JSON-RPC and no state root in it, so
// that its rate is what consensus alone can reach on this machine.
func KVStore(ctx context.Context, cfg KVStoreConfig) (*KVStoreResult, error) {
	setDefault(&cfg.Validators, 1)
	setDefault(&cfg.BlockTime, 500*time.Millisecond)
	setDefault(&cfg.Warmup, 5*time.Second)
	setDefault(&cfg.Duration, time.Minute)
	setDefault(&cfg.Window, 20_000)
	setDefault(&cfg.TxBytes, 145)
	if cfg.TxBytes < 32 {
		return nil, fmt.Errorf("bench: transactions of %d bytes; 32 are needed to tell them apart", cfg.TxBytes)
	}
	app := newCountingApp(filepath.Join(cfg.Home, "app"))
	apps := []abci.Application{app}
	for i := 1; i < cfg.Validators; i++ {
		apps = append(apps, kvstore.NewPersistentApplication(filepath.Join(cfg.Home, fmt.Sprintf("app-%d", i))))
	}
	defer app.Close()
	nodes, err := startComets(&cfg, apps)
	defer func() {
		for _, n := range nodes {
			_ = n.Stop() // it may have stopped itself
			n.Wait()
		}
	}()
	if err != nil {
		return nil, err
	}
	return app.drive(ctx, &cfg, nodes[0].Mempool())
}

// startComets starts a node per application, each a validator that is connected
// with all others. It returns those that run, also with an error.
func startComets(cfg *KVStoreConfig, apps []abci.Application) ([]*node.Node, error) {
	port, err := FreePorts(len(apps))
	if err != nil {
		return nil, err
	}
	params := types.DefaultConsensusParams()
	params.Block.MaxBytes = 16 << 20
	doc := &types.GenesisDoc{
		ChainID: "kvstore", GenesisTime: time.Now().UTC().Truncate(time.Millisecond), InitialHeight: 1,
		ConsensusParams: params,
	}
	configs := make([]*cmtconfig.Config, len(apps))
	peers := make([]string, len(apps))
	for i := range apps {
		conf := cometConfig(cfg, filepath.Join(cfg.Home, fmt.Sprintf("node-%d", i)))
		conf.P2P.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", port+i)
		key := privval.LoadOrGenFilePV(conf.PrivValidatorKeyFile(), conf.PrivValidatorStateFile())
		public, err := key.GetPubKey()
		if err != nil {
			return nil, err
		}
		nodeKey, err := p2p.LoadOrGenNodeKey(conf.NodeKeyFile())
		if err != nil {
			return nil, err
		}
		doc.Validators = append(doc.Validators, types.GenesisValidator{PubKey: public, Power: 1})
		configs[i], peers[i] = conf, fmt.Sprintf("%s@127.0.0.1:%d", nodeKey.ID(), port+i)
	}
	if err := doc.ValidateAndComplete(); err != nil {
		return nil, err
	}
	var nodes []*node.Node
	for i, conf := range configs {
		conf.P2P.PersistentPeers = strings.Join(slices.Delete(slices.Clone(peers), i, i+1), ",")
		n, err := startComet(conf, doc, apps[i])
		if err != nil {
			return nodes, err
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

func cometConfig(cfg *KVStoreConfig, home string) *cmtconfig.Config {
	conf := cmtconfig.DefaultConfig().SetRoot(home)
	cmtconfig.EnsureRoot(home)
	conf.RPC.ListenAddress = ""
	conf.P2P.PexReactor = false
	conf.P2P.AddrBookStrict = false
	conf.P2P.AllowDuplicateIP = true
	conf.TxIndex.Indexer = "null"
	conf.Storage.DiscardABCIResponses = true
	conf.Consensus.TimeoutCommit = cfg.BlockTime
	conf.Mempool.Size = 4 * cfg.Window
	conf.Mempool.CacheSize = 8 * cfg.Window
	conf.Mempool.Recheck = false // as fast as it can be
	return conf
}

func startComet(conf *cmtconfig.Config, doc *types.GenesisDoc, app abci.Application) (*node.Node, error) {
	nodeKey, err := p2p.LoadOrGenNodeKey(conf.NodeKeyFile())
	if err != nil {
		return nil, err
	}
	key := privval.LoadOrGenFilePV(conf.PrivValidatorKeyFile(), conf.PrivValidatorStateFile())
	n, err := node.NewNode(conf, key, nodeKey, proxy.NewLocalClientCreator(app),
		func() (*types.GenesisDoc, error) { return doc, nil }, cmtconfig.DefaultDBProvider,
		node.DefaultMetricsProvider(&cmtconfig.InstrumentationConfig{}), cmtlog.NewNopLogger())
	if err != nil {
		return nil, err
	}
	return n, n.Start()
}

// countingApp tells of the transactions in every block.
type countingApp struct {
	*kvstore.Application

	mu       sync.Mutex
	moved    *sync.Cond
	included int       // guarded by mu
	blocks   []kvBlock // guarded by mu
	ended    bool      // guarded by mu
	pending  int       // guarded by mu: transactions of the block being decided
}

type kvBlock struct {
	at       time.Time
	included int
}

func newCountingApp(dir string) *countingApp {
	a := &countingApp{Application: kvstore.NewPersistentApplication(dir)}
	a.moved = sync.NewCond(&a.mu)
	return a
}

// FinalizeBlock remembers what Commit will count.
func (a *countingApp) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	a.mu.Lock()
	a.pending = len(req.Txs)
	a.mu.Unlock()
	return a.Application.FinalizeBlock(ctx, req)
}

// Commit counts the block's transactions: they are final.
func (a *countingApp) Commit(ctx context.Context, req *abci.RequestCommit) (*abci.ResponseCommit, error) {
	resp, err := a.Application.Commit(ctx, req)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.included += a.pending
	a.blocks = append(a.blocks, kvBlock{time.Now(), a.included})
	a.moved.Broadcast()
	return resp, err
}

func (a *countingApp) drive(ctx context.Context, cfg *KVStoreConfig, pool mempool.Mempool) (*KVStoreResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fed := make(chan error, 1)
	go func() { fed <- a.feed(ctx, cfg, pool) }()
	stop := context.AfterFunc(ctx, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.ended = true
		a.moved.Broadcast()
	})
	defer stop()
	result, err := a.measure(cfg)
	cancel()
	return result, errors.Join(err, <-fed)
}

// feed keeps a window of transactions under way.
func (a *countingApp) feed(ctx context.Context, cfg *KVStoreConfig, pool mempool.Mempool) error {
	rng := rand.New(rand.NewPCG(1, 2))
	for sent := 0; ; {
		a.mu.Lock()
		for !a.ended && sent-a.included+batchSize > cfg.Window {
			a.moved.Wait()
		}
		ended := a.ended
		a.mu.Unlock()
		if ended || ctx.Err() != nil {
			return nil
		}
		for range batchSize {
			if err := pool.CheckTx(kvTransaction(rng, sent, cfg.TxBytes), nil, mempool.TxInfo{}); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return fmt.Errorf("bench: kvstore refuses a transaction: %w", err)
			}
			sent++
		}
	}
}

// kvTransaction is number=text of a given length.
func kvTransaction(rng *rand.Rand, number, length int) types.Tx {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"
	tx := fmt.Appendf(make([]byte, 0, length), "%d=", number)
	for len(tx) < length {
		tx = append(tx, letters[rng.Uint64()%uint64(len(letters))])
	}
	return tx
}

func (a *countingApp) measure(cfg *KVStoreConfig) (*KVStoreResult, error) {
	began := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	first := -1
	for n := 0; ; n = len(a.blocks) {
		for len(a.blocks) == n && !a.ended {
			a.moved.Wait()
		}
		if a.ended {
			return nil, context.Canceled
		}
		last := len(a.blocks) - 1
		switch b := a.blocks[last]; {
		case first < 0 && b.at.Sub(began) >= cfg.Warmup:
			first = last
		case first >= 0 && b.at.Sub(a.blocks[first].at) >= cfg.Duration:
			f := a.blocks[first]
			return &KVStoreResult{b.included - f.included, last - first, b.at.Sub(f.at)}, nil
		}
	}
}
