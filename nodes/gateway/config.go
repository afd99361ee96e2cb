package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/segment"
)

// Config is what a Gateway is built from.
type Config struct {
	// Home is the gateway's folder. Nothing else belongs in it, and one
	// process uses it at a time.
	Home string
	// Chain lists WebSocket addresses of nodes, separated by commas.
	Chain string
	// Signer is the gateway's account. Users authorise it with Oss.authorize.
	Signer sdk.Signer
	// Listen is the host:port of the HTTP API. Default 127.0.0.1:8080.
	Listen string
	// Domain is published on chain for users, at most 50 bytes. Default the
	// host:port that is listened on.
	Domain string
	// CacheBytes bounds the fragments of stored files that stay on disk.
	// Unfinished uploads do not count. Default 16 GiB; negative: nothing stays.
	CacheBytes int64
	// ReserveBytes of the disk stay free: uploads that would take them are
	// refused. Default 10 GiB.
	ReserveBytes uint64
	// ReportTimeout is how long a miner that received its column may take to
	// report it; then another miner gets the column. Default 30 minutes.
	ReportTimeout time.Duration
	// RequireExpiry refuses signed messages that are valid for ever. Default
	// off, since clients in use send such messages.
	RequireExpiry bool
	// MaxFileBytes bounds one upload. Default, and at most, what 1000
	// segments hold.
	MaxFileBytes int64
	// MaxUploads and MaxDownloads bound what is processed at once. An upload
	// takes about 128 MiB of memory, a download that restores 96 MiB. Default
	// 4 and 8.
	MaxUploads, MaxDownloads int
	// MaxJobs bounds the files that are distributed at once. Default 4.
	MaxJobs int
	// RefusePrivate ignores miners on loopback and private addresses. Default
	// off.
	RefusePrivate bool
	// KeepFailed is how long the fragments of an upload stay that cannot be
	// declared any more. Default 7 days.
	KeepFailed time.Duration
	// Registry receives the gateway's metrics; none by default.
	Registry prometheus.Registerer
	Logger   *slog.Logger
}

func (c *Config) complete() error {
	setDefault(&c.Listen, "127.0.0.1:8080")
	setDefault(&c.CacheBytes, 16<<30)
	setDefault(&c.ReserveBytes, 10<<30)
	setDefault(&c.ReportTimeout, 30*time.Minute)
	setDefault(&c.MaxFileBytes, segment.MaxSegments*segment.Size)
	setDefault(&c.MaxUploads, 4)
	setDefault(&c.MaxDownloads, 8)
	setDefault(&c.MaxJobs, 4)
	setDefault(&c.KeepFailed, 7*24*time.Hour)
	c.MaxFileBytes = min(c.MaxFileBytes, segment.MaxSegments*segment.Size)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case c.Home == "":
		return errors.New("gateway: no data folder is given")
	case c.Chain == "":
		return errors.New("gateway: no chain node is given")
	case c.Signer == nil:
		return errors.New("gateway: no account is given")
	case len(c.Domain) > (oss.DomainBound{}).Max():
		return fmt.Errorf("gateway: the domain has %d bytes, at most %d fit on chain", len(c.Domain), (oss.DomainBound{}).Max())
	case c.MaxFileBytes < 0 || c.MaxUploads < 0 || c.MaxDownloads < 0 || c.MaxJobs < 0 || c.ReportTimeout < 0 || c.KeepFailed < 0:
		return errors.New("gateway: a limit is negative")
	}
	return nil
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}
