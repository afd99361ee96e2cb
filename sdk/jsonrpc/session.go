package jsonrpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// session is one WebSocket connection and what waits on it.
type session struct {
	ws     *websocket.Conn
	cancel context.CancelFunc
	done   chan struct{} // closed when the reader has gone

	mu      sync.Mutex
	broken  error               // guarded by mu; set once
	nextID  uint64              // guarded by mu
	waiting map[uint64]*pending // guarded by mu
	streams map[string]*queue   // guarded by mu
}

// pending is a call without answer.
type pending struct {
	answer chan answer
	stream *queue // the answer opens this stream
}

type answer struct {
	result json.RawMessage
	err    error
}

type request struct {
	Version string `json:"jsonrpc"`
	ID      uint64 `json:"id"`
	Method  string `json:"method"`
	Params  []any  `json:"params"`
}

type message struct {
	ID     *uint64         `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *Error          `json:"error"`
	Method string          `json:"method"`
	Params struct {
		Subscription json.RawMessage `json:"subscription"`
		Result       json.RawMessage `json:"result"`
		Error        json.RawMessage `json:"error"`
	} `json:"params"`
}

const (
	pingEvery    = 20 * time.Second
	pingTimeout  = 20 * time.Second
	writeTimeout = 20 * time.Second
)

func newSession(ws *websocket.Conn) *session {
	ctx, cancel := context.WithCancel(context.Background())
	s := &session{
		ws: ws, cancel: cancel, done: make(chan struct{}),
		waiting: make(map[uint64]*pending), streams: make(map[string]*queue),
	}
	var wg sync.WaitGroup
	wg.Go(func() { s.read(ctx) })
	wg.Go(func() { s.ping(ctx) })
	go func() {
		wg.Wait()
		close(s.done)
	}()
	return s
}

func (s *session) alive() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken == nil
}

// end breaks the session and everything that waits on it.
func (s *session) end(cause error) {
	s.mu.Lock()
	if s.broken != nil {
		s.mu.Unlock()
		return
	}
	s.broken = cause
	waiting, streams := s.waiting, s.streams
	s.waiting, s.streams = nil, nil
	s.mu.Unlock()
	for _, p := range waiting {
		p.answer <- answer{err: cause}
	}
	for _, q := range streams {
		q.end(cause)
	}
	s.cancel()
	_ = s.ws.CloseNow() // nothing is left to say
}

func (s *session) call(ctx context.Context, method string, params []any, stream *queue) (json.RawMessage, error) {
	if params == nil {
		params = []any{}
	}
	p := &pending{answer: make(chan answer, 1), stream: stream}
	s.mu.Lock()
	if s.broken != nil {
		s.mu.Unlock()
		return nil, s.broken
	}
	s.nextID++
	id := s.nextID
	s.waiting[id] = p
	s.mu.Unlock()

	b, err := json.Marshal(request{"2.0", id, method, params})
	if err == nil {
		// A cancelled write would break the connection for everybody.
		wctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
		err = s.ws.Write(wctx, websocket.MessageText, b)
		cancel()
	}
	if err != nil {
		s.drop(id)
		return nil, fmt.Errorf("send: %w", err)
	}
	select {
	case a := <-p.answer:
		return a.result, a.err
	case <-ctx.Done():
		s.drop(id)
		return nil, ctx.Err()
	}
}

func (s *session) drop(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, id)
}

func (s *session) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.streams, id)
}

func (s *session) read(ctx context.Context) {
	for {
		_, b, err := s.ws.Read(ctx)
		if err != nil {
			s.end(fmt.Errorf("%w: %w", ErrDisconnected, err))
			return
		}
		var m message
		if err := json.Unmarshal(b, &m); err != nil {
			s.end(fmt.Errorf("%w: not JSON-RPC: %w", ErrDisconnected, err))
			return
		}
		s.deliver(&m)
	}
}

func (s *session) deliver(m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.broken != nil:
	case m.ID != nil:
		p, ok := s.waiting[*m.ID]
		if !ok {
			return // the caller gave up
		}
		delete(s.waiting, *m.ID)
		a := answer{result: m.Result}
		if m.Error != nil {
			a.err = m.Error
		} else if p.stream != nil {
			// Registered before the next message is read: no notification
			// can come too early.
			if id, err := subscriptionID(m.Result); err == nil {
				s.streams[id] = p.stream
			}
		}
		p.answer <- a
	case m.Method != "":
		id, err := subscriptionID(m.Params.Subscription)
		if err != nil {
			return
		}
		q, ok := s.streams[id]
		if !ok {
			return
		}
		if m.Params.Result == nil {
			delete(s.streams, id)
			q.end(fmt.Errorf("the node ended the subscription: %.200s", m.Params.Error))
			return
		}
		if !q.push(m.Params.Result) {
			delete(s.streams, id)
			q.end(errors.New("the subscription was read too slowly"))
		}
	}
}

// ping notices a node that vanished without closing the connection.
func (s *session) ping(ctx context.Context) {
	t := time.NewTicker(pingEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		pctx, cancel := context.WithTimeout(ctx, pingTimeout)
		err := s.ws.Ping(pctx)
		cancel()
		if err != nil {
			s.end(fmt.Errorf("%w: %w", ErrDisconnected, err))
			return
		}
	}
}
