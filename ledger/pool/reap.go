package pool

import (
	"container/heap"
	"errors"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Reap lists ready extrinsics for a block, best first, as many as fit into
// maxBytes and maxCount. Those of one account follow each other by nonce. They
// stay in the pool until Advance or Reject removes them.
func (p *Pool) Reap(maxBytes, maxCount int) []*runtime.Checked {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := make(readyHeap, 0, len(p.lanes))
	for _, l := range p.lanes {
		if l.ready > 0 {
			next = append(next, cursor{lane: l})
		}
	}
	heap.Init(&next)
	out := make([]*runtime.Checked, 0, min(maxCount, p.ready))
	for len(next) > 0 && len(out) < maxCount {
		c := &next[0]
		x := c.entry().checked
		if len(x.Raw) > maxBytes {
			// It does not fit, and nothing of its lane may overtake it.
			heap.Pop(&next)
			continue
		}
		out = append(out, x)
		maxBytes -= len(x.Raw)
		if c.at++; c.at == c.lane.ready {
			heap.Pop(&next)
		} else {
			heap.Fix(&next, 0)
		}
	}
	return out
}

// Pending lists the ready extrinsics in the order blocks take them.
func (p *Pool) Pending() [][]byte {
	const unlimited = int(^uint(0) >> 1)
	ready := p.Reap(unlimited, unlimited)
	out := make([][]byte, len(ready))
	for i, x := range ready {
		out[i] = x.Raw
	}
	return out
}

// Reject tells the pool that a block could not take an extrinsic it offered.
// What a later block may still take stays.
func (p *Pool) Reject(hash substrate.H256, err error) {
	if errors.Is(err, substrate.InvalidExhaustsResources) || errors.Is(err, substrate.InvalidFuture) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.byHash[hash]
	if e == nil {
		return
	}
	p.bans.note(hash, err, p.head.number, p.opts.banTime)
	p.discard(e, Status{Kind: Invalid})
}

// cursor walks the ready part of a lane.
type cursor struct {
	lane *lane
	at   int
}

func (c cursor) entry() *entry { return c.lane.entries[c.at] }

// readyHeap has the extrinsic that a block takes next on top.
type readyHeap []cursor

func (h readyHeap) Len() int { return len(h) }

func (h readyHeap) Less(i, j int) bool {
	a, b := h[i].entry(), h[j].entry()
	if a.priority != b.priority {
		return a.priority > b.priority
	}
	return a.arrival < b.arrival
}

func (h readyHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *readyHeap) Push(x any) { *h = append(*h, x.(cursor)) }

func (h *readyHeap) Pop() any {
	old := *h
	c := old[len(old)-1]
	*h = old[:len(old)-1]
	return c
}
