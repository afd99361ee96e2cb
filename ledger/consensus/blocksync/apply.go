package blocksync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cometbft/cometbft/p2p"
	bcproto "github.com/cometbft/cometbft/proto/tendermint/blocksync"
	sm "github.com/cometbft/cometbft/state"
)

// run fetches and applies blocks until the node has caught up or ctx ends.
func (r *Reactor) run(ctx context.Context) {
	state, err := r.conf.Begin(ctx)
	if err != nil {
		if ctx.Err() == nil {
			r.failed(0, err)
		}
		return
	}
	r.learn(state)
	r.mu.Lock()
	r.window = newWindow(max(state.LastBlockHeight+1, state.InitialHeight), r.times)
	r.mu.Unlock()
	preparing, stop := context.WithCancel(ctx)
	defer stop()
	for range preparers() {
		r.workers.Go(func() { r.prepare(preparing) })
	}
	r.askStatus()
	began := state.LastBlockHeight
	done, state := r.follow(ctx, state)
	r.mu.Lock()
	r.window, r.debts = nil, r.window.debts
	r.mu.Unlock()
	if done {
		r.conf.Done(state, state.LastBlockHeight > began)
	}
}

// learn takes the validators that the next block is verified with.
func (r *Reactor) learn(state sm.State) {
	hash := state.Validators.Hash()
	if v := r.set.Load(); v == nil || !bytes.Equal(v.hash, hash) {
		set := state.Validators.Copy()
		set.TotalVotingPower() // computed now, for several goroutines read it
		r.set.Store(&validators{set, hash})
	}
}

func (r *Reactor) askStatus() {
	r.Switch.BroadcastAsync(p2p.Envelope{ChannelID: Channel, Message: &bcproto.StatusRequest{}})
}

// follow applies blocks as they become ready. It returns true when the node has
// caught up.
func (r *Reactor) follow(ctx context.Context, state sm.State) (bool, sm.State) {
	tick := time.NewTicker(r.times.interval)
	defer tick.Stop()
	// CometBFT goes on with the votes for the last block; without them it has to
	// fetch one more.
	hasVotes := state.LastBlockHeight == 0 || r.conf.Blocks.LoadBlockExtendedCommit(state.LastBlockHeight) != nil
	for {
		select {
		case <-ctx.Done():
			return false, state
		case <-tick.C:
			if hasVotes && (r.caughtUp() || r.needed(state)) {
				r.warnIfBehind()
				return true, state
			}
			r.dropLate()
			r.askStatus()
		case <-r.wake:
			for ctx.Err() == nil {
				b := r.ready(ctx)
				if b == nil {
					break
				}
				next, err := r.apply(ctx, state, b)
				if errors.Is(err, errBadBlock) {
					r.reject(err)
					break
				} else if err != nil && ctx.Err() != nil {
					return false, state
				} else if err != nil {
					r.failed(b.block.Height, err)
					return false, state
				}
				state, hasVotes = next, true
				r.learn(state)
				r.use(func(w *window) { w.applied(time.Now()) })
			}
		}
	}
}

// ready is the block to apply next, nil if it has not come. Those after it are
// verified meanwhile.
func (r *Reactor) ready(ctx context.Context) *fetched {
	r.mu.Lock()
	b, soon := r.window.ready(), r.window.soon()
	r.mu.Unlock()
	for _, s := range soon {
		select {
		case r.soon <- s:
		case <-ctx.Done():
			return nil
		}
	}
	return b
}

func (r *Reactor) caughtUp() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.window.caughtUp()
}

// warnIfBehind tells the operator if the node ends its search for blocks because
// those that it lacks are kept by nobody. Peers may say so falsely, so that it
// does not wait.
func (r *Reactor) warnIfBehind() {
	r.mu.Lock()
	r.lacking, r.oldest = r.window.next, r.window.beyond()
	next, oldest := r.lacking, r.oldest
	r.mu.Unlock()
	if oldest > 0 {
		r.Logger.Error("No peer keeps the next block of this node; start anew with --state-sync, or name a peer that keeps all blocks",
			"block", next, "oldest", oldest)
	}
}

// Left is how many blocks peers have that this node has not applied yet, 0 when it
// fetches none.
func (r *Reactor) Left() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.window == nil {
		return 0
	}
	return r.window.left()
}

// OutOfReach is the oldest block that peers had if none had this node's next one
// when it ended its search, and it has not got any further; else 0.
func (r *Reactor) OutOfReach() int64 {
	r.mu.Lock()
	lacking, oldest := r.lacking, r.oldest
	r.mu.Unlock() // CometBFT asks Left while it writes to its block store
	if oldest > 0 && r.conf.Blocks.Height() < lacking {
		return oldest
	}
	return 0
}

// needed says that the others cannot make blocks without this node.
func (r *Reactor) needed(state sm.State) bool {
	_, me := state.Validators.GetByAddress(r.conf.Address)
	return me != nil && me.VotingPower*3 >= state.Validators.TotalVotingPower()
}

// errBadBlock marks a block that its sender must not have sent.
var errBadBlock = errors.New("bad block")

// apply checks a block and its votes against the state before it and executes
// it.
func (r *Reactor) apply(ctx context.Context, state sm.State, b *fetched) (sm.State, error) {
	if b.checked != nil {
		select {
		case <-b.checked:
		case <-ctx.Done():
			return state, ctx.Err()
		}
	}
	v := r.set.Load() // as of state
	if !bytes.Equal(b.verified, v.hash) {
		if err := b.verify(r.conf.ChainID, v.set, v.hash); err != nil {
			return state, fmt.Errorf("%w: %w", errBadBlock, err)
		}
	}
	// What its validators have decided is right: if this node finds otherwise,
	// no peer is at fault.
	if err := r.conf.Executor.ValidateBlockSkipLastCommit(state, b.block); err != nil {
		return state, err
	}
	r.conf.Blocks.SaveBlockWithExtendedCommit(b.block, b.parts, b.votes)
	return r.conf.Executor.ApplyVerifiedBlock(state, b.id, b.block)
}

// reject leaves the peer that sent the block to apply next.
func (r *Reactor) reject(cause error) {
	var id p2p.ID
	r.use(func(w *window) { id = w.reject(time.Now()) })
	if peer := r.Switch.Peers().Get(id); peer != nil {
		r.Logger.Error("Bad block", "peer", id, "err", cause)
		r.Switch.StopPeerForError(peer, cause)
	}
}

// dropLate leaves peers that owe blocks for too long, and asks one that holds the
// others up for nothing more. The latter may be honest and slow.
func (r *Reactor) dropLate() {
	var late []p2p.ID
	var slow p2p.ID
	r.use(func(w *window) {
		now := time.Now()
		late = w.late(now)
		for _, id := range late {
			w.pause(id, w.ban, now)
		}
		if slow = w.holdsUp(now); slow != "" {
			w.pause(slow, w.ban, now)
		}
		w.forget(now)
	})
	for _, id := range late {
		if peer := r.Switch.Peers().Get(id); peer != nil {
			r.Switch.StopPeerForError(peer, fmt.Errorf("no block for %v", r.times.patience))
		}
	}
	if slow != "" {
		r.Logger.Info("Peer holds up block sync; others are asked", "peer", slow)
	}
}
