package consensus

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	cmtconfig "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/light"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/statesync"
	"github.com/cometbft/cometbft/store"

	"github.com/gocess/gocess/ledger/consensus/cometdb"
)

// StateSync lets a new node start from a snapshot of its peers instead of
// executing all blocks. A node that has blocks already ignores it.
type StateSync struct {
	// Servers are nodes that answer light clients: http://host:port of their
	// Config.Light. Headers of the first are compared with those of the others;
	// a single server is believed when it says that there is no fork. Empty: no
	// state sync.
	Servers []string
	// TrustHeight and TrustHash, in hex, are a block of CometBFT's chain that the
	// operator knows to be right, from a source they trust; not older than
	// TrustPeriod. The hash is that of CometBFT's header, see LatestTrust.
	TrustHeight uint64
	TrustHash   string
	// TrustPeriod is how long validators can still be punished for a forged
	// header. Default Genesis.EvidenceAge if that is set, else 14 days: bonds of
	// development chains are shorter than their nodes may be stopped for.
	TrustPeriod time.Duration
	// Discovery is how long to collect offers of snapshots. Default and least
	// 5 s.
	Discovery time.Duration
}

func (s *StateSync) enabled() bool { return len(s.Servers) > 0 }

const minDiscovery = 5 * time.Second // CometBFT's

func (s *StateSync) complete(trust time.Duration) error {
	if !s.enabled() {
		return nil
	}
	setDefault(&s.TrustPeriod, trust)
	setDefault(&s.Discovery, minDiscovery)
	hash, err := hex.DecodeString(strings.TrimPrefix(s.TrustHash, "0x"))
	switch {
	case err != nil || len(hash) != 32:
		return fmt.Errorf("state sync: trust hash %q: 64 digits of hex are needed", s.TrustHash)
	case s.TrustHeight == 0 || s.TrustHeight > maxHeight:
		return fmt.Errorf("state sync: trust height %d", s.TrustHeight)
	case s.Discovery < minDiscovery:
		return fmt.Errorf("state sync: discovery of %v, at least %v are needed", s.Discovery, minDiscovery)
	}
	s.TrustHash = hex.EncodeToString(hash)
	if len(s.Servers) == 1 { // CometBFT wants a second opinion
		s.Servers = append(s.Servers, s.Servers[0])
	}
	return nil
}

// configure leaves the sync switched off: blocksync begins with it.
func (s *StateSync) configure(c *cmtconfig.StateSyncConfig) {
	c.RPCServers = s.Servers
	c.TrustHeight, c.TrustHash, c.TrustPeriod = int64(s.TrustHeight), s.TrustHash, s.TrustPeriod
	c.DiscoveryTime = s.Discovery
	c.MaxSnapshotChunks = maxChunks
}

// witness is a light client that also remembers what it learnt about the
// results of blocks, which CometBFT does not pass on to the application.
type witness struct {
	statesync.StateProvider

	mu      sync.Mutex // guards results
	results map[uint64][]byte
}

// State implements statesync.StateProvider.
func (w *witness) State(ctx context.Context, height uint64) (sm.State, error) {
	s, err := w.StateProvider.State(ctx, height)
	if err == nil {
		w.mu.Lock()
		w.results[height] = s.LastResultsHash
		w.mu.Unlock()
	}
	return s, err
}

func (w *witness) resultsHash(height uint64) ([]byte, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	hash, ok := w.results[height]
	return hash, ok
}

// newWitness asks the servers for the trusted block.
func (n *Node) newWitness(ctx context.Context) (*witness, error) {
	s := &n.cfg.StateSync
	hash, err := hex.DecodeString(s.TrustHash)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	provider, err := statesync.NewLightClientStateProvider(ctx, n.cfg.Genesis.ChainID, sm.InitStateVersion, 1, s.Servers,
		light.TrustOptions{Period: s.TrustPeriod, Height: int64(s.TrustHeight), Hash: hash},
		logger{n.cfg.Logger.With("component", "light"), func(error) {}})
	if err != nil {
		return nil, fmt.Errorf("state sync: verify block %d with %s: %w", s.TrustHeight, strings.Join(s.Servers, ", "), err)
	}
	return &witness{StateProvider: provider, results: make(map[uint64][]byte)}, nil
}

// stateStoreOf is CometBFT's memory of validators and parameters.
func stateStoreOf(dbs *cometdb.Store) sm.Store {
	return sm.NewStore(dbs.Database("state"), sm.StoreOptions{DiscardABCIResponses: true})
}

// catchUp lets CometBFT know a state that is ahead of it: one that was imported,
// or restored from a snapshot just before a crash.
func (n *Node) catchUp(ctx context.Context, dbs *cometdb.Store) error {
	stateStore := stateStoreOf(dbs)
	blocks := store.NewBlockStore(dbs.Database("blockstore"))
	s, err := stateStore.Load()
	if err != nil {
		return err
	}
	best := n.app.chain.Best().Number
	if best > 0 && s.LastBlockHeight == 0 && blocks.Height() == 0 {
		if s, err = n.adoptState(ctx, stateStore, blocks, best); err != nil {
			return err
		}
	}
	if s.LastBlockHeight > 0 && blocks.Height() == 0 {
		// CometBFT forgets that it has no block yet when it is started again.
		return stateStore.SetOfflineStateSyncHeight(s.LastBlockHeight)
	}
	return nil
}

// adoptState verifies with a light client that the state is that of the chain.
func (n *Node) adoptState(ctx context.Context, to sm.Store, blocks *store.BlockStore, best uint32) (sm.State, error) {
	if !n.cfg.StateSync.enabled() {
		return sm.State{}, fmt.Errorf("the state is that of block %d, and nothing is known about the blocks before it: "+
			"name servers for state sync to verify it, or remove the node's folder", best)
	}
	w, err := n.newWitness(ctx)
	if err != nil {
		return sm.State{}, err
	}
	height := uint64(best)
	s, err := w.State(ctx, height)
	if err != nil {
		return s, fmt.Errorf("state sync: verify block %d: %w", best, err)
	}
	record, err := n.app.chain.Aux(recordKey)
	if err != nil {
		return s, err
	}
	a, err := newAnchor(n.app.chain, best, record)
	if err != nil {
		return s, err
	}
	if err := a.confirm(trust{appHash: s.AppHash, resultsHash: s.LastResultsHash, inherents: n.cfg.Runtime.InherentCount()}); err != nil {
		return s, fmt.Errorf("the state in the node's folder is not that of the chain: %w", err)
	}
	commit, err := w.Commit(ctx, height)
	if err != nil {
		return s, fmt.Errorf("state sync: verify block %d: %w", best, err)
	}
	return s, errors.Join(to.Bootstrap(s), blocks.SaveSeenCommit(int64(height), commit))
}

// LatestTrust asks a node that answers light clients for its newest block: a
// height and a header hash for StateSync. What it says is to be compared with
// another source.
func LatestTrust(ctx context.Context, server string) (height uint64, hash string, err error) {
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	client, err := rpchttp.New(server, "/websocket")
	if err != nil {
		return 0, "", fmt.Errorf("ask %s: %w", server, err)
	}
	c, err := client.Commit(ctx, nil)
	if err != nil {
		return 0, "", fmt.Errorf("ask %s for its newest block: %w", server, err)
	}
	if c.IsEmpty() || c.Height < 1 {
		return 0, "", fmt.Errorf("ask %s for its newest block: it has none yet", server)
	}
	return uint64(c.Height), c.Header.Hash().String(), nil
}
