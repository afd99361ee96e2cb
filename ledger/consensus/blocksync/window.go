package blocksync

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/cometbft/cometbft/p2p"
)

// Limits of what is asked for and held.
const (
	maxWindow = 512      // blocks asked for or held beyond the newest applied one
	minWindow = 8        // the same, when blocks are large
	maxHeld   = 12 << 20 // bytes that the window should take, by the size of recent blocks
	maxAsked  = 64       // unanswered requests to one peer
	usualSize = 64 << 10 // bytes of a block before any has been seen
	// lead is how many blocks before its turn a block's contents are verified. Who
	// may sign, and what, is less certain the farther ahead a block is.
	lead = 4
	// maxDoublings bounds how long a peer is left alone that fails again and again.
	maxDoublings = 5
	// memory is how long the failures of a peer are remembered.
	memory = time.Hour
)

// times are how long peers are waited for. Those of nodes are usualTimes.
type times struct {
	// interval is how often peers are asked which blocks they have, and whether
	// the node has caught up.
	interval time.Duration
	// patience is how long a peer that owes blocks may answer nothing.
	patience time.Duration
	// hold is how long a peer may let the node wait for the block to apply next if
	// another one has it: a peer that sends a block now and then is not late.
	hold time.Duration
	// ban is how long a peer is not asked after it has misbehaved, rest after it
	// had no block that it told of. Both double with each further failure.
	ban, rest time.Duration
}

var usualTimes = times{
	interval: time.Second, patience: 15 * time.Second, hold: 10 * time.Second,
	ban: time.Minute, rest: 5 * time.Second,
}

// window decides which blocks are asked of which peer. It holds the blocks that
// have come and cannot be applied yet. It is a state machine without a clock:
// callers tell the time. It is for one goroutine at a time.
type window struct {
	times
	next     int64     // height of the block to apply next
	moved    time.Time // when it became so
	asked    int64     // all heights from next up to this one have been asked for
	slots    map[int64]*slot
	peers    map[p2p.ID]*peer // those that may be asked
	debts    debts
	failures map[p2p.ID]*failures
	size     int // bytes of recent blocks, a moving average
	held     int // bytes of the blocks in slots
}

// slot is a height that has been asked for.
type slot struct {
	from  p2p.ID    // who was asked last; empty: nobody who is there still
	since time.Time // when
	block *fetched  // nil until it has come
}

// peer is what a node says to have.
type peer struct {
	base, height int64
	heard        time.Time // its last answer, or when it was first asked after having owed nothing
}

func (p *peer) has(height int64) bool { return p.base <= height && height <= p.height }

// failures are what is remembered of a peer that has failed.
type failures struct {
	count int
	until time.Time // it is not asked before
	good  int       // blocks of it that were applied afterwards
}

// request is a block to ask a peer for.
type request struct {
	height int64
	peer   p2p.ID
}

func newWindow(next int64, t times) *window {
	return &window{
		times:    t,
		next:     next,
		asked:    next - 1,
		slots:    make(map[int64]*slot),
		peers:    make(map[p2p.ID]*peer),
		debts:    make(debts),
		failures: make(map[p2p.ID]*failures),
		size:     usualSize,
	}
}

// status takes what a peer has. It returns false if that is nothing new.
func (w *window) status(id p2p.ID, base, height int64, now time.Time) bool {
	if w.paused(id, now) {
		return false
	}
	p := w.peers[id]
	if p == nil {
		p = &peer{heard: now}
		w.peers[id] = p
	} else if p.base == base && p.height == height {
		return false
	}
	p.base, p.height = base, height
	return true
}

func (w *window) paused(id p2p.ID, now time.Time) bool {
	f := w.failures[id]
	return f != nil && now.Before(f.until)
}

// remove forgets a peer that is gone.
func (w *window) remove(id p2p.ID) {
	w.withdraw(id)
	delete(w.debts, id)
}

// withdraw asks a peer for nothing more. What it has not sent is asked of others;
// what it has sent is as good as before, for blocks prove themselves.
func (w *window) withdraw(id p2p.ID) {
	delete(w.peers, id)
	w.asked = w.next - 1
	for _, s := range w.slots {
		if s.from == id && s.block == nil {
			s.from = ""
		}
	}
}

// pause withdraws from a peer for a time that doubles with each of its failures.
func (w *window) pause(id p2p.ID, d time.Duration, now time.Time) {
	w.withdraw(id)
	f := w.failures[id]
	if f == nil {
		f = &failures{}
		w.failures[id] = f
	}
	if !now.Before(f.until) { // else it is still the same failure
		d <<= min(f.count, maxDoublings)
		f.count++
	}
	if until := now.Add(d); until.After(f.until) {
		f.until = until
	}
	f.good = 0
}

// forget drops the memory of failures that are long past.
func (w *window) forget(now time.Time) {
	maps.DeleteFunc(w.failures, func(_ p2p.ID, f *failures) bool { return now.Sub(f.until) > memory })
}

// lacks takes a peer's answer that it does not have a block.
func (w *window) lacks(id p2p.ID, height int64, now time.Time) {
	if !w.debts.settle(id, height) {
		return
	}
	w.debts.admit(id)
	w.heard(id, now)
	if s := w.slots[height]; s != nil && s.from == id && s.block == nil {
		w.pause(id, w.rest, now)
	}
}

