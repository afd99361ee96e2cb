package jsonrpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// Server answers JSON-RPC calls from a Table. It is an http.Handler; Serve runs
// it on a listener with all limits in force.
type Server struct {
	cfg     Config
	table   *Table
	budget  budget
	running chan struct{} // one per executing message
	ctx     context.Context
	cancel  context.CancelFunc

	mu      sync.Mutex // guards closed, servers and the first Add of serving
	closed  bool
	servers []*http.Server
	serving sync.WaitGroup
}

// New makes a server; the table must not change any more.
func New(cfg Config, table *Table) (*Server, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if table.err != nil {
		return nil, table.err
	}
	if cfg.HealthMethod != "" {
		if e := table.entries[cfg.HealthMethod]; e == nil || e.handler == nil {
			return nil, fmt.Errorf("jsonrpc: health method %q is not in the table", cfg.HealthMethod)
		}
	}
	s := &Server{
		cfg:     cfg,
		table:   table,
		budget:  budget{limit: int64(cfg.MaxBufferedBytes)},
		running: make(chan struct{}, cfg.MaxExecuting),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Serve accepts connections until Close, which makes it return nil, or until
// the listener fails. It closes the listener.
func (s *Server) Serve(l net.Listener) error {
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: min(s.cfg.ReadTimeout, maxHeaderTime),
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          discardLog,
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return errors.Join(http.ErrServerClosed, l.Close())
	}
	s.servers = append(s.servers, h)
	s.mu.Unlock()
	err := h.Serve(&limitListener{Listener: l, free: make(chan struct{}, s.cfg.MaxConnections), log: s.cfg.Logger})
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve rpc: %w", err)
}

// maxHeaderTime bounds the arrival of HTTP headers, which are small.
const maxHeaderTime = 10 * time.Second

// Close ends all connections, calls and subscriptions and waits for them.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	servers := s.servers
	s.mu.Unlock()
	s.cancel()
	var errs []error
	for _, h := range servers {
		ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
		if err := h.Shutdown(ctx); err != nil {
			errs = append(errs, h.Close())
		}
		cancel()
	}
	s.serving.Wait()
	return errors.Join(errs...)
}

// enter counts a request in, unless the server is closed.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.serving.Add(1)
	return true
}

// executeOnce answers one message from outside a connection.
func (s *Server) executeOnce(ctx context.Context, unsafe bool, msg []byte) *buffer {
	session := sessions.Get().(*session)
	defer session.free()
	session.call.server, session.call.unsafe = s, unsafe
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	return s.execute(ctx, session, msg)
}

// execute answers one message within the time limit and the number of messages
// that may be worked on at once.
func (s *Server) execute(ctx context.Context, session *session, msg []byte) *buffer {
	out := newBuffer()
	select {
	case s.running <- struct{}{}:
	case <-ctx.Done():
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.CallTimeout)
	out.data = session.answerMessage(ctx, msg, out.data)
	cancel()
	<-s.running
	if !out.charge(&s.budget) {
		session.abandon()
		out.data = appendErrorResponse(nil, nullID, errBusy)
	}
	return out
}

// guard runs fn and turns a panic into an error.
func (s *Server) guard(name string, fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.cfg.Logger.Error("rpc subscription panicked", "method", name, "panic", p, "stack", string(debug.Stack()))
			err = errInternal
		}
	}()
	return fn()
}
