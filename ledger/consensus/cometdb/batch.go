package cometdb

import (
	"github.com/cockroachdb/pebble/v2"
	dbm "github.com/cometbft/cometbft-db"
)

// batch collects writes for one atomic commit. It is for one goroutine.
type batch struct {
	db   *DB
	ops  []op
	done bool
}

// op is a write; a nil value deletes.
type op struct{ key, value []byte }

// NewBatch starts a batch.
func (d *DB) NewBatch() dbm.Batch { return &batch{db: d} }

// Set implements dbm.Batch.
func (b *batch) Set(key, value []byte) error {
	if err := checkPair(key, value); err != nil {
		return err
	}
	return b.add(op{key, value})
}

// Delete implements dbm.Batch.
func (b *batch) Delete(key []byte) error {
	if len(key) == 0 {
		return errKeyEmpty
	}
	return b.add(op{key: key})
}

func (b *batch) add(o op) error {
	if b.done {
		return errClosed
	}
	b.ops = append(b.ops, o)
	return nil
}

// Write implements dbm.Batch.
func (b *batch) Write() error { return b.write(pebble.NoSync) }

// WriteSync implements dbm.Batch.
func (b *batch) WriteSync() error { return b.write(pebble.Sync) }

func (b *batch) write(sync *pebble.WriteOptions) error {
	if b.done {
		return errClosed
	}
	err := b.db.use(func(db *pebble.DB) error {
		w := db.NewBatch()
		defer w.Close()
		for _, o := range b.ops {
			if o.value == nil {
				if err := w.Delete(o.key, nil); err != nil {
					return err
				}
			} else if err := w.Set(o.key, o.value, nil); err != nil {
				return err
			}
		}
		return w.Commit(sync)
	})
	if err != nil {
		return err
	}
	return b.Close()
}

// Close implements dbm.Batch.
func (b *batch) Close() error {
	b.ops, b.done = nil, true
	return nil
}