// heard notes that a peer has answered.
func (w *window) heard(id p2p.ID, now time.Time) {
	if p := w.peers[id]; p != nil {
		p.heard = now
	}
}

// arrived takes a block. It returns false if nobody waits for it: it is not asked
// of this peer any more, somebody else has sent it, or blocks are so much larger
// than the recent ones that there is no room for it yet.
func (w *window) arrived(b *fetched) bool {
	height := b.block.Height
	s := w.slots[height]
	if s == nil || s.from != b.from || s.block != nil {
		return false
	}
	w.size += (b.size - w.size) / 16
	if w.held+b.size > 2*maxHeld && height >= w.next+minWindow {
		delete(w.slots, height)
		w.asked = w.next - 1
		return false
	}
	s.block = b
	w.held += b.size
	return true
}

// ready is the block to apply next, nil if it has not come.
func (w *window) ready() *fetched {
	if s := w.slots[w.next]; s != nil {
		return s.block
	}
	return nil
}

// soon lists blocks that will be applied after the next one, and have not been
// listed before.
func (w *window) soon() []*fetched {
	var out []*fetched
	for h := w.next + 1; h <= w.next+lead; h++ {
		if s := w.slots[h]; s != nil && s.block != nil && s.block.checked == nil {
			s.block.checked = make(chan struct{})
			out = append(out, s.block)
		}
	}
	return out
}

// applied moves on to the next block.
func (w *window) applied(now time.Time) {
	if s := w.slots[w.next]; s != nil && s.block != nil {
		w.held -= s.block.size
		if f := w.failures[s.block.from]; f != nil && !now.Before(f.until) {
			if f.good++; f.good >= maxAsked {
				delete(w.failures, s.block.from)
			}
		}
	}
	delete(w.slots, w.next)
	w.next++
	w.moved = now
}

// reject drops the block to apply next, whose sender cannot be trusted, and all
// others of that peer.
func (w *window) reject(now time.Time) p2p.ID {
	s := w.slots[w.next]
	if s == nil || s.block == nil {
		return ""
	}
	id := s.block.from
	for _, s := range w.slots {
		if s.block != nil && s.block.from == id {
			w.held -= s.block.size
			s.block, s.from = nil, ""
		}
	}
	w.pause(id, w.ban, now)
	return id
}

// highest is the newest block of the peers that have the next one.
func (w *window) highest() int64 {
	highest := int64(0)
	for _, p := range w.peers {
		if p.base <= w.next {
			highest = max(highest, p.height)
		}
	}
	return highest
}

// caughtUp says that there are peers, and none can take this node further.
func (w *window) caughtUp() bool { return len(w.peers) > 0 && w.next > w.highest() }

// left is how many blocks peers have and the node has not.
func (w *window) left() int64 { return max(0, w.highest()-w.next+1) }

// beyond is the oldest block of the peers that keep none as old as the next one, 0
// if there is no such peer.
func (w *window) beyond() int64 {
	oldest := int64(0)
	for _, p := range w.peers {
		if p.base > w.next && (oldest == 0 || p.base < oldest) {
			oldest = p.base
		}
	}
	return oldest
}

// late lists the peers that owe blocks and have answered nothing for too long.
func (w *window) late(now time.Time) []p2p.ID {
	var out []p2p.ID
	for id, p := range w.peers {
		if w.debts.count(id) > 0 && now.Sub(p.heard) > w.patience {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// holdsUp is the peer that lets the node wait for the block to apply next for too
// long, although another one has it. Empty: there is none.
func (w *window) holdsUp(now time.Time) p2p.ID {
	s := w.slots[w.next]
	if s == nil || s.block != nil || s.from == "" || now.Sub(s.since) <= w.hold || now.Sub(w.moved) <= w.hold {
		return ""
	}
	for id, p := range w.peers {
		if id != s.from && p.has(w.next) && w.debts.count(id) < maxAsked {
			return s.from
		}
	}
	return ""
}

// plan assigns heights that nobody has been asked for, the lowest first, each
// to the peer that owes the least.
func (w *window) plan(now time.Time) []request {
	order := slices.Sorted(maps.Keys(w.peers))
	var out []request
	for h := max(w.asked+1, w.next); h < w.next+int64(w.span()); h++ {
		s := w.slots[h]
		if s == nil || s.from == "" {
			id := w.pick(order, h)
			if id == "" {
				break // what follows is of no use without this one
			}
			if s == nil {
				s = &slot{}
				w.slots[h] = s
			}
			s.from, s.since = id, now
			if w.debts.count(id) == 0 {
				w.heard(id, now)
			}
			w.debts.incur(id, h)
			out = append(out, request{h, id})
		}
		w.asked = h
	}
	return out
}

// pick chooses a peer to ask for a height, empty if there is none.
func (w *window) pick(order []p2p.ID, height int64) p2p.ID {
	var best p2p.ID
	least := maxAsked
	for _, id := range order {
		if n := w.debts.count(id); w.peers[id].has(height) && n < least {
			best, least = id, n
		}
	}
	return best
}

// span is how many blocks to ask for or hold.
func (w *window) span() int {
	if w.held >= maxHeld {
		return minWindow
	}
	return min(max(maxHeld/cmp.Or(w.size, 1), minWindow), maxWindow)
}
