package cometdb

import (
	"errors"

	dbm "github.com/cometbft/cometbft-db"

	"github.com/gocess/gocess/ledger/state"
)

// iterator goes through a range of keys as of its creation. It is for one
// goroutine; closing the store ends it.
type iterator struct {
	db         *DB
	it         *state.SideIterator // nil at an empty store and once closed
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
	if d.over() {
		return i, nil
	}
	it, err := d.store.side.Iter(d.key(start), d.upper(end))
	if errors.Is(err, state.ErrClosed) {
		return i, nil
	}
	if err != nil {
		return nil, err
	}
	i.it = it
	if reverse {
		i.stand(it.Last())
	} else {
		i.stand(it.First())
	}
	return i, nil
}

// stand takes the pair that the iterator came to. The end of the store is the
// end of the range.
func (i *iterator) stand(key, value []byte, err error) {
	if errors.Is(err, state.ErrClosed) {
		err = nil
	}
	i.key, i.value, i.err = nil, nil, err
	if err == nil && key != nil {
		i.key, i.value = key[len(i.db.prefix):], value
	}
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
	switch {
	case i.db.store.closed.Load():
		i.key, i.value = nil, nil
	case i.reverse:
		i.stand(i.it.Prev())
	default:
		i.stand(i.it.Next())
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
	it := i.it
	i.it, i.key, i.value = nil, nil, nil
	if it == nil {
		return nil
	}
	return it.Close()
}
