package state

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"
)

// Iterator goes through keys in ascending byte order. It is for one goroutine.
//
//	it := view.Iter(prefix, nil)
//	for it.Next() {
//		use(it.Key(), it.Value())
//	}
//	err := it.Close()
type Iterator struct {
	store     *Store
	view      *View // nil: unversioned records
	it        *pebble.Iterator
	started   bool
	err       error
	key, data []byte
}

// Iter goes through the keys that start with prefix and are greater than
// startAfter (nil = from the first; it need not exist), as of the view's height.
func (v *View) Iter(prefix, startAfter []byte) *Iterator {
	return v.store.iterate(v, kindValue, prefix, startAfter)
}

// AuxIter goes through the side records whose key starts with prefix and is
// greater than startAfter, as of the last commit before the call.
func (s *Store) AuxIter(prefix, startAfter []byte) *Iterator {
	return s.iterate(nil, kindAux, prefix, startAfter)
}

// Aux returns the side record of key, nil if it is absent. The caller owns it.
func (s *Store) Aux(key []byte) ([]byte, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	return s.record(appendName(nil, kindAux, key))
}

func (s *Store) iterate(v *View, kind byte, prefix, startAfter []byte) *Iterator {
	i := &Iterator{store: s, view: v}
	if v != nil && v.closed.Load() {
		i.err = ErrClosed
		return i
	}
	if i.err = s.enter(); i.err != nil {
		return i
	}
	defer s.leave()
	lower, upper := rangeOf(kind, prefix, startAfter)
	i.it, i.err = s.newIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	return i
}

// Next moves to the next key and tells whether there is one. It ends early on an
// error, which Close returns.
func (i *Iterator) Next() bool {
	if i.err != nil {
		return false
	}
	if i.view != nil && i.view.closed.Load() {
		i.err = ErrClosed
		return false
	}
	if i.err = i.store.enter(); i.err != nil {
		return false
	}
	defer i.store.leave()
	if i.view == nil {
		return i.nextRecord()
	}
	return i.nextVersion()
}

func (i *Iterator) nextRecord() bool {
	ok := false
	if i.started {
		ok = i.it.Next()
	} else {
		ok = i.it.First()
	}
	i.started = true
	if !ok {
		i.err = i.it.Error()
		return false
	}
	key := i.it.Key()
	return i.read(key[1:len(key)-1], 0)
}

// nextVersion moves to the next name that has a live version at the view's
// height. Newer versions come first under each name.
func (i *Iterator) nextVersion() bool {
	for ok := i.advance(); ok; {
		key := i.it.Key()
		if versionOf(key) > i.view.height {
			// Either the version wanted, or the first one of a later name.
			name := append([]byte(nil), key[:splitKey(key)]...)
			ok = i.it.SeekGE(appendVersion(name, i.view.height))
			continue
		}
		data, err := i.it.ValueAndErr()
		if err != nil {
			i.err = err
			return false
		}
		if len(data) > 0 {
			return i.read(nameOf(key), 1)
		}
		ok = i.it.NextPrefix()
	}
	i.err = i.it.Error()
	return false
}

func (i *Iterator) advance() bool {
	if i.started {
		return i.it.NextPrefix()
	}
	i.started = true
	return i.it.First()
}

// read copies the current entry, without the first skip bytes of its data.
func (i *Iterator) read(name []byte, skip int) bool {
	data, err := i.it.ValueAndErr()
	if err != nil {
		i.err = err
		return false
	}
	i.key = append(i.key[:0], name...)
	i.data = append(i.data[:0], data[skip:]...)
	return true
}

// Key returns the current key. It is valid until the next call of Next.
func (i *Iterator) Key() []byte { return i.key }

// Value returns the current value. It is valid until the next call of Next.
func (i *Iterator) Value() []byte { return i.data }

// Close ends the iteration and returns its error, if any.
func (i *Iterator) Close() error {
	if i.it == nil || i.store.enter() != nil {
		return i.err // Close of the store takes care of the rest
	}
	defer i.store.leave()
	err := errors.Join(i.err, i.store.closeIter(i.it))
	i.it = nil
	return err
}
