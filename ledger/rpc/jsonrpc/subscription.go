package jsonrpc

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"sync"
)

// Subscription is one live subscription of a connection.
type Subscription struct {
	id     string
	feed   *Feed
	conn   *Conn
	stream Stream
	ctx    context.Context
	cancel context.CancelFunc

	mu     sync.Mutex // guards closed; held while a notification is queued
	closed bool
}

// ErrClosed reports a notification to a subscription that has ended.
var ErrClosed = errors.New("subscription closed")

// ID is the id that the client knows the subscription by: 0x and 32 hex digits.
func (s *Subscription) ID() string { return s.id }

// Conn is the connection that the subscription lives on.
func (s *Subscription) Conn() *Conn { return s.conn }

// Notify queues an item; result must be JSON and is copied. It waits while the
// connection's queue is full and returns ErrClosed once the subscription ended.
func (s *Subscription) Notify(result []byte) error { return s.send(`,"result":`, result) }

func (s *Subscription) send(member string, value []byte) error {
	b := newBuffer()
	b.data = append(b.data, `{"jsonrpc":"2.0","method":"`...)
	b.data = append(b.data, s.feed.Notification...)
	b.data = append(b.data, `","params":{"subscription":"`...)
	b.data = append(b.data, s.id...)
	b.data = append(b.data, '"')
	b.data = append(b.data, member...)
	b.data = append(b.data, value...)
	b.data = append(b.data, `}}`...)

	s.mu.Lock()
	defer s.mu.Unlock()
	charged := b.charge(&s.conn.server.budget)
	if !charged {
		// An item must not be left out, and waiting for others to be served could
		// take for ever: the client is to connect again.
		s.conn.server.cfg.Logger.Warn("rpc connection dropped: too much is buffered", "subscription", s.feed.Subscribe)
		s.conn.cancel()
	}
	if !charged || s.closed || s.ctx.Err() != nil {
		b.free(&s.conn.server.budget)
		return ErrClosed
	}
	return s.conn.push(s.ctx, b)
}

// close ends the subscription; after it no notification is queued.
func (s *Subscription) close() {
	s.cancel() // wakes a Notify that waits for room
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
}

// subscribe accepts a subscription. The caller runs it after the response.
func (c *Conn) subscribe(ctx context.Context, feed *Feed, call *Call) (*Subscription, error) {
	sub := &Subscription{id: newSubscriptionID(), feed: feed, conn: c}
	limit := c.server.cfg.MaxSubscriptions
	c.mu.Lock()
	if len(c.subs) >= limit {
		c.mu.Unlock()
		return nil, limitError(CodeTooManySubscriptions, "Too many subscriptions on the connection", limit)
	}
	sub.ctx, sub.cancel = context.WithCancel(c.ctx)
	c.subs[sub.id] = sub
	c.mu.Unlock()

	accepted := false
	defer func() {
		if !accepted { // refused, or the source panicked
			sub.cancel()
			c.forget(sub)
		}
	}()
	stream, err := feed.Source(ctx, call)
	if err != nil {
		return nil, err
	}
	sub.stream, accepted = stream, true
	return sub, nil
}

// run feeds the subscription to its end.
func (c *Conn) run(sub *Subscription) {
	defer sub.cancel()
	err := c.server.guard(sub.feed.Subscribe, func() error { return sub.stream(sub.ctx, sub) })
	if err != nil && sub.ctx.Err() == nil && !errors.Is(err, ErrClosed) {
		e, known := asError(err)
		if !known {
			c.server.cfg.Logger.Error("rpc subscription failed", "method", sub.feed.Subscribe, "error", err)
		}
		_ = sub.send(`,"error":`, e.append(nil)) // the client is gone if this fails
	}
	c.finished(sub)
}

// finished moves a subscription that ended by itself to the ended ones: its
// client will still unsubscribe and expects success (spec/wire.md §5.3).
func (c *Conn) finished(sub *Subscription) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.subs[sub.id] != sub {
		return
	}
	delete(c.subs, sub.id)
	if len(c.ended) == maxEnded {
		c.ended = append(c.ended[:0], c.ended[1:]...)
	}
	c.ended = append(c.ended, endedSubscription{sub.id, sub.feed})
}

func (c *Conn) forget(sub *Subscription) {
	c.mu.Lock()
	delete(c.subs, sub.id)
	c.mu.Unlock()
}

// maxEnded bounds the ended subscriptions that a connection remembers.
const maxEnded = 256

type endedSubscription struct {
	id   string
	feed *Feed
}

// unsubscribe ends a subscription of the feed; false if there is none.
func (c *Conn) unsubscribe(feed *Feed, id string) bool {
	c.mu.Lock()
	sub := c.subs[id]
	if sub == nil || sub.feed != feed {
		defer c.mu.Unlock()
		for i, e := range c.ended {
			if e.id == id && e.feed == feed {
				c.ended = append(c.ended[:i], c.ended[i+1:]...)
				return true
			}
		}
		return false
	}
	delete(c.subs, id)
	c.mu.Unlock()
	sub.close()
	return true
}

func newSubscriptionID() string {
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails since Go 1.24
	var text [34]byte
	copy(text[:], "0x")
	hex.Encode(text[2:], raw[:])
	return string(text[:])
}
