package jsonrpc

import (
	"context"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// Call is one call of a method, as its handler sees it. It is valid until the
// handler returns.
type Call struct {
	Params Params
	server *Server
	conn   *Conn // nil over HTTP
	unsafe bool
	after  []func(sent bool)
}

// Unsafe reports whether the caller may use unsafe methods.
func (c *Call) Unsafe() bool { return c.unsafe }

// Conn is the WebSocket connection of the call; nil over HTTP.
func (c *Call) Conn() *Conn { return c.conn }

// After has fn run on a goroutine of its own once the response is queued, so
// that what fn sends follows it. sent is false when the client will not get the
// response: fn has then only to clean up. It is for calls that have a Conn,
// which waits for fn before it is gone; fn ends soon after its Context does.
func (c *Call) After(fn func(sent bool)) { c.after = append(c.after, fn) }

// MaxResult is the most bytes of result that can be answered. A handler that
// produces more as it goes should stop there with ErrTooBig.
func (c *Call) MaxResult() int { return c.server.cfg.MaxResponseBytes }

// ErrTooBig is the answer of a handler whose result passes MaxResult.
func (c *Call) ErrTooBig() error { return responseTooBig(c.server.cfg.MaxResponseBytes) }

// session is the state of answering one message.
type session struct {
	call    Call
	request request
	// accepted subscriptions, to be run once the response is queued.
	accepted []*Subscription
	// abandoned: the client will not learn what its calls were answered.
	abandoned bool
}

var sessions = sync.Pool{New: func() any { return new(session) }}

func (s *session) free() {
	clear(s.accepted)
	clear(s.call.Params.items)
	s.accepted = s.accepted[:0]
	s.abandoned = false
	s.call = Call{}
	s.request = request{}
	sessions.Put(s)
}

// call answers the request object b into dst; a notification adds nothing.
func (s *session) answer(ctx context.Context, b, dst []byte) []byte {
	if err := parseRequest(b, &s.request); err != nil {
		return appendErrorResponse(dst, s.request.id, err)
	}
	start := len(dst)
	srv := s.call.server
	e := srv.table.entries[string(s.request.method)]
	if e == nil || s.call.conn == nil && e.handler == nil {
		return s.finish(dst, start, errMethodNotFound)
	}
	var began time.Time
	if srv.cfg.Observe != nil {
		began = time.Now()
	}
	if s.request.id != nil {
		dst = appendResultHead(dst, s.request.id)
	}
	body := len(dst)
	dst, err := s.invoke(ctx, e, dst)
	if err == nil {
		if len(dst) == body {
			dst = append(dst, `null`...)
		}
		if len(dst)-start >= srv.cfg.MaxResponseBytes {
			err = responseTooBig(srv.cfg.MaxResponseBytes)
		}
	}
	var answer *Error
	if err != nil {
		var known bool
		if answer, known = asError(err); !known {
			srv.cfg.Logger.Error("rpc handler failed", "method", e.name, "error", err)
		}
	}
	if srv.cfg.Observe != nil {
		code := 0
		if answer != nil {
			code = answer.Code
		}
		srv.cfg.Observe(e.name, time.Since(began), code)
	}
	return s.finish(dst, start, answer)
}

// finish closes a response that began at start, or replaces it by an error.
func (s *session) finish(dst []byte, start int, err *Error) []byte {
	switch {
	case s.request.id == nil:
		return dst[:start]
	case err != nil:
		return appendErrorResponse(dst[:start], s.request.id, err)
	}
	return append(dst, '}')
}

// invoke runs the method and survives its panics. dst comes back at least as
// long as it was.
func (s *session) invoke(ctx context.Context, e *entry, dst []byte) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.call.server.cfg.Logger.Error("rpc handler panicked", "method", e.name, "panic", p, "stack", string(debug.Stack()))
			out, err = dst, errInternal
		}
	}()
	if e.unsafe && !s.call.unsafe {
		return dst, ErrUnsafe
	}
	if err := s.call.Params.parse(s.request.params); err != nil {
		return dst, err
	}
	switch {
	case e.handler != nil:
		out, err = e.handler(ctx, &s.call, dst)
		if len(out) < len(dst) {
			out = dst
		}
		return out, err
	case e.subscribe != nil:
		if s.request.id == nil { // nobody would learn the subscription's id
			return dst, errInvalidRequest
		}
		sub, err := s.call.conn.subscribe(ctx, e.subscribe, &s.call)
		if err != nil {
			return dst, err
		}
		s.accepted = append(s.accepted, sub)
		return AppendString(dst, sub.id), nil
	default:
		id, err := s.call.Params.String(0)
		if err != nil {
			return dst, err
		}
		known := s.call.conn.unsubscribe(e.unsubscribe, id)
		if e.unsubscribe.Acknowledge != "" {
			return append(dst, e.unsubscribe.Acknowledge...), nil
		}
		return strconv.AppendBool(dst, known), nil
	}
}
