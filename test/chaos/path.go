package chaos

import (
	"sync"
	"time"
)

// Conditions are those of one direction of a link. The zero value is a perfect
// one.
type Conditions struct {
	// Latency is that of every byte; Jitter, up to which it varies, is added.
	Latency, Jitter time.Duration
	// Loss is the probability that a segment is lost and sent again after
	// Retransmission, which holds up what follows, as TCP does.
	Loss float64
	// Reset is the probability that a segment ends the connection.
	Reset float64
	// Bandwidth in bytes per second; unlimited if 0.
	Bandwidth int
}

const (
	// Retransmission is how long a lost segment is late: the least
	// retransmission timeout of Linux.
	Retransmission = 200 * time.Millisecond
	// segment is what conditions apply to at once, in bytes.
	segment = 16 << 10
	// synTimeout is how long a dialled connection across a cut link waits
	// before it is refused.
	synTimeout = 3 * time.Second
)

// Cut is how a link fails.
type Cut int

const (
	// Whole links work.
	Whole Cut = iota
	// Silent links hold back every byte, as a network does that drops packets:
	// nobody is told.
	Silent
	// Broken links end their connections and refuse new ones.
	Broken
)

func (c Cut) String() string { return [...]string{"whole", "silent", "broken"}[c] }

// path is one direction between two nodes, shared by all connections that use
// it.
type path struct {
	mu      sync.Mutex // guards everything below
	cond    Conditions
	cut     Cut
	changed chan struct{} // closed when cut changes
}

func newPath() *path { return &path{changed: make(chan struct{})} }

func (p *path) conditions() Conditions {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cond
}

func (p *path) setConditions(c Conditions) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cond = c
}

// state is how the path is cut, and a channel that is closed when that changes.
func (p *path) state() (Cut, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cut, p.changed
}

func (p *path) setCut(c Cut) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut == c {
		return
	}
	p.cut = c
	close(p.changed)
	p.changed = make(chan struct{})
}

// pass waits until the path lets bytes through; false if done is closed first.
func (p *path) pass(done <-chan struct{}) bool {
	for {
		cut, changed := p.state()
		if cut == Whole {
			return true
		}
		select {
		case <-changed:
		case <-done:
			return false
		}
	}
}
