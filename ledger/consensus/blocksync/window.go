package blocksync

import (
	"cmp"
	"slices"
	"time"

	"github.com/cometbft/cometbft/p2p"
)

// Limits of what is asked for and held.
const (
	maxWindow = 512      // blocks asked for or held beyond the newest applied one
	minWindow = 8        // the same, when blocks are large
	maxHeld   = 32 << 20 // bytes that the window should take, by the size of recent blocks
	maxAsked  = 64       // unanswered requests to one peer
	usualSize = 64 << 10 // bytes of a block before any has been seen
	// lead is how many blocks before its turn a block's contents are verified. Who
	// may sign, and what, is less certain the farther ahead a block is.
	lead = 4
	// patience is how long a peer that owes blocks may send none.
	patience = 15 * time.Second
	// banTime is how long a peer is not asked after it has misbehaved, restTime
	// after it had no block that it told of.
	banTime  = time.Minute
	restTime = 5 * time.Second
)

// window decides which blocks are asked of which peer. It holds the blocks that
// have come and cannot be applied yet. It is a state machine without a clock:
// callers tell the time. It is for one goroutine at a time.
type window struct {
	next  int64 // height of the block to apply next
	asked int64 // all heights from next up to this one have been asked for
	slots map[int64]*slot
	peers map[p2p.ID]*peer
	idle  map[p2p.ID]time.Time // peers that are not asked until then
	size  int                  // bytes of recent blocks, a moving average
}

// slot is a height that has been asked for.
type slot struct {
	from  p2p.ID   // who was asked last; empty: nobody who is there still
	block *fetched // nil until it has come
}

// peer is what a node says to have.
type peer struct {
	base, height int64
	asked        int       // requests not answered
	heard        time.Time // its last answer, or when it was first asked after having owed nothing
}

// request is a block to ask a peer for.
type request struct {
	height int64
	peer   p2p.ID
}

func newWindow(next int64) *window {
	return &window{
		next:  next,
		asked: next - 1,
		slots: make(map[int64]*slot),
		peers: make(map[p2p.ID]*peer),
		idle:  make(map[p2p.ID]time.Time),
		size:  usualSize,
	}
}

// status takes what a peer has.
func (w *window) status(id p2p.ID, base, height int64, now time.Time) {
	if until, ok := w.idle[id]; ok {
		if now.Before(until) {
			return
		}
		delete(w.idle, id)
	}
	p := w.peers[id]
	if p == nil {
		p = &peer{}
		w.peers[id] = p
	}
	p.base, p.height = base, height
}

// remove forgets a peer. What it has not sent is asked of others; what it has
// sent is as good as before, for blocks prove themselves.
func (w *window) remove(id p2p.ID) {
	delete(w.peers, id)
	w.asked = w.next - 1
	for _, s := range w.slots {
		if s.from == id && s.block == nil {
			s.from = ""
		}
	}
}

// pause removes a peer for some time.
func (w *window) pause(id p2p.ID, until time.Time) {
	w.remove(id)
	w.idle[id] = until
}

// owes says whether a block may come from a peer. One that is not asked any
// more may still answer what it was asked before.
func (w *window) owes(id p2p.ID) bool {
	if p := w.peers[id]; p != nil {
		return p.asked > 0
	}
	_, paused := w.idle[id]
	return paused
}

// lacks takes a peer's answer that it does not have a block.
func (w *window) lacks(id p2p.ID, height int64, now time.Time) {
	if s := w.slots[height]; s != nil && s.from == id && s.block == nil {
		w.pause(id, now.Add(restTime))
	}
}

// arrived takes a block. It returns false if nobody waits for it: it was not
// asked of this peer, or somebody else has sent it.
func (w *window) arrived(b *fetched, now time.Time) bool {
	s := w.slots[b.block.Height]
	if s == nil || s.from != b.from || s.block != nil {
		return false
	}
	s.block = b
	w.size += (b.size - w.size) / 16
	if p := w.peers[b.from]; p != nil {
		p.asked--
		p.heard = now
	}
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
func (w *window) applied() {
	delete(w.slots, w.next)
	w.next++
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
			s.block, s.from = nil, ""
		}
	}
	w.pause(id, now.Add(banTime))
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

// late lists the peers that owe blocks and have sent none for too long.
func (w *window) late(now time.Time) []p2p.ID {
	var out []p2p.ID
	for id, p := range w.peers {
		if p.asked > 0 && now.Sub(p.heard) > patience {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// plan assigns heights that nobody has been asked for, the lowest first, each
// to the peer that owes the least.
func (w *window) plan(now time.Time) []request {
	order := make([]p2p.ID, 0, len(w.peers))
	for id := range w.peers {
		order = append(order, id)
	}
	slices.Sort(order)
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
			s.from = id
			p := w.peers[id]
			if p.asked == 0 {
				p.heard = now
			}
			p.asked++
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
		if p := w.peers[id]; p.base <= height && height <= p.height && p.asked < least {
			best, least = id, p.asked
		}
	}
	return best
}

// span is how many blocks to ask for or hold.
func (w *window) span() int {
	return min(max(maxHeld/cmp.Or(w.size, 1), minWindow), maxWindow)
}
