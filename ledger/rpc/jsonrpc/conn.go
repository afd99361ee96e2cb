package jsonrpc

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sync/semaphore"
)

// Conn is one WebSocket connection. Three kinds of goroutines serve it, all
// ended before it is: one reads, one writes, and each message and subscription
// has its own.
type Conn struct {
	server *Server
	ws     *websocket.Conn
	socket *socket
	unsafe bool
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	slots    chan struct{}       // one per message being worked on
	requests *semaphore.Weighted // bytes of the large messages being worked on
	frames   chan *buffer        // to be sent, in order
	room     *semaphore.Weighted // bytes in frames

	mu    sync.Mutex // guards subs, ended and value
	subs  map[string]*Subscription
	ended []endedSubscription
	value map[any]any
}

// Context ends with the connection.
func (c *Conn) Context() context.Context { return c.ctx }

// Value returns the connection's value for key, made by create the first time.
func (c *Conn) Value(key any, create func() any) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.value[key]
	if !ok {
		v = create()
		if c.value == nil {
			c.value = make(map[any]any)
		}
		c.value[key] = v
	}
	return v
}

// serveWebSocket upgrades the request and serves the connection to its end.
func (s *Server) serveWebSocket(w http.ResponseWriter, r *http.Request) {
	h := &hijacked{ResponseWriter: w, server: s}
	// Any origin may connect, as on every public Substrate endpoint; what that
	// must not reach is guarded by UnsafePolicy.
	ws, err := websocket.Accept(h, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	ws.SetReadLimit(-1) // readMessage limits, and can then still answer
	cfg := &s.cfg
	c := &Conn{
		server:   s,
		ws:       ws,
		socket:   h.socket,
		unsafe:   cfg.Unsafe.allows(r),
		slots:    make(chan struct{}, cfg.MaxConcurrent),
		requests: semaphore.NewWeighted(int64(cfg.MaxRequestBytes)),
		frames:   make(chan *buffer, cfg.MaxQueuedFrames),
		room:     semaphore.NewWeighted(int64(cfg.MaxQueuedBytes)),
		subs:     make(map[string]*Subscription),
	}
	// Not the request's context: that one's fate after a hijack is undefined.
	c.ctx, c.cancel = context.WithCancel(s.ctx)
	c.work.Go(c.writeLoop)
	// Whatever ends the connection's context also ends the blocked read.
	c.work.Add(1)
	context.AfterFunc(c.ctx, func() {
		defer c.work.Done()
		c.shut()
	})
	c.readLoop()
	c.cancel()
	c.work.Wait()
	c.discardFrames()
	_ = ws.CloseNow() // reports only that it is closed already
}

// shut closes the socket, saying goodbye if the server is going away.
func (c *Conn) shut() {
	if c.server.ctx.Err() != nil {
		kill := time.AfterFunc(closeGrace, func() { _ = c.socket.Close() })
		defer kill.Stop()
		_ = c.ws.Close(websocket.StatusGoingAway, "server is shutting down")
	}
	_ = c.socket.Close() // may be closed already
}

// closeGrace is how long a client may take to answer a close frame.
const closeGrace = time.Second

// readLoop takes messages until the connection fails. While as many are worked
// on as may be, it does not read, so that TCP holds the client back.
func (c *Conn) readLoop() {
	for {
		_, r, err := c.ws.Reader(context.Background()) // ended by shut
		if err != nil {
			return
		}
		c.socket.beginMessage()
		msg, err := readMessage(r, c.server.cfg.MaxRequestBytes, &c.server.budget)
		if err != nil && !c.refuse(r, err) {
			return
		}
		c.socket.endMessage()
		if err != nil {
			continue
		}
		if !c.admit(msg) {
			msg.free(&c.server.budget)
			return
		}
		c.work.Go(func() { c.handle(msg) })
	}
}

// refuse answers a message that was not read to its end, and skips the rest of
// it; false means that the connection cannot go on.
func (c *Conn) refuse(rest io.Reader, cause error) bool {
	var answer *Error
	switch {
	case errors.Is(cause, errTooBig):
		answer = limitError(CodeRequestTooBig, "Request is too big", c.server.cfg.MaxRequestBytes)
	case errors.Is(cause, errFull):
		answer = errBusy
	default:
		return false
	}
	skipped, err := io.CopyN(io.Discard, rest, 4*int64(c.server.cfg.MaxRequestBytes))
	if err != io.EOF {
		c.server.cfg.Logger.Debug("rpc message far too big, closing", "skipped_bytes", skipped)
		return false
	}
	b := newBuffer()
	b.data = appendErrorResponse(b.data, nullID, answer)
	return c.push(c.ctx, b) == nil
}

// admit waits for the right to work on a message.
func (c *Conn) admit(msg *buffer) bool {
	select {
	case c.slots <- struct{}{}:
	case <-c.ctx.Done():
		return false
	}
	if msg.charged > 0 {
		return c.requests.Acquire(c.ctx, c.requestBytes(msg)) == nil
	}
	return true
}

func (c *Conn) requestBytes(msg *buffer) int64 {
	return int64(min(len(msg.data), c.server.cfg.MaxRequestBytes))
}

// handle answers one message and starts the subscriptions that it opened.
func (c *Conn) handle(msg *buffer) {
	s := sessions.Get().(*session)
	s.call.server, s.call.conn, s.call.unsafe = c.server, c, c.unsafe
	out := c.server.execute(c.ctx, s, msg.data)
	if msg.charged > 0 {
		c.requests.Release(c.requestBytes(msg))
	}
	msg.free(&c.server.budget)
	sent := !s.abandoned
	if len(out.data) == 0 {
		out.free(&c.server.budget)
	} else if c.push(c.ctx, out) != nil {
		sent = false // the connection is gone
	}
	<-c.slots
	for _, sub := range s.accepted {
		c.work.Go(func() { c.run(sub) })
	}
	for _, fn := range s.call.after {
		c.work.Go(func() {
			_ = c.server.guard("after a call", func() error { fn(sent); return nil }) // logged
		})
	}
	s.free()
}

// push queues a frame and takes it over, whether it succeeds or not. It waits
// for room: a client that never makes any is found by the write timeout.
func (c *Conn) push(ctx context.Context, b *buffer) error {
	if err := c.room.Acquire(ctx, c.frameBytes(b)); err != nil {
		b.free(&c.server.budget)
		return ErrClosed
	}
	select {
	case c.frames <- b:
		return nil
	case <-ctx.Done():
		c.room.Release(c.frameBytes(b))
		b.free(&c.server.budget)
		return ErrClosed
	}
}

func (c *Conn) frameBytes(b *buffer) int64 {
	return int64(min(len(b.data), c.server.cfg.MaxQueuedBytes))
}

// writeLoop sends the queued frames, as many per system call as there are.
func (c *Conn) writeLoop() {
	defer c.cancel()
	for {
		select {
		case b := <-c.frames:
			if err := c.writeAll(b); err != nil {
				c.server.cfg.Logger.Debug("rpc connection lost on write", "error", err)
				return
			}
		case <-c.ctx.Done():
			return
		}
	}
}

func (c *Conn) writeAll(b *buffer) error {
	c.socket.cork()
	for {
		err := c.ws.Write(context.Background(), websocket.MessageText, b.data) // bounded by the socket
		c.sent(b)
		if err != nil {
			return err
		}
		select {
		case b = <-c.frames:
			continue
		default:
		}
		return c.socket.uncork()
	}
}

func (c *Conn) sent(b *buffer) {
	c.room.Release(c.frameBytes(b))
	b.free(&c.server.budget)
}

func (c *Conn) discardFrames() {
	for {
		select {
		case b := <-c.frames:
			c.sent(b)
		default:
			return
		}
	}
}
