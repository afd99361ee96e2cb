package jsonrpc

import (
	"io"
	"log"
	"log/slog"
	"net"
	"sync"
)

// discardLog drops what net/http says about broken clients.
var discardLog = log.New(io.Discard, "", 0)

// limitListener accepts at most cap(free) connections at a time. One more is
// closed at once, so that its client fails over instead of waiting in the
// kernel's queue.
type limitListener struct {
	net.Listener
	free chan struct{}
	log  *slog.Logger
}

func (l *limitListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case l.free <- struct{}{}:
			return &limitedConn{Conn: conn, release: sync.OnceFunc(func() { <-l.free })}, nil
		default:
			l.log.Warn("rpc connection refused: too many", "remote", conn.RemoteAddr(), "limit", cap(l.free))
			_ = conn.Close()
		}
	}
}

// limitedConn gives its place back when it is closed.
type limitedConn struct {
	net.Conn
	release func()
}

func (c *limitedConn) Close() error {
	defer c.release()
	return c.Conn.Close()
}
