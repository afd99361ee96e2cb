// Package jsonrpc is the client side of a node's JSON-RPC over WebSocket:
// calls, batches and subscriptions on one connection that mends itself.
package jsonrpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// ErrClosed is returned by calls on a closed connection.
var ErrClosed = errors.New("connection is closed")

// ErrDisconnected ends calls and subscriptions that were open when the
// connection broke. The next call connects again.
var ErrDisconnected = errors.New("connection to the node was lost")

// Error is what the node answered instead of a result (spec/wire.md §5.2).
type Error struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// Error joins the message and its detail as wallets show them.
func (e *Error) Error() string {
	var text string
	if len(e.Data) > 0 && json.Unmarshal(e.Data, &text) != nil {
		text = string(e.Data)
	}
	if text == "" {
		return fmt.Sprintf("%d: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("%d: %s: %s", e.Code, e.Message, text)
}

// maxMessage bounds an answer; metadata in hex is below 1 MB, blocks below 12.
const maxMessage = 64 << 20

const dialTimeout = 10 * time.Second

// Conn is a connection to one of several nodes. It is safe for concurrent use.
type Conn struct {
	urls []string
	log  *slog.Logger

	mu     sync.Mutex
	live   *session // guarded by mu; nil while disconnected
	next   int      // guarded by mu; the URL to try first
	closed bool     // guarded by mu
}

// Dial connects to the first URL that answers. log may be nil.
func Dial(ctx context.Context, log *slog.Logger, urls ...string) (*Conn, error) {
	if len(urls) == 0 {
		return nil, errors.New("no node address is given")
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Conn{urls: urls, log: log}
	if _, err := c.session(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Close ends all calls and subscriptions.
func (c *Conn) Close() error {
	c.mu.Lock()
	s := c.live
	c.live, c.closed = nil, true
	c.mu.Unlock()
	if s != nil {
		s.end(ErrClosed)
		<-s.done
	}
	return nil
}

// session returns the live connection or makes one.
func (c *Conn) session(ctx context.Context) (*session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	if c.live != nil && c.live.alive() {
		return c.live, nil
	}
	var errs []error
	for i := range c.urls {
		url := c.urls[(c.next+i)%len(c.urls)]
		s, err := dial(ctx, url)
		if err == nil {
			c.live, c.next = s, (c.next+i)%len(c.urls)
			c.log.Debug("connected to node", "url", url)
			return s, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", url, err))
	}
	c.next++
	return nil, fmt.Errorf("connect to a node: %w", errors.Join(errs...))
}

// Call asks the node and decodes the result into out, unless out is nil.
func (c *Conn) Call(ctx context.Context, out any, method string, params ...any) error {
	s, err := c.session(ctx)
	if err != nil {
		return err
	}
	raw, err := s.call(ctx, method, params, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("%s: answer: %w", method, err)
	}
	return nil
}

// Subscription is a stream of notifications.
type Subscription struct {
	// C delivers the notifications in order. It is closed when the stream ends;
	// Err then tells why.
	C <-chan json.RawMessage

	s     *session
	id    string
	stop  string
	queue *queue
}

// Subscribe opens a stream; stop is the method that ends it. Notifications
// queue without loss up to a limit at which the stream ends with an error.
func (c *Conn) Subscribe(ctx context.Context, method, stop string, params ...any) (*Subscription, error) {
	s, err := c.session(ctx)
	if err != nil {
		return nil, err
	}
	q := newQueue()
	raw, err := s.call(ctx, method, params, q)
	if err != nil {
		q.end(err)
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	id, err := subscriptionID(raw)
	if err != nil {
		q.end(err)
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	return &Subscription{C: q.out, s: s, id: id, stop: stop, queue: q}, nil
}

// Err is why the stream ended.
func (s *Subscription) Err() error { return s.queue.err() }

// Close ends the stream on both sides. It may be called more than once.
func (s *Subscription) Close() {
	s.s.forget(s.id)
	s.queue.end(ErrClosed)
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	_, _ = s.s.call(ctx, s.stop, []any{s.id}, nil) // the node may have ended it already
}

func subscriptionID(raw json.RawMessage) (string, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var n uint64
	if err := json.Unmarshal(raw, &n); err != nil {
		return "", fmt.Errorf("subscription id %.40s: %w", raw, err)
	}
	return strconv.FormatUint(n, 10), nil
}

func dial(ctx context.Context, url string) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(maxMessage)
	return newSession(ws), nil
}
