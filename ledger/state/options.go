package state

import (
	"fmt"
	"log/slog"
	"runtime"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// DefaultRetention is the number of latest heights whose state is kept.
const DefaultRetention = 50_000

// Option changes how a store is opened.
type Option func(*options)

type options struct {
	fs          vfs.FS
	cacheSize   int64
	writeBuffer int64
	retention   uint64
	background  bool
	workers     int
	log         *slog.Logger
}

func defaultOptions() options {
	return options{
		fs:          vfs.Default,
		cacheSize:   160 << 20,
		writeBuffer: 32 << 20,
		retention:   DefaultRetention,
		background:  true,
		workers:     runtime.GOMAXPROCS(0),
		log:         slog.New(slog.DiscardHandler),
	}
}

func (o *options) validate() error {
	switch {
	case o.fs == nil:
		return fmt.Errorf("state options: no file system")
	case o.cacheSize < 1<<20:
		return fmt.Errorf("state options: cache of %d bytes is below 1 MiB", o.cacheSize)
	case o.writeBuffer < 64<<10 || o.writeBuffer > 1<<30:
		return fmt.Errorf("state options: write buffer of %d bytes is outside 64 KiB to 1 GiB", o.writeBuffer)
	case o.workers < 1:
		return fmt.Errorf("state options: %d workers", o.workers)
	case o.log == nil:
		return fmt.Errorf("state options: no logger")
	}
	return nil
}

// WithFS sets the file system. Default: the operating system's.
func WithFS(fs vfs.FS) Option { return func(o *options) { o.fs = fs } }

// WithCacheSize sets the ceiling in bytes of everything cached for reading: a
// quarter for the latest values, half for trie nodes, a quarter for blocks of
// the database. Default: 160 MiB.
func WithCacheSize(bytes int64) Option { return func(o *options) { o.cacheSize = bytes } }

// WithWriteBuffer sets the size in bytes of one of the database's write
// buffers, of which two are in use at most times, four at most. Default: 32 MiB.
func WithWriteBuffer(bytes int64) Option { return func(o *options) { o.writeBuffer = bytes } }

// WithRetention sets of how many latest heights the state is kept; 0 keeps all
// (archive). It may be changed whenever the store is opened; what has been
// pruned does not come back. Default: DefaultRetention.
func WithRetention(blocks uint64) Option { return func(o *options) { o.retention = blocks } }

// WithBackgroundPruning tells whether the store prunes by itself after each
// commit; if not, somebody calls Prune. Default: true.
func WithBackgroundPruning(on bool) Option { return func(o *options) { o.background = on } }

// WithWorkers sets how many goroutines one Stage may use. The root does not
// depend on it. Default: GOMAXPROCS.
func WithWorkers(n int) Option { return func(o *options) { o.workers = n } }

// WithLogger sets where errors of background work are told. Default: nowhere.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }
