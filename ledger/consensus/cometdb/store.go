// Package cometdb keeps CometBFT's databases in Pebble, the engine of the state
// store: all of a node's in one, so that one sync makes everything written
// before it durable.
//
//	store, err := cometdb.Open(dir, cometdb.Options(log))
//	db := store.Database("blockstore")
//
// It forgives what CometBFT v0.40.0 does on shutdown: goroutines that serve
// peers read the block store for a few seconds after it was closed. They find
// it empty instead of ending the process with a panic.
package cometdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	dbm "github.com/cometbft/cometbft-db"
)

var (
	errKeyEmpty = errors.New("cometdb: empty key")
	errValueNil = errors.New("cometdb: nil value")
	errClosed   = errors.New("cometdb: closed")
)

// Store holds the databases of one node. It may be used by several goroutines.
type Store struct {
	lazy     func() bool
	deferred atomic.Bool // a sync was asked for and not made

	mu sync.RWMutex // held shared while db is used, exclusively to close it
	db *pebble.DB   // nil once closed

	imu   sync.Mutex // guards iters
	iters map[*iterator]struct{}
}

// Open opens the store in dir, or makes it.
func Open(dir string, opts *pebble.Options) (*Store, error) {
	db, err := pebble.Open(dir, opts)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	return &Store{db: db, iters: make(map[*iterator]struct{}), lazy: func() bool { return false }}, nil
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

// SyncLazily makes synced writes wait for Sync while lazy says so. Writes stay
// in order: what is durable is always what was written up to some moment. It is
// called before the store is used.
func (s *Store) SyncLazily(lazy func() bool) { s.lazy = lazy }

// Sync makes everything durable that should be.
func (s *Store) Sync() error {
	if !s.deferred.Swap(false) {
		return nil
	}
	return s.use(func(db *pebble.DB) error { return db.LogData(nil, pebble.Sync) })
}

// durability is how a write with the given wish is made.
func (s *Store) durability(sync bool) *pebble.WriteOptions {
	switch {
	case !sync:
		return pebble.NoSync
	case s.lazy():
		s.deferred.Store(true)
		return pebble.NoSync
	}
	return pebble.Sync
}

// use runs fn unless the store is closed.
func (s *Store) use(fn func(*pebble.DB) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.db == nil {
		return errClosed
	}
	return fn(s.db)
}

// Close closes the store. Reads find nothing from then on, writes fail.
func (s *Store) Close() error {
	syncErr := s.Sync()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return nil
	}
	errs := []error{syncErr}
	s.imu.Lock()
	for it := range s.iters {
		errs = append(errs, it.it.Close())
		it.it = nil
	}
	clear(s.iters)
	s.imu.Unlock()
	errs = append(errs, s.db.Close())
	s.db = nil
	return errors.Join(errs...)
}

// Database is the database with the given name, which holds no '/'.
func (s *Store) Database(name string) *DB {
	prefix := []byte(name + "/")
	end := []byte(name + "0") // '0' follows '/'
	return &DB{store: s, prefix: prefix, end: end}
}

// DB is one database of a store. It may be used by several goroutines.
type DB struct {
	store       *Store
	prefix, end []byte // of its keys in the store
	closed      atomic.Bool
}

var _ dbm.DB = (*DB)(nil)

// key is where the database's key is in the store.
func (d *DB) key(k []byte) []byte {
	return append(append(make([]byte, 0, len(d.prefix)+len(k)), d.prefix...), k...)
}

// Close makes the database look empty and refuse writes. The store stays open.
func (d *DB) Close() error {
	d.closed.Store(true)
	return nil
}

// Get returns the value of key, nil if it is absent.
func (d *DB) Get(key []byte) ([]byte, error) {
	if len(key) == 0 {
		return nil, errKeyEmpty
	}
	if d.closed.Load() {
		return nil, nil
	}
	var out []byte
	err := d.store.use(func(db *pebble.DB) error {
		v, closer, err := db.Get(d.key(key))
		if err != nil {
			return err
		}
		out = append([]byte{}, v...)
		return closer.Close()
	})
	if errors.Is(err, pebble.ErrNotFound) || errors.Is(err, errClosed) {
		return nil, nil
	}
	return out, err
}

// Has tells whether key is present.
func (d *DB) Has(key []byte) (bool, error) {
	v, err := d.Get(key)
	return v != nil, err
}

// Set writes a value, durable some time later.
func (d *DB) Set(key, value []byte) error { return d.write(false, op{key: key, value: value}) }

// SetSync writes a value and returns when it is durable.
func (d *DB) SetSync(key, value []byte) error { return d.write(true, op{key: key, value: value}) }

// Delete removes a key, durable some time later.
func (d *DB) Delete(key []byte) error { return d.write(false, op{key: key, remove: true}) }

// DeleteSync removes a key and returns when that is durable.
func (d *DB) DeleteSync(key []byte) error { return d.write(true, op{key: key, remove: true}) }

// Compact rewrites a range of keys; nil bounds are open.
func (d *DB) Compact(start, end []byte) error {
	upper := d.end
	if end != nil {
		upper = d.key(end)
	}
	return d.store.use(func(db *pebble.DB) error {
		return db.Compact(context.Background(), d.key(start), upper, false)
	})
}

// Print shows nothing: it is CometBFT's debugging aid.
func (d *DB) Print() error { return nil }

// Stats describes the engine's state.
func (d *DB) Stats() map[string]string {
	stats := make(map[string]string)
	_ = d.store.use(func(db *pebble.DB) error { // a closed store has no statistics
		stats["pebble"] = db.Metrics().String()
		return nil
	})
	return stats
}
