package consensus

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/types"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/ledger/state"
)

// app is the ABCI application. CometBFT calls the methods that move the chain
// one at a time; those of the mempool come from any goroutine.
type app struct {
	abci.BaseApplication

	cfg    *Config
	store  *state.Store
	chain  *chain.Chain
	pool   *pool.Pool
	signer *signer
	pace   *pace
	cheats cheats
	log    *slog.Logger

	snapshots *snapshots
	// trust is what a light client has verified about the results of a height;
	// nil on a node that does not start from a snapshot.
	trust func(height uint64) (resultsHash []byte, ok bool)

	// onPace receives the delay before the next height; called with Commit, on
	// CometBFT's consensus goroutine.
	onPace func(time.Duration)

	// catchingUp says that the blocks to commit are fetched from peers, and could
	// be fetched again.
	catchingUp func() bool
	// farBehind says that of those blocks many are left.
	farBehind func() bool

	// lastCommit is the commit of a block as the next block has it, nil if it is
	// not stored.
	lastCommit func(height uint32) *types.Commit
	duties     duties

	// ahead verifies parts of fetched blocks before their turn.
	ahead *precheck

	mu         sync.Mutex // guards everything below
	record     record     // of the best block
	candidates candidates
	decided    *candidate // between FinalizeBlock and Commit
	incoming   *incoming  // between OfferSnapshot and the last chunk

	failure atomic.Pointer[error] // why the application stopped
}

// appVersion is the version of the rules of this package, in every header.
const appVersion = 1

// Info tells CometBFT how far the application is; it replays the rest.
func (a *app) Info(context.Context, *abci.RequestInfo) (*abci.ResponseInfo, error) {
	best := a.chain.Best()
	header, err := a.chain.Header(best.Hash)
	if err != nil {
		return nil, a.fail("info", err)
	}
	return &abci.ResponseInfo{
		Data:             "gocess",
		AppVersion:       appVersion,
		LastBlockHeight:  int64(best.Number),
		LastBlockAppHash: header.StateRoot[:],
	}, nil
}

// InitChain confirms the genesis that New has written. CometBFT may call it
// again after a crash.
func (a *app) InitChain(_ context.Context, req *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	if req.ChainId != a.cfg.Genesis.ChainID || req.InitialHeight != 1 {
		return nil, a.fail("init chain", fmt.Errorf("chain %q from height %d", req.ChainId, req.InitialHeight))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	header, err := a.chain.Header(a.chain.Genesis())
	if err != nil {
		return nil, a.fail("init chain", err)
	}
	return &abci.ResponseInitChain{
		AppHash:    header.StateRoot[:],
		Validators: updatesOf(nil, a.record.deciding(1)),
	}, nil
}

// Query has nothing to offer: clients use the RPC server.
func (a *app) Query(context.Context, *abci.RequestQuery) (*abci.ResponseQuery, error) {
	return &abci.ResponseQuery{Code: 1, Log: "no queries over ABCI"}, nil
}

// fail remembers the error that stops the application. CometBFT ends its
// consensus loop when a block cannot be executed or committed.
func (a *app) fail(step string, err error) error {
	err = fmt.Errorf("%s: %w", step, err)
	if a.failure.CompareAndSwap(nil, &err) {
		a.log.Error("consensus stopped", "err", err)
	}
	return err
}
