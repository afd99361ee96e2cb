package state

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// fault is the fuse of a store: the first failed write blows it, and from then
// on nothing reaches the disk. Retrying after a failed sync would be worse than
// stopping, since the operating system may already have dropped the data.
type fault struct {
	log   *slog.Logger
	blown chan struct{} // closed when blown

	mu  sync.Mutex // guards err
	err error      // wraps ErrFailed
}

func newFault(log *slog.Logger) *fault {
	return &fault{log: log, blown: make(chan struct{})}
}

// set blows the fuse and returns the error that every later call answers with.
func (f *fault) set(cause error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = fmt.Errorf("%w: %w", ErrFailed, cause)
		f.log.Error("state store stopped", "err", cause)
		close(f.blown)
	}
	return f.err
}

// get returns the error of a blown fuse, else nil.
func (f *fault) get() error {
	select {
	case <-f.blown:
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.err
	default:
		return nil
	}
}

// do runs a write to the database and blows the fuse if it fails. It returns at
// once when the fuse blows elsewhere, since write may then never return.
func (f *fault) do(write func() error) error {
	if err := f.get(); err != nil {
		return err
	}
	result := make(chan error, 1)
	go func() {
		var err error
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("database panic: %v", r)
			}
			result <- err
		}()
		err = write()
	}()
	select {
	case err := <-result:
		if err != nil {
			return f.set(err)
		}
		return f.get()
	case <-f.blown:
		return f.get()
	}
}

// listener takes part in Pebble's events.
func (f *fault) listener() *pebble.EventListener {
	return &pebble.EventListener{
		BackgroundError: func(err error) {
			f.set(err)
			// Pebble tries a failed compaction again at once; do not let it spin.
			time.Sleep(10 * time.Millisecond)
		},
		DataCorruption: func(info pebble.DataCorruptionInfo) {
			// The reader gets the error too.
			f.log.Error("state data corrupt", "path", info.Path, "err", info.Details)
		},
	}
}

// Infof implements pebble.Logger.
func (f *fault) Infof(string, ...any) {}

// Errorf implements pebble.Logger.
func (f *fault) Errorf(format string, args ...any) {
	f.log.Warn("state database", "msg", fmt.Sprintf(format, args...))
}

// Fatalf implements pebble.Logger. Pebble calls it where it cannot go on, on its
// own goroutines or inside do, and expects it not to return.
func (f *fault) Fatalf(format string, args ...any) {
	f.set(fmt.Errorf(format, args...))
	park()
}
