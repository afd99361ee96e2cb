package consensus

import (
	"sync"
	"time"

	"github.com/cometbft/cometbft/blocksync"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
)

// patientBlocksync is CometBFT's fetcher of old blocks, except that a peer's
// disconnection is told to it between two blocks. In v0.40.0 a disconnection
// while a block is being verified drops the block under the verifier's hands
// and ends the process (blocksync.BlockPool.PopRequest, nil dereference).
type patientBlocksync struct {
	*blocksync.Reactor
	gone removals
}

// removals holds back what must not be done now.
type removals struct {
	syncing func() bool   // blocks are being fetched
	idle    time.Duration // after so long without a block, there is none to disturb

	mu      sync.Mutex // guards everything below
	pending []func()
	timer   *time.Timer
}

// RemovePeer implements p2p.Reactor.
func (r *patientBlocksync) RemovePeer(peer p2p.Peer, reason any) {
	r.gone.add(func() { r.Reactor.RemovePeer(peer, reason) })
}

func (r *removals) add(remove func()) {
	if !r.syncing() {
		remove()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending = append(r.pending, remove)
	if r.timer == nil {
		r.timer = time.AfterFunc(r.idle, r.flush)
	}
}

// flush does what was held back. It is called when a block has been taken out
// of the fetcher and the next one is not looked at yet.
func (r *removals) flush() {
	r.mu.Lock()
	pending := r.pending
	r.pending = nil
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
	r.mu.Unlock()
	for _, remove := range pending {
		remove()
	}
}

// replaceBlocksync puts patientBlocksync in the place of CometBFT's fetcher.
// flush receives its flush.
func replaceBlocksync(flush *func()) node.Option {
	const name = "BLOCKSYNC"
	return func(n *node.Node) {
		r, _ := n.Switch().Reactor(name)
		inner, ok := r.(*blocksync.Reactor)
		if !ok {
			return
		}
		patient := &patientBlocksync{Reactor: inner}
		patient.gone.syncing = n.ConsensusReactor().WaitSync
		patient.gone.idle = 2 * time.Second
		n.Switch().RemoveReactor(name, inner)
		n.Switch().AddReactor(name, patient)
		*flush = patient.gone.flush
	}
}
