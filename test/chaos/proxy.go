package chaos

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// proxy carries the connections that one node dials to another.
type proxy struct {
	listener net.Listener
	target   string
	there    *path // from the one that dials
	back     *path
	seed     func() *rand.Rand

	wg     sync.WaitGroup
	mu     sync.Mutex     // guards everything below
	links  map[*conn]bool // open connections
	closed bool           // no connection is opened any more
	done   chan struct{}  // closed by close
}

// conn is a dialled connection and its continuation.
type conn struct {
	near, far net.Conn
	once      sync.Once
	done      chan struct{}
}

func (c *conn) close(reset bool) {
	c.once.Do(func() {
		close(c.done)
		for _, s := range []net.Conn{c.near, c.far} {
			if tcp, ok := s.(*net.TCPConn); ok && reset {
				_ = tcp.SetLinger(0) // the other side is told by a reset
			}
			_ = s.Close() // whoever reads sees it
		}
	})
}

func newProxy(target string, there, back *path, seed func() *rand.Rand) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{
		listener: l, target: target, there: there, back: back, seed: seed,
		links: make(map[*conn]bool), done: make(chan struct{}),
	}
	p.wg.Go(p.accept)
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(10 * time.Millisecond) // out of descriptors, for example
			continue
		}
		p.wg.Go(func() { p.serve(near) })
	}
}

// serve continues a dialled connection to the target.
func (p *proxy) serve(near net.Conn) {
	c := &conn{near: near, done: make(chan struct{})}
	refuse := func() {
		if tcp, ok := near.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = near.Close()
	}
	if !p.reachable() {
		refuse()
		return
	}
	far, err := net.DialTimeout("tcp", p.target, synTimeout)
	if err != nil {
		refuse()
		return
	}
	c.far = far
	if !p.add(c) {
		c.close(true)
		return
	}
	defer p.remove(c)
	p.wg.Go(func() { p.carry(c, c.far, c.near, p.back) })
	p.carry(c, c.near, c.far, p.there)
}

// reachable waits as a connecting client would while packets are dropped.
func (p *proxy) reachable() bool {
	timeout := time.NewTimer(synTimeout)
	defer timeout.Stop()
	for _, way := range []*path{p.there, p.back} {
		for {
			cut, changed := way.state()
			if cut == Broken {
				return false
			}
			if cut == Whole {
				break
			}
			select {
			case <-changed:
			case <-timeout.C:
				return false
			case <-p.done:
				return false
			}
		}
	}
	return true
}

// add registers a connection; false if there may be none now.
func (p *proxy) add(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.links[c] = true
	return true
}

func (p *proxy) remove(c *conn) {
	c.close(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, c)
}

// resetAll ends the open connections.
func (p *proxy) resetAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.links {
		c.close(true)
	}
}

func (p *proxy) close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.done)
		_ = p.listener.Close() // accept ends
	}
	p.mu.Unlock()
	p.resetAll()
	p.wg.Wait()
}

// piece is a segment under way.
type piece struct {
	data  []byte
	due   time.Time
	reset bool
}

// queued bounds what is under way in one direction of a connection: a sender
// that is faster waits, as for a full window.
const queued = 256

// carry passes bytes on in one direction under the path's conditions.
func (p *proxy) carry(c *conn, from, to net.Conn, way *path) {
	pieces := make(chan piece, queued)
	var wg sync.WaitGroup
	wg.Go(func() { deliver(c, to, way, pieces) })
	rng := p.seed()
	last := time.Now()
	for {
		buf := make([]byte, segment)
		n, err := from.Read(buf)
		if n > 0 {
			next := schedule(rng, way.conditions(), last, n)
			next.data = buf[:n]
			last = next.due
			select {
			case pieces <- next:
			case <-c.done:
				err = io.EOF
			}
		}
		if err != nil {
			break
		}
	}
	close(pieces)
	wg.Wait()
	c.close(false)
}

// schedule says when a segment of n bytes arrives that follows one that arrives
// at last.
func schedule(rng *rand.Rand, cond Conditions, last time.Time, n int) piece {
	due := time.Now().Add(cond.Latency)
	if cond.Jitter > 0 {
		due = due.Add(time.Duration(rng.Int64N(int64(cond.Jitter))))
	}
	if cond.Loss > 0 && rng.Float64() < cond.Loss {
		due = due.Add(Retransmission)
	}
	if due.Before(last) {
		due = last
	}
	if cond.Bandwidth > 0 {
		due = due.Add(time.Duration(n) * time.Second / time.Duration(cond.Bandwidth))
	}
	return piece{due: due, reset: cond.Reset > 0 && rng.Float64() < cond.Reset}
}

// deliver writes the pieces when they are due and the path is whole.
func deliver(c *conn, to net.Conn, way *path, pieces <-chan piece) {
	for next := range pieces {
		if wait := time.Until(next.due); wait > 0 {
			select {
			case <-time.After(wait):
			case <-c.done:
				return
			}
		}
		if !way.pass(c.done) {
			return
		}
		if next.reset {
			c.close(true)
			return
		}
		if _, err := to.Write(next.data); err != nil {
			c.close(false)
			return
		}
	}
}
