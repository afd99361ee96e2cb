// Package cometdb keeps CometBFT's databases beside the state, in its database:
// one log orders what CometBFT writes and what the application commits, so that
// after a crash the application is never ahead of CometBFT, which could then not
// start, and neither needs a sync of its own for that.
//
//	store := cometdb.New(stateStore.Side())
//	db := store.Database("blockstore")
//
// It forgives what CometBFT v0.40.0 does on shutdown: goroutines that serve
// peers read the block store for a few seconds after it was closed. They find
// it empty instead of ending the process with a panic.
package cometdb

import (
	"errors"
	"sync/atomic"

	dbm "github.com/cometbft/cometbft-db"

	"github.com/gocess/gocess/ledger/state"
)

var (
	errKeyEmpty = errors.New("cometdb: empty key")
	errValueNil = errors.New("cometdb: nil value")
	errClosed   = errors.New("cometdb: closed")
)

// Store holds the databases of one node. It may be used by several goroutines.
type Store struct {
	side   *state.Side
	lazy   func() bool
	closed atomic.Bool
}

// New keeps databases in side, which nobody else uses.
func New(side *state.Side) *Store {
	return &Store{side: side, lazy: func() bool { return false }}
}

// SyncLazily makes synced writes durable only with the next commit of the state
// that is, or with Close, while lazy says so. Writes stay in order: what is
// durable is always what was written up to some moment. It is called before the
// store is used.
func (s *Store) SyncLazily(lazy func() bool) { s.lazy = lazy }

// Close makes everything durable. Reads find nothing from then on, writes fail.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	if err := s.side.Sync(); !errors.Is(err, state.ErrClosed) {
		return err
	}
	return nil // the state has made everything durable before it closed
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

// upper is where a range ends, that of the whole database if end is nil.
func (d *DB) upper(end []byte) []byte {
	if end == nil {
		return d.end
	}
	return d.key(end)
}

// over says that the database looks empty from now on.
func (d *DB) over() bool { return d.closed.Load() || d.store.closed.Load() }

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
	if d.over() {
		return nil, nil
	}
	v, err := d.store.side.Get(d.key(key))
	if errors.Is(err, state.ErrClosed) {
		return nil, nil
	}
	return v, err
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
	return d.store.side.Compact(d.key(start), d.upper(end))
}

// Print shows nothing: it is CometBFT's debugging aid.
func (d *DB) Print() error { return nil }

// Stats says where to look.
func (d *DB) Stats() map[string]string {
	return map[string]string{"engine": "the database of the state, see its metrics"}
}
