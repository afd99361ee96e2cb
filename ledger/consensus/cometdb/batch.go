package cometdb

import (
	"errors"

	dbm "github.com/cometbft/cometbft-db"

	"github.com/gocess/gocess/ledger/state"
)

// op is a write.
type op struct {
	key, value []byte
	remove     bool
}

func (o op) check() error {
	switch {
	case len(o.key) == 0:
		return errKeyEmpty
	case o.value == nil && !o.remove:
		return errValueNil
	}
	return nil
}

// write makes writes in one atomic commit.
func (d *DB) write(sync bool, ops ...op) error {
	changes := make([]state.KV, len(ops))
	for i, o := range ops {
		if err := o.check(); err != nil {
			return err
		}
		changes[i] = state.KV{Key: d.key(o.key), Value: o.value}
	}
	if d.over() {
		return errClosed
	}
	err := d.store.side.Write(changes, sync && !d.store.lazy())
	if errors.Is(err, state.ErrClosed) {
		return errClosed
	}
	return err
}

// batch collects writes for one atomic commit. It is for one goroutine.
type batch struct {
	db   *DB
	ops  []op
	done bool
}

// NewBatch starts a batch.
func (d *DB) NewBatch() dbm.Batch { return &batch{db: d} }

// Set implements dbm.Batch.
func (b *batch) Set(key, value []byte) error { return b.add(op{key: key, value: value}) }

// Delete implements dbm.Batch.
func (b *batch) Delete(key []byte) error { return b.add(op{key: key, remove: true}) }

func (b *batch) add(o op) error {
	if err := o.check(); err != nil {
		return err
	}
	if b.done {
		return errClosed
	}
	b.ops = append(b.ops, o)
	return nil
}

// Write implements dbm.Batch.
func (b *batch) Write() error { return b.commit(false) }

// WriteSync implements dbm.Batch.
func (b *batch) WriteSync() error { return b.commit(true) }

func (b *batch) commit(sync bool) error {
	if b.done {
		return errClosed
	}
	if err := b.db.write(sync, b.ops...); err != nil {
		return err
	}
	return b.Close()
}

// Close implements dbm.Batch.
func (b *batch) Close() error {
	b.ops, b.done = nil, true
	return nil
}
