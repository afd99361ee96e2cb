package blocksync

import "github.com/cometbft/cometbft/p2p"

// debts are the requests that peers have not answered. A peer that is not asked
// any more may still answer what it was asked before.
type debts map[p2p.ID]*debt

// debt is what one peer owes.
type debt struct {
	count   int           // requests that are not answered
	heights map[int64]int // how often each block was asked for
	// credit is how many blocks may come in. It falls before a block is decoded,
	// while its height is not known yet: nobody can send more than were asked for.
	credit int
}

// count is how many answers a peer owes.
func (d debts) count(id p2p.ID) int {
	if o := d[id]; o != nil {
		return o.count
	}
	return 0
}

// incur notes a request.
func (d debts) incur(id p2p.ID, height int64) {
	o := d[id]
	if o == nil {
		o = &debt{heights: make(map[int64]int)}
		d[id] = o
	}
	o.count++
	o.credit++
	o.heights[height]++
}

// admit takes a block before it is decoded. It returns false if the peer may send
// none.
func (d debts) admit(id p2p.ID) bool {
	o := d[id]
	if o == nil || o.credit == 0 {
		return false
	}
	o.credit--
	return true
}

// settle takes an answer about a block. It returns false if the peer was not
// asked for it.
func (d debts) settle(id p2p.ID, height int64) bool {
	o := d[id]
	if o == nil || o.heights[height] == 0 {
		return false
	}
	if o.heights[height]--; o.heights[height] == 0 {
		delete(o.heights, height)
	}
	o.count--
	return true
}
