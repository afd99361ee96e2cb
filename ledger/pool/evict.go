package pool

import "container/heap"

// laneHeap orders lanes by how cheap it is to lose their last extrinsic: first
// those that end in a future one, then by priority, then the newest.
type laneHeap []*lane

func (h laneHeap) Len() int { return len(h) }

func (h laneHeap) Less(i, j int) bool { return cheaper(h[i].last(), h[j].last()) }

func cheaper(a, b *entry) bool {
	if a.isReady != b.isReady {
		return !a.isReady
	}
	if a.priority != b.priority {
		return a.priority < b.priority
	}
	return a.arrival > b.arrival
}

func (h laneHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *laneHeap) Push(x any) {
	l := x.(*lane)
	l.index = len(*h)
	*h = append(*h, l)
}

func (h *laneHeap) Pop() any {
	old := *h
	l := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	l.index = -1
	return l
}

// fixLane restores a lane's place after a change of its last entry.
func (p *Pool) fixLane(l *lane) {
	if l.index < 0 {
		heap.Push(&p.evict, l)
		return
	}
	heap.Fix(&p.evict, l.index)
}

// dropLane forgets a lane without entries.
func (p *Pool) dropLane(l *lane) {
	if l.index >= 0 {
		heap.Remove(&p.evict, l.index)
	}
	if p.lanes[l.account] == l {
		delete(p.lanes, l.account)
	}
}

// makeRoom evicts extrinsics that are cheaper to lose than e until e fits. e
// belongs to l and, if fits, is ready on arrival.
func (p *Pool) makeRoom(e *entry, l *lane, fits bool) error {
	e.isReady = fits // for the comparison only: it is not in the pool yet
	defer func() { e.isReady = false }()
	for len(p.byHash) >= p.opts.maxCount || p.bytes+len(e.checked.Raw) > p.opts.maxBytes {
		if len(p.evict) == 0 {
			return immediatelyDropped()
		}
		victim := p.evict[0].last()
		// What e itself builds on is never given up for e.
		if !cheaper(victim, e) || victim.priority == e.priority && victim.isReady == e.isReady ||
			victim.lane == l && victim.nonce() < e.nonce() {
			return immediatelyDropped()
		}
		p.discard(victim, Status{Kind: Dropped})
	}
	return nil
}
