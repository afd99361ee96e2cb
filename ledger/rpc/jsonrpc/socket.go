package jsonrpc

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// socket is the TCP connection under a WebSocket. It puts the small writes of
// many frames together (cork) and applies the time limits: a message that began
// must arrive, and what is written must drain.
type socket struct {
	net.Conn
	readTimeout  time.Duration
	writeTimeout time.Duration

	// early are bytes that the HTTP server had read ahead. One reads at a time: the
	// goroutine that takes messages, or, for the answer to a close frame, the one
	// that shuts the connection, perhaps while the other is in a message.
	early      []byte
	inMessage  atomic.Bool
	deadlineOn atomic.Bool

	mu     sync.Mutex // guards the fields below and the order of writes
	corked bool
	held   []byte
}

// holdBytes is how much a corked socket collects before it writes.
const holdBytes = 32 << 10

// Read reads ahead of the frames. The deadline is set on the first wait inside
// a message, so that messages which arrive whole cost no timer.
func (s *socket) Read(p []byte) (int, error) {
	if len(s.early) > 0 {
		n := copy(p, s.early)
		s.early = s.early[n:]
		return n, nil
	}
	if s.inMessage.Load() && s.deadlineOn.CompareAndSwap(false, true) {
		if err := s.SetReadDeadline(time.Now().Add(s.readTimeout)); err != nil {
			return 0, err
		}
	}
	return s.Conn.Read(p)
}

// beginMessage and endMessage bracket the reading of a message.
func (s *socket) beginMessage() { s.inMessage.Store(true) }

func (s *socket) endMessage() {
	s.inMessage.Store(false)
	if s.deadlineOn.CompareAndSwap(true, false) {
		_ = s.SetReadDeadline(time.Time{}) // fails only on a closed socket, which the next read reports
	}
}

// Write sends p, or holds it while the socket is corked.
func (s *socket) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.corked && len(s.held)+len(p) <= holdBytes {
		s.held = append(s.held, p...)
		return len(p), nil
	}
	if err := s.flush(); err != nil {
		return 0, err
	}
	return s.write(p)
}

// cork makes Write hold back until uncork.
func (s *socket) cork() {
	s.mu.Lock()
	s.corked = true
	s.mu.Unlock()
}

// uncork sends what is held.
func (s *socket) uncork() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.corked = false
	return s.flush()
}

func (s *socket) flush() error {
	if len(s.held) == 0 {
		return nil
	}
	_, err := s.write(s.held)
	s.held = s.held[:0]
	return err
}

func (s *socket) write(p []byte) (int, error) {
	if err := s.SetWriteDeadline(time.Now().Add(s.writeTimeout)); err != nil {
		return 0, err
	}
	return s.Conn.Write(p)
}

// hijacked lets the WebSocket library take over a socket of ours instead of
// the bare connection.
type hijacked struct {
	http.ResponseWriter
	server *Server
	socket *socket
}

const readAheadBytes = 16 << 10

// Hijack implements http.Hijacker.
func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	if err := rw.Flush(); err != nil { // the 101 response
		_ = conn.Close()
		return nil, nil, err
	}
	early := make([]byte, rw.Reader.Buffered())
	_, _ = rw.Reader.Read(early) // buffered: cannot fail
	h.socket = &socket{
		Conn:         conn,
		readTimeout:  h.server.cfg.ReadTimeout,
		writeTimeout: h.server.cfg.WriteTimeout,
		early:        early,
	}
	return h.socket, bufio.NewReadWriter(
		bufio.NewReaderSize(h.socket, readAheadBytes), bufio.NewWriter(h.socket)), nil
}
