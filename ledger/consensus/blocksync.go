package consensus

import (
	"context"
	"fmt"
	"time"

	cmtconfig "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/node"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/statesync"

	"github.com/gocess/gocess/ledger/consensus/blocksync"
	"github.com/gocess/gocess/ledger/consensus/cometdb"
)

// fetchBlocks puts our fetcher of old blocks in the place of CometBFT's. A node
// that starts from a snapshot restores it before, with the help of w.
func (n *Node) fetchBlocks(conf *cmtconfig.Config, dbs *cometdb.Store, w *witness, log log.Logger) node.Option {
	const name = "BLOCKSYNC"
	return func(comet *node.Node) {
		states := stateStoreOf(dbs)
		executor := sm.NewBlockExecutor(states, log.With("module", "state"), comet.ProxyApp().Consensus(),
			comet.Mempool(), comet.EvidencePool(), comet.BlockStore(),
			sm.BlockExecutorWithBlockTimeTolerance(conf.Consensus.BlockTimeTolerance))
		me := n.app.signer.current()
		c := blocksync.Config{
			ChainID: n.cfg.Genesis.ChainID, Blocks: comet.BlockStore(), States: states, Executor: executor, Address: me[:],
			// The votes that come with a block are fewer bytes than a block can have.
			MaxBytes: 2 * int(n.cfg.maxBlock()),
			Ahead:    n.app.ahead.block,
			Done: func(s sm.State, fetched bool) {
				if m, ok := comet.MempoolReactor().(interface{ EnableInOutTxs() }); ok {
					m.EnableInOutTxs()
				}
				// The log of consensus holds this node's votes on the block that
				// was being decided when it stopped. Without them it could neither
				// vote again, as it never signs twice, nor learn from others of
				// whom the same is true: a network that lost its power would halt.
				// Once other blocks have been fetched the log has nothing to say.
				comet.ConsensusReactor().SwitchToConsensus(s, fetched || w != nil)
			},
			Failed: func(err error) { n.app.failure.CompareAndSwap(nil, &err) },
		}
		switch {
		case !comet.ConsensusReactor().WaitSync(): // the only validator has nobody to ask
		case w == nil:
			c.Begin = func(context.Context) (sm.State, error) { return states.Load() }
		default:
			c.Begin = func(ctx context.Context) (sm.State, error) {
				return restoreSnapshot(ctx, comet, states, w, conf.StateSync.DiscoveryTime)
			}
		}
		old, _ := comet.Switch().Reactor(name)
		comet.Switch().RemoveReactor(name, old)
		r := blocksync.New(c)
		r.SetLogger(log.With("module", "blocksync"))
		comet.Switch().AddReactor(name, r)
		n.fetcher = r
	}
}

// restoreSnapshot lets CometBFT find a snapshot and the application restore it.
// CometBFT's search does not listen to ctx; it is left behind.
func restoreSnapshot(ctx context.Context, comet *node.Node, states sm.Store, w *witness, discovery time.Duration) (sm.State, error) {
	found, _ := comet.Switch().Reactor("STATESYNC")
	reactor, ok := found.(*statesync.Reactor)
	if !ok {
		return sm.State{}, fmt.Errorf("restore a snapshot: CometBFT has no state sync")
	}
	type result struct {
		state sm.State
		err   error
	}
	done := make(chan result, 1)
	go func() {
		s, commit, err := reactor.Sync(w, discovery)
		if err == nil && ctx.Err() == nil {
			if err = states.Bootstrap(s); err == nil {
				err = comet.BlockStore().SaveSeenCommit(s.LastBlockHeight, commit)
			}
		}
		done <- result{s, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return r.state, fmt.Errorf("restore a snapshot: %w", r.err)
		}
		return r.state, nil
	case <-ctx.Done():
		return sm.State{}, ctx.Err()
	}
}
