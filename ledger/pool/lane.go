package pool

import (
	"cmp"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// entry is one pooled extrinsic.
type entry struct {
	checked  *runtime.Checked
	lane     *lane
	priority uint64
	arrival  uint64
	expires  uint32 // first block that may not include it; 0 = never
	seenAt   uint32 // block whose state it was last validated against
	toldAt   uint32 // block at which peers were last told of it
	told     bool
	queued   bool // it is in the outbox
	gone     bool // no longer in the pool
	isReady  bool
	track    *tracker // nil when nobody watches

	prev, next *entry // in Pool.oldest
}

func (e *entry) nonce() uint32 { return e.checked.Extra.Nonce }

// lane holds an account's extrinsics in the order of their nonces.
type lane struct {
	account substrate.AccountID
	next    uint32   // the account's nonce in state
	entries []*entry // ascending nonces, none below next
	ready   int      // entries[:ready] have the nonces next, next+1, …
	index   int      // place in the eviction heap
}

// find returns where nonce is or belongs.
func (l *lane) find(nonce uint32) (int, bool) {
	return slices.BinarySearchFunc(l.entries, nonce, func(e *entry, n uint32) int {
		return cmp.Compare(e.nonce(), n)
	})
}

func (l *lane) last() *entry { return l.entries[len(l.entries)-1] }

// countReady returns the length of the gapless run from next. from is a lower
// bound that is known to hold.
func (l *lane) countReady(from int) int {
	n := from
	for n < len(l.entries) && l.entries[n].nonce() == l.next+uint32(n) {
		n++
	}
	return n
}

// settle brings the ready part of l up to date after a change and tells
// watchers. Entries before from did not change.
func (p *Pool) settle(l *lane, from int) {
	if len(l.entries) == 0 {
		p.ready -= l.ready
		l.ready = 0
		p.dropLane(l)
		return
	}
	from = min(from, l.ready)
	was := l.ready
	l.ready = l.countReady(from)
	p.ready += l.ready - was
	for i := from; i < max(l.ready, min(was, len(l.entries))); i++ {
		p.markReady(l.entries[i], i < l.ready)
	}
	p.fixLane(l)
}

func (p *Pool) markReady(e *entry, ready bool) {
	if e.isReady == ready {
		return
	}
	e.isReady = ready
	if !ready {
		e.track.add(Status{Kind: Future})
		return
	}
	e.track.add(Status{Kind: Ready})
	if !e.told {
		p.announceLater(e)
	}
}

// unlink takes e out of everything but its lane's entries.
func (p *Pool) unlink(e *entry, why Status) {
	e.gone = true
	delete(p.byHash, e.checked.Hash)
	p.bytes -= len(e.checked.Raw)
	p.oldest.remove(e)
	if late := p.expiry[e.expires]; late != nil {
		if delete(late, e); len(late) == 0 {
			delete(p.expiry, e.expires)
		}
	}
	e.track.add(why)
}

// discard takes e out of the pool and tells its watchers why.
func (p *Pool) discard(e *entry, why Status) {
	l := e.lane
	i, ok := l.find(e.nonce())
	if !ok || l.entries[i] != e {
		return
	}
	l.entries = slices.Delete(l.entries, i, i+1)
	p.unlink(e, why)
	if i < l.ready {
		// The entries behind e are not ready any more; settle counts them.
		p.ready--
		l.ready--
		p.settleAfterGap(l, i)
		return
	}
	p.settle(l, l.ready)
}

// settleAfterGap is settle for a lane that lost the entry at place i of its
// ready part.
func (p *Pool) settleAfterGap(l *lane, i int) {
	if len(l.entries) == 0 {
		p.settle(l, 0)
		return
	}
	was := l.ready
	l.ready = i
	p.ready -= was - i
	for _, e := range l.entries[i:was] {
		p.markReady(e, false)
	}
	p.settle(l, i)
}

// advanceLane raises the account's nonce and removes what it leaves behind.
// why names what became of each.
func (p *Pool) advanceLane(l *lane, next uint32, why func(*entry) Status) {
	if next <= l.next {
		return
	}
	cut, _ := l.find(next)
	for _, e := range l.entries[:cut] {
		p.unlink(e, why(e))
	}
	l.entries = slices.Delete(l.entries, 0, cut)
	p.ready -= l.ready
	l.ready = 0
	l.next = next
	// Count the ready part from zero: settle marks what changed.
	p.settle(l, 0)
}
