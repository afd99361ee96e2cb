package pool

import (
	"time"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Block is a committed block as the pool needs it.
type Block struct {
	// View is the state after the block; the pool owns it.
	View View
	// Included are the block's signed extrinsics, in order.
	Included []*runtime.Checked
	// Spec is the spec version of the runtime that runs the next block. When it
	// changes, what was checked by another one leaves the pool.
	Spec uint32
}

// Advance moves the pool on to a new block: included extrinsics leave, their
// lanes move up, what is too old expires. Call it once per block, when the
// block's state and body can be read. What may have become invalid for other
// reasons is validated again in the background.
func (p *Pool) Advance(b Block) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		_ = b.View.Close() // a view holds no unsaved data
		return
	}
	last := p.head
	p.head = newHead(b.View)
	hash := p.head.parent.Hash
	p.finalize(p.settled)
	p.awaitFinal(hash, p.include(b.Included, hash))
	p.expire(last.number+1, p.head.number+1)
	if b.Spec != p.spec {
		p.upgrade(b.Spec)
	}
	p.mu.Unlock()
	last.release()
	select {
	case p.wakeup <- struct{}{}:
	default: // the revalidator is behind; it will see the newest head
	}
}

// upgrade drops what another runtime has checked: signatures bind its version. A
// refusal by the old runtime says nothing about the new one.
func (p *Pool) upgrade(spec uint32) {
	p.spec = spec
	for _, e := range p.byHash {
		if e.checked.Spec != spec {
			p.discard(e, Status{Kind: Invalid})
		}
	}
	p.bans = banList{max: p.bans.max}
}

// include removes a block's extrinsics and whatever their nonces leave behind.
// It returns the watchers of those included.
func (p *Pool) include(included []*runtime.Checked, block substrate.H256) []*tracker {
	next := make(map[substrate.AccountID]uint32)
	taken := make(map[place]substrate.H256, len(included))
	for _, x := range included {
		if p.lanes[x.Signer] != nil {
			taken[place{x.Signer, x.Extra.Nonce}] = x.Hash
			next[x.Signer] = max(next[x.Signer], x.Extra.Nonce+1)
		}
	}
	var watched []*tracker
	for account, nonce := range next {
		p.advanceLane(p.lanes[account], nonce, func(e *entry) Status {
			switch by, ok := taken[place{account, e.nonce()}]; {
			case !ok:
				return Status{Kind: Invalid}
			case by != e.checked.Hash:
				return Status{Kind: Usurped, By: by}
			}
			if e.track != nil {
				watched = append(watched, e.track)
			}
			return Status{Kind: InBlock, Block: block}
		})
	}
	return watched
}

// place is where an extrinsic belongs.
type place struct {
	account substrate.AccountID
	nonce   uint32
}

// expire removes the mortal extrinsics that are too late for block number,
// those too late for block from being gone already.
func (p *Pool) expire(from, number uint32) {
	drop := func(at uint32) {
		for e := range p.expiry[at] {
			p.discard(e, Status{Kind: Invalid})
		}
	}
	if number-from > uint32(len(p.expiry)) {
		for at := range p.expiry {
			if at <= number {
				drop(at)
			}
		}
		return
	}
	for at := from + 1; at <= number; at++ {
		drop(at)
	}
}

// settling holds the watchers of the newest block's extrinsics, who hear
// finalized a little later: clients handle a status with several requests, and
// one that follows at once cancels the work on the other (spec/wire.md §5.5).
type settling struct {
	block   substrate.H256
	watched []*tracker
	timer   *time.Timer
}

func (s *settling) close(why error) {
	for _, t := range s.watched {
		t.close(why)
	}
}

// awaitFinal keeps the watchers of a block until the next one.
func (p *Pool) awaitFinal(block substrate.H256, watched []*tracker) {
	if len(watched) == 0 {
		p.settled = nil
		return
	}
	s := &settling{block: block, watched: watched}
	p.settled = s
	s.timer = time.AfterFunc(p.opts.settleAfter, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.finalize(s)
	})
}

// finalize tells the watchers of s, once.
func (p *Pool) finalize(s *settling) {
	if s == nil || p.settled != s {
		return
	}
	s.timer.Stop()
	p.settled = nil
	for _, t := range s.watched {
		t.add(Status{Kind: Finalized, Block: s.block})
	}
}
