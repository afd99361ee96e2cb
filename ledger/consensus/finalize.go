package consensus

import (
	"context"
	"errors"
	"fmt"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/gocess/gocess/ledger/pool"
	"github.com/gocess/gocess/ledger/state"
)

// FinalizeBlock executes the decided block, unless that has been done, and
// names the new state root and validators. Two thirds of the validators have
// accepted the block, so that an invalid one stops the node: continuing would
// leave the chain that the others follow.
func (a *app) FinalizeBlock(_ context.Context, req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := &proposal{
		height:   uint32(req.Height),
		time:     req.Time,
		proposer: addressFrom(req.ProposerAddress),
		commit:   commitOf(req.DecidedLastCommit),
		txs:      req.Txs,

		misbehaviours: misbehavioursOf(req.Misbehavior),
	}
	a.pace.decided(time.Now())
	c, err := a.candidate(p)
	if err != nil {
		return nil, a.stop(fmt.Sprintf("execute block %d", p.height), err)
	}
	a.decided = c
	return &abci.ResponseFinalizeBlock{
		TxResults:        results(c.commitment, len(req.Txs)),
		ValidatorUpdates: c.updates,
		AppHash:          c.block.Header.StateRoot[:],
	}, nil
}

// Commit makes the decided block durable and announces it.
func (a *app) Commit(context.Context, *abci.RequestCommit) (*abci.ResponseCommit, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.decided
	if c == nil {
		return nil, a.fail("commit", fmt.Errorf("no block is decided"))
	}
	if err := a.commit(c); err != nil {
		return nil, a.fail(fmt.Sprintf("commit block %d", c.block.Number), err)
	}
	if delay, ok := a.pace.delay(time.Now()); ok && a.onPace != nil {
		a.onPace(delay)
	}
	return &abci.ResponseCommit{RetainHeight: a.retainHeight(c.block.Number)}, nil
}

func (a *app) commit(c *candidate) error {
	store := a.chain.Append
	if a.farBehind != nil && a.farBehind() && c.block.Number%maxLazy != 0 {
		store = a.chain.AppendLazily
	}
	if err := store(c.staged, c.block, []state.KV{{Key: recordKey, Value: c.stored}}); err != nil {
		return err
	}
	a.attend(c)
	a.record = c.record
	a.candidates, a.decided = nil, nil
	a.appoint()
	a.ahead.expect(c.block.Number + 1)
	view, err := a.chain.BestView()
	if err != nil {
		return err
	}
	next, err := a.nextVersion(view.Parent())
	if err != nil {
		return errors.Join(err, view.Close())
	}
	a.pool.Advance(pool.Block{View: view, Included: c.included, Spec: next})
	a.snapshots.committed(c.block.Number, c.stored)
	return nil
}

// appoint has the node sign as the validator that it is for the next block, if
// any.
func (a *app) appoint() {
	set := a.record.deciding(1)
	a.signer.use(set)
	a.duties.appoint(set, a.signer.current())
}

// maxLazy is how many fetched blocks become durable together. A crash loses the
// last of them, with what CometBFT knew of them: the log is one.
const maxLazy = 64

// retainHeight tells CometBFT which of its blocks may go, 0 for none.
func (a *app) retainHeight(height uint32) int64 {
	if keep := a.cfg.RetainBlocks; keep > 0 && uint64(height) > keep {
		return int64(uint64(height) - keep)
	}
	return 0
}
