package cometdb

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"
	dbm "github.com/cometbft/cometbft-db"
)

// iterator goes through a range of keys as of its creation. It is for one
// goroutine; closing the database ends it.
type iterator struct {
	db         *DB
	it         *pebble.Iterator // nil once closed; the store's mu is held shared to use it
	start, end []byte
	reverse    bool
	err        error
	key, value []byte // key is nil at the end
}

// Iterator goes through the keys from start up to end, which is not included,
// in ascending order. nil bounds are open.
func (d *DB) Iterator(start, end []byte) (dbm.Iterator, error) { return d.iterate(start, end, false) }

// ReverseIterator is Iterator in descending order.
func (d *DB) ReverseIterator(start, end []byte) (dbm.Iterator, error) {
	return d.iterate(start, end, true)
}

func (d *DB) iterate(start, end []byte, reverse bool) (dbm.Iterator, error) {
	if start != nil && len(start) == 0 || end != nil && len(end) == 0 {
		return nil, errKeyEmpty
	}
	i := &iterator{db: d, start: start, end: end, reverse: reverse}
	s := d.store
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.db == nil || d.closed.Load() {
		return i, nil
	}
	upper := d.end
	if end != nil {
		upper = d.key(end)
	}
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: d.key(start), UpperBound: upper})
	if err != nil {
		return nil, err
	}
	i.it = it
	s.imu.Lock()
	s.iters[i] = struct{}{}
	s.imu.Unlock()
	if reverse {
		i.read(it.Last())
	} else {
		i.read(it.First())
	}
	return i, nil
}

// read copies the current pair: callers keep what they get.
func (i *iterator) read(ok bool) {
	if !ok {
		i.key, i.value, i.err = nil, nil, i.it.Error()
		return
	}
	i.key, i.value = bytes.Clone(i.it.Key()[len(i.db.prefix):]), append([]byte{}, i.it.Value()...)
}

// Domain implements dbm.Iterator.
func (i *iterator) Domain() (start, end []byte) { return i.start, i.end }

// Valid implements dbm.Iterator.
func (i *iterator) Valid() bool { return i.key != nil }

// Next implements dbm.Iterator.
func (i *iterator) Next() {
	if i.key == nil {
		panic("cometdb: Next of an iterator at its end")
	}
	i.db.store.mu.RLock()
	defer i.db.store.mu.RUnlock()
	switch {
	case i.it == nil:
		i.key, i.value = nil, nil
	case i.reverse:
		i.read(i.it.Prev())
	default:
		i.read(i.it.Next())
	}
}

// Key implements dbm.Iterator.
func (i *iterator) Key() []byte {
	if i.key == nil {
		panic("cometdb: Key of an iterator at its end")
	}
	return i.key
}

// Value implements dbm.Iterator.
func (i *iterator) Value() []byte {
	if i.key == nil {
		panic("cometdb: Value of an iterator at its end")
	}
	return i.value
}

// Error implements dbm.Iterator.
func (i *iterator) Error() error { return i.err }

// Close implements dbm.Iterator.
func (i *iterator) Close() error {
	s := i.db.store
	s.mu.RLock()
	defer s.mu.RUnlock()
	i.key, i.value = nil, nil
	if i.it == nil {
		return nil
	}
	s.imu.Lock()
	delete(s.iters, i)
	s.imu.Unlock()
	err := i.it.Close()
	i.it = nil
	return err
}
