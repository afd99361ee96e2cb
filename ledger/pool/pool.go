// Package pool holds the extrinsics that wait for a block.
//
// Every account has a lane: its extrinsics in the order of their nonces. Those
// that continue the account's nonce in state without a gap are ready; the rest
// are future and wait for the gap to close. Blocks take ready extrinsics by
// priority, each lane in order.
//
// Submissions pass through a few workers that decode, verify signatures in
// batches and validate against the state of the newest block; the decoded
// extrinsic is kept until a block includes it, so that nothing is decoded or
// verified twice.
//
// The pool is not part of the ledger's deterministic core: it reads the clock
// and runs goroutines, which Close ends.
package pool

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Machine decodes and judges extrinsics; *runtime.Runtime is one. Its methods
// are called from several goroutines at once.
type Machine interface {
	// Decode does all checks that do not need state but the verification of
	// the signature, which it returns.
	Decode(parent runtime.Parent, raw []byte) (*runtime.Checked, *runtime.SignatureCheck, error)
	// Validate judges an extrinsic for the block after parent. A nonce above
	// the account's is not an error.
	Validate(parent runtime.Parent, c *runtime.Checked) (runtime.ValidTransaction, error)
}

// View is the state after a block; *chain.View is one. The pool closes the
// views it is given.
type View interface {
	Parent() runtime.Parent
	Close() error
}

// Pool is the transaction pool. Its methods may be called from any goroutine.
type Pool struct {
	machine Machine
	opts    options

	jobs   chan *job           // submissions waiting for a worker
	room   *semaphore.Weighted // bytes that may wait in jobs
	stop   context.CancelFunc
	ctx    context.Context // done when the pool closes
	owned  sync.WaitGroup  // workers and the revalidator
	wakeup chan struct{}   // a block arrived: the revalidator has work

	mu      sync.Mutex // guards everything below
	head    *head
	spec    uint32 // of the runtime of the next block, as of the last Advance
	lanes   map[substrate.AccountID]*lane
	byHash  map[substrate.H256]*entry
	evict   laneHeap                       // lanes by how cheap it is to lose their last extrinsic
	bytes   int                            // sum of the encoded lengths
	ready   int                            // entries that a block could take now
	arrival uint64                         // counter that orders equal priorities
	expiry  map[uint32]map[*entry]struct{} // mortal entries by the first block too late for them
	outbox  []*entry                       // ready entries that peers have not been told of
	oldest  entryList
	bans    banList
	settled *settling // watchers of the newest block's extrinsics
	closed  bool
}

// New makes a pool that judges by view, the state after the newest block. The
// pool owns view.
func New(machine Machine, view View, opts ...Option) *Pool {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Pool{
		machine: machine,
		opts:    defaultOptions(),
		ctx:     ctx,
		stop:    cancel,
		wakeup:  make(chan struct{}, 1),
		head:    newHead(view),
		lanes:   make(map[substrate.AccountID]*lane),
		byHash:  make(map[substrate.H256]*entry),
		expiry:  make(map[uint32]map[*entry]struct{}),
	}
	for _, o := range opts {
		o(&p.opts)
	}
	p.jobs = make(chan *job, p.opts.queue)
	p.room = semaphore.NewWeighted(int64(p.opts.queueBytes))
	p.bans.max = p.opts.maxBans
	p.oldest.init()
	for range p.opts.workers {
		p.owned.Go(p.work)
	}
	p.owned.Go(p.revalidateLoop)
	return p
}

// Close ends the pool's goroutines and its watchers' streams. The pool's
// content is lost: clients submit again.
func (p *Pool) Close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.closed = true
	if p.settled != nil {
		p.settled.timer.Stop()
		p.settled.close(ErrClosed)
		p.settled = nil
	}
	for _, e := range p.byHash {
		e.track.close(ErrClosed)
	}
	h := p.head
	p.mu.Unlock()
	p.stop()
	p.owned.Wait()
	h.release()
}

// Stats is the size of the pool.
type Stats struct {
	Ready, Future, Bytes, Accounts int
}

// Stats counts what the pool holds.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Stats{Ready: p.ready, Future: len(p.byHash) - p.ready, Bytes: p.bytes, Accounts: len(p.lanes)}
}

// Lookup finds a pooled extrinsic by hash, nil when there is none.
func (p *Pool) Lookup(hash substrate.H256) *runtime.Checked {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.byHash[hash]; e != nil {
		return e.checked
	}
	return nil
}

// NextIndex is the nonce for the account's next extrinsic: stateNonce, the
// account's nonce in state, advanced over its ready extrinsics
// (spec/wire.md §3.8).
func (p *Pool) NextIndex(account substrate.AccountID, stateNonce uint32) uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lanes[account]
	if l == nil {
		return stateNonce
	}
	return max(stateNonce, l.next+uint32(l.ready))
}

// Remove drops the named extrinsics and bans them for a while. It returns the
// hashes that were in the pool.
func (p *Pool) Remove(hashes ...substrate.H256) []substrate.H256 {
	p.mu.Lock()
	defer p.mu.Unlock()
	var removed []substrate.H256
	for _, hash := range hashes {
		e := p.byHash[hash]
		if e == nil {
			continue
		}
		p.bans.add(hash, ban{until: time.Now().Add(p.opts.banTime)})
		p.discard(e, Status{Kind: Dropped})
		removed = append(removed, hash)
	}
	return removed
}
