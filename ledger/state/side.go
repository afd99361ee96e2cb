package state

import (
	"context"

	"github.com/cockroachdb/pebble/v2"
)

// Side is a sorted map of bytes that other parts of a node keep in the store's
// database, next to the state and apart from it: neither root nor snapshots
// cover it. Its writes are in one log with the commits of the store. A crash
// that loses a write therefore loses every later write and commit too, and what
// was written before a commit that survives survives with it.
//
// Its methods may be called from several goroutines. After Close of the store
// they answer ErrClosed.
type Side struct{ store *Store }

// Side is the store's map for others.
func (s *Store) Side() *Side { return &Side{s} }

// sideBound is where a bound of the map is in the database.
func sideBound(key []byte) []byte { return appendName(nil, kindSide, key) }

// Get returns the value of key, nil if it is absent. The caller owns it.
func (d *Side) Get(key []byte) ([]byte, error) {
	if err := d.store.enter(); err != nil {
		return nil, err
	}
	defer d.store.leave()
	return d.store.record(sideBound(key))
}

// Write makes changes in their order in one atomic batch; a nil value deletes
// the key. With sync it returns when they and everything before them are
// durable. An error comes from the disk and stops the store, see ErrFailed.
func (d *Side) Write(changes []KV, sync bool) error {
	return d.write(sync, func(durability *pebble.WriteOptions) error {
		size := 64
		for _, c := range changes {
			size += len(c.Key) + len(c.Value) + 16
		}
		b := d.store.db.NewBatchWithSize(size)
		defer b.Close()
		for _, c := range changes {
			var err error
			if c.Value == nil {
				err = b.Delete(sideBound(c.Key), nil)
			} else {
				err = b.Set(sideBound(c.Key), c.Value, nil)
			}
			if err != nil {
				return err
			}
		}
		return b.Commit(durability)
	})
}

// Sync makes durable what has been written and committed.
func (d *Side) Sync() error {
	return d.write(true, func(durability *pebble.WriteOptions) error {
		return d.store.db.LogData(nil, durability)
	})
}

func (d *Side) write(sync bool, fn func(*pebble.WriteOptions) error) error {
	if err := d.store.enter(); err != nil {
		return err
	}
	defer d.store.leave()
	durability := pebble.NoSync
	if sync {
		durability = pebble.Sync
	}
	return d.store.fault.do(func() error { return fn(durability) })
}

// Compact rewrites the keys from start up to end on the disk.
func (d *Side) Compact(start, end []byte) error {
	if err := d.store.enter(); err != nil {
		return err
	}
	defer d.store.leave()
	return d.store.db.Compact(context.Background(), sideBound(start), sideBound(end), false)
}

// SideIterator goes through a range of a Side as of its creation, in both
// directions. It is for one goroutine.
type SideIterator struct {
	store *Store
	it    *pebble.Iterator
}

// Iter goes through the keys from start up to end, which is not included. The
// iterator stands nowhere until First or Last.
func (d *Side) Iter(start, end []byte) (*SideIterator, error) {
	if err := d.store.enter(); err != nil {
		return nil, err
	}
	defer d.store.leave()
	it, err := d.store.newIter(&pebble.IterOptions{LowerBound: sideBound(start), UpperBound: sideBound(end)})
	if err != nil {
		return nil, err
	}
	return &SideIterator{d.store, it}, nil
}

// First goes to the first pair and returns it, a nil key if there is none.
func (i *SideIterator) First() (key, value []byte, err error) {
	return i.move((*pebble.Iterator).First)
}

// Last goes to the last pair.
func (i *SideIterator) Last() (key, value []byte, err error) { return i.move((*pebble.Iterator).Last) }

// Next goes to the pair after.
func (i *SideIterator) Next() (key, value []byte, err error) { return i.move((*pebble.Iterator).Next) }

// Prev goes to the pair before.
func (i *SideIterator) Prev() (key, value []byte, err error) { return i.move((*pebble.Iterator).Prev) }

// move returns a copy of the pair that it comes to.
func (i *SideIterator) move(step func(*pebble.Iterator) bool) (key, value []byte, err error) {
	if err := i.store.enter(); err != nil {
		return nil, nil, err
	}
	defer i.store.leave()
	if !step(i.it) {
		return nil, nil, i.it.Error()
	}
	data, err := i.it.ValueAndErr()
	if err != nil {
		return nil, nil, err
	}
	name := i.it.Key()
	return append([]byte{}, name[1:len(name)-1]...), append([]byte{}, data...), nil
}

// Close ends the iteration. Close of the store does so too.
func (i *SideIterator) Close() error {
	if i.store.enter() != nil {
		return nil // the store has closed it, or leaves it behind
	}
	defer i.store.leave()
	return i.store.closeIter(i.it)
}
