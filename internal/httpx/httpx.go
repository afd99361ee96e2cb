// Package httpx is what the HTTP faces of gateways and miners share: the
// upstream JSON envelope, signed requests and a server with time limits.
package httpx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Envelope is upstream's answer. Its HTTP status is 200 even for failures;
// clients look at Code (spec/gateway.md §2.1).
type Envelope struct {
	Code int    `json:"code"`
	Msg  string `json:"msg"`
	Data any    `json:"data"`
}

// OK answers with data.
func OK(w http.ResponseWriter, data any) {
	write(w, http.StatusOK, Envelope{http.StatusOK, "ok", data})
}

// Fail answers with an error in the envelope.
func Fail(w http.ResponseWriter, code int, msg string) {
	write(w, http.StatusOK, Envelope{code, msg, nil})
}

// FailStatus answers with an error in the envelope and as HTTP status.
func FailStatus(w http.ResponseWriter, code int, msg string) {
	write(w, code, Envelope{code, msg, nil})
}

func write(w http.ResponseWriter, status int, e Envelope) {
	b, err := json.Marshal(e)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"code":500,"msg":"system error","data":null}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the client may be gone
}

// CORS lets any page use the routes with the given methods and headers, and
// answers preflight requests.
func CORS(methods, headers string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", headers)
		h.Set("Access-Control-Expose-Headers", "*")
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Server is an HTTP server on one address. Bodies are not bounded in time as
// a whole, since files may be large; handlers bound their size.
type Server struct {
	http     *http.Server
	listener net.Listener
	done     chan error
	close    func() error
}

// Listen serves handler on address, host:port.
func Listen(address string, handler http.Handler) (*Server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &Server{
		http: &http.Server{
			Handler:           handler,
			ReadHeaderTimeout: 10 * time.Second,
			IdleTimeout:       2 * time.Minute,
			MaxHeaderBytes:    64 << 10,
		},
		listener: l,
		done:     make(chan error, 1),
	}
	s.close = sync.OnceValue(s.shutdown)
	go func() { s.done <- s.http.Serve(l) }()
	return s, nil
}

// Address is the host:port that the server listens on.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Close finishes what is being served, for a few seconds, and stops. It may be
// called more than once.
func (s *Server) Close() error { return s.close() }

func (s *Server) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
