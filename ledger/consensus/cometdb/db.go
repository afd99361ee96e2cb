// Package cometdb keeps CometBFT's databases in Pebble, the engine of the state
// store.
//
// It forgives what CometBFT v0.40.0 does on shutdown: goroutines that serve
// peers read the block store for a few seconds after it was closed. They find
// it empty instead of ending the process with a panic.
package cometdb

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	dbm "github.com/cometbft/cometbft-db"
)

var (
	errKeyEmpty = errors.New("cometdb: empty key")
	errValueNil = errors.New("cometdb: nil value")
	errClosed   = errors.New("cometdb: closed")
)

// DB is one database. It may be used by several goroutines.
type DB struct {
	mu    sync.RWMutex // held shared while db is used, exclusively to close it
	db    *pebble.DB   // nil once closed
	iters map[*iterator]struct{}
	imu   sync.Mutex // guards iters
}

var _ dbm.DB = (*DB)(nil)

// Open opens the database in dir, or makes it.
func Open(dir string, opts *pebble.Options) (*DB, error) {
	db, err := pebble.Open(dir, opts)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	return &DB{db: db, iters: make(map[*iterator]struct{})}, nil
}

// Options suits the few megabytes that CometBFT writes at a time. Reports of
// the engine go to log.
func Options(log *slog.Logger) *pebble.Options {
	return &pebble.Options{
		FormatMajorVersion: pebble.FormatTableFormatV6,
		MemTableSize:       16 << 20,
		MaxOpenFiles:       500,
		Logger:             logger{log},
	}
}

// Close closes the database. Reads find nothing from then on, writes fail.
func (d *DB) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.db == nil {
		return nil
	}
	var errs []error
	d.imu.Lock()
	for it := range d.iters {
		errs = append(errs, it.it.Close())
		it.it = nil
	}
	clear(d.iters)
	d.imu.Unlock()
	errs = append(errs, d.db.Close())
	d.db = nil
	return errors.Join(errs...)
}

// Get returns the value of key, nil if it is absent.
func (d *DB) Get(key []byte) ([]byte, error) {
	if len(key) == 0 {
		return nil, errKeyEmpty
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.db == nil {
		return nil, nil
	}
	v, closer, err := d.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := append([]byte{}, v...)
	return out, closer.Close()
}

// Has tells whether key is present.
func (d *DB) Has(key []byte) (bool, error) {
	v, err := d.Get(key)
	return v != nil, err
}

// Set writes a value, durable some time later.
func (d *DB) Set(key, value []byte) error { return d.set(key, value, pebble.NoSync) }

// SetSync writes a value and returns when it is durable.
func (d *DB) SetSync(key, value []byte) error { return d.set(key, value, pebble.Sync) }

func (d *DB) set(key, value []byte, sync *pebble.WriteOptions) error {
	if err := checkPair(key, value); err != nil {
		return err
	}
	return d.use(func(db *pebble.DB) error { return db.Set(key, value, sync) })
}

// Delete removes a key, durable some time later.
func (d *DB) Delete(key []byte) error { return d.remove(key, pebble.NoSync) }

// DeleteSync removes a key and returns when that is durable.
func (d *DB) DeleteSync(key []byte) error { return d.remove(key, pebble.Sync) }

func (d *DB) remove(key []byte, sync *pebble.WriteOptions) error {
	if len(key) == 0 {
		return errKeyEmpty
	}
	return d.use(func(db *pebble.DB) error { return db.Delete(key, sync) })
}

func checkPair(key, value []byte) error {
	switch {
	case len(key) == 0:
		return errKeyEmpty
	case value == nil:
		return errValueNil
	}
	return nil
}

// use runs fn unless the database is closed.
func (d *DB) use(fn func(*pebble.DB) error) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.db == nil {
		return errClosed
	}
	return fn(d.db)
}

// Compact rewrites a range of keys; nil bounds are open.
func (d *DB) Compact(start, end []byte) error {
	if end == nil {
		end = lastKey
	}
	return d.use(func(db *pebble.DB) error { return db.Compact(ctx, start, end, false) })
}

// Print shows nothing: it is CometBFT's debugging aid.
func (d *DB) Print() error { return nil }

// Stats describes the engine's state.
func (d *DB) Stats() map[string]string {
	stats := make(map[string]string)
	_ = d.use(func(db *pebble.DB) error { // a closed database has no statistics
		stats["pebble"] = db.Metrics().String()
		return nil
	})
	return stats
}
