// Package daemon is the skeleton of a role that runs until it is told to
// stop: logs, an administration port and orderly shutdown.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gocess/gocess/internal/httpx"
)

// Role is a part of the network that runs.
type Role interface {
	// Err is why the role stopped by itself, nil while it works.
	Err() error
	Close() error
}

// readier is a Role that may be running and of no use.
type readier interface {
	// Ready is why, nil if it is of use.
	Ready() error
}

// Admin is the role's administration port: /metrics, /healthz and /readyz.
// It has no authentication and belongs on loopback.
type Admin struct {
	// Registry collects the role's metrics.
	Registry *prometheus.Registry
	role     atomic.Pointer[Role] // nil while it starts
	server   *httpx.Server
}

// NewAdmin listens on address; with an empty one it only collects.
func NewAdmin(address string) (*Admin, error) {
	a := &Admin{Registry: prometheus.NewRegistry()}
	a.Registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if address == "" {
		return a, nil
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.Registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := a.notReady(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	var err error
	if a.server, err = httpx.Listen(address, mux); err != nil {
		return nil, fmt.Errorf("administration port: %w", err)
	}
	return a, nil
}

// notReady is what the role waits for.
func (a *Admin) notReady() error {
	role := a.role.Load()
	if role == nil {
		return errors.New("starting")
	}
	if r, ok := (*role).(readier); ok {
		return r.Ready()
	}
	return nil
}

// Close stops the port.
func (a *Admin) Close() error {
	if a.server == nil {
		return nil
	}
	return a.server.Close()
}

// Signals is a context that ends with the first SIGINT or SIGTERM. A second
// one ends the process at once.
func Signals(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// checkEvery is how often a role is asked whether it still works.
const checkEvery = time.Second

// Run keeps a started role until ctx ends or the role fails, and closes it.
func Run(ctx context.Context, log *slog.Logger, admin *Admin, role Role) error {
	admin.role.Store(&role)
	t := time.NewTicker(checkEvery)
	defer t.Stop()
	var failure error
	for failure == nil {
		select {
		case <-ctx.Done():
			log.Info("stopping")
			return errors.Join(role.Close(), admin.Close())
		case <-t.C:
			failure = role.Err()
		}
	}
	log.Error("stopping after a failure", "err", failure)
	return errors.Join(failure, role.Close(), admin.Close())
}

// Logger writes to w, as text or JSON, from the given level (debug, info,
// warn, error) up.
func Logger(w io.Writer, level string, asJSON bool) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: debug, info, warn or error is needed", level)
	}
	opts := &slog.HandlerOptions{Level: l}
	if asJSON {
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return slog.New(slog.NewTextHandler(w, opts)), nil
}
