package jsonrpc

import (
	"fmt"
	"log/slog"
	"runtime"
	"time"
)

// Config holds the server's limits. A zero field takes the default its comment
// gives.
type Config struct {
	// MaxConnections bounds the open TCP connections, HTTP and WebSocket
	// together. Default 1,000.
	MaxConnections int
	// MaxRequestBytes bounds one message, a single request or a batch. Default
	// 15 MiB.
	MaxRequestBytes int
	// MaxResponseBytes bounds one answer, a single response or a whole batch.
	// Default 15 MiB.
	MaxResponseBytes int
	// MaxBatch bounds the elements of a batch. Default 1,000.
	MaxBatch int
	// MaxSubscriptions bounds the live subscriptions of a connection. Default
	// 1,024.
	MaxSubscriptions int
	// MaxConcurrent bounds the messages of one WebSocket connection that are
	// worked on at once; the connection is not read while it is reached.
	// Default 64.
	MaxConcurrent int
	// MaxExecuting bounds the handlers that run at once over all connections;
	// further calls wait. Default 64 per CPU.
	MaxExecuting int
	// MaxQueuedFrames and MaxQueuedBytes bound what waits to be sent on one
	// WebSocket connection. Defaults 1,024 and 16 MiB.
	MaxQueuedFrames int
	MaxQueuedBytes  int
	// MaxBufferedBytes bounds the bytes of large messages held over all
	// connections, read and not yet sent; past it, calls are answered with
	// CodeBusy. Default 512 MiB.
	MaxBufferedBytes int
	// CallTimeout bounds the work on one message. Default 60 s.
	CallTimeout time.Duration
	// ReadTimeout bounds the arrival of a message once it began. HTTP headers
	// must arrive within 10 s, if that is less. An idle WebSocket connection has
	// no limit. Default 60 s.
	ReadTimeout time.Duration
	// WriteTimeout bounds the sending of what is queued: a client that does not
	// drain its socket for that long is disconnected. Default 20 s.
	WriteTimeout time.Duration
	// Unsafe says who may call methods marked unsafe. Default UnsafeLoopback.
	Unsafe UnsafePolicy
	// HealthMethod is called without parameters for GET /health; "" answers 404.
	HealthMethod string
	// Logger receives refused connections and handler panics. Default
	// slog.Default().
	Logger *slog.Logger
	// Observe, if set, is told of every call that named a known method; code is
	// 0 for success. It runs on the caller's goroutine.
	Observe func(method string, took time.Duration, code int)
}

// validate fills in defaults and refuses limits that cannot work.
func (c *Config) validate() error {
	for _, f := range []struct {
		name  string
		value *int
		def   int
	}{
		{"MaxConnections", &c.MaxConnections, 1_000},
		{"MaxRequestBytes", &c.MaxRequestBytes, 15 << 20},
		{"MaxResponseBytes", &c.MaxResponseBytes, 15 << 20},
		{"MaxBatch", &c.MaxBatch, 1_000},
		{"MaxSubscriptions", &c.MaxSubscriptions, 1_024},
		{"MaxConcurrent", &c.MaxConcurrent, 64},
		{"MaxExecuting", &c.MaxExecuting, 64 * runtime.GOMAXPROCS(0)},
		{"MaxQueuedFrames", &c.MaxQueuedFrames, 1_024},
		{"MaxQueuedBytes", &c.MaxQueuedBytes, 16 << 20},
		{"MaxBufferedBytes", &c.MaxBufferedBytes, 512 << 20},
	} {
		if *f.value < 0 {
			return fmt.Errorf("jsonrpc: %s is negative", f.name)
		}
		if *f.value == 0 {
			*f.value = f.def
		}
	}
	for _, f := range []struct {
		name  string
		value *time.Duration
		def   time.Duration
	}{
		{"CallTimeout", &c.CallTimeout, time.Minute},
		{"ReadTimeout", &c.ReadTimeout, time.Minute},
		{"WriteTimeout", &c.WriteTimeout, 20 * time.Second},
	} {
		if *f.value < 0 {
			return fmt.Errorf("jsonrpc: %s is negative", f.name)
		}
		if *f.value == 0 {
			*f.value = f.def
		}
	}
	if c.Unsafe > UnsafeAlways {
		return fmt.Errorf("jsonrpc: unknown unsafe policy %d", c.Unsafe)
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return nil
}
