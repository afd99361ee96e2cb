package state

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// View is the state as of one committed height. It may be used from several
// goroutines and keeps its height from being pruned until it is closed.
type View struct {
	store  *Store
	height uint64
	root   [hashSize]byte

	closed atomic.Bool
	mu     sync.Mutex                  // guards idle
	idle   map[byte][]*pebble.Iterator // for point reads, by kind
}

// maxIdle bounds the iterators of a kind that a view keeps between point reads.
const maxIdle = 8

// At opens the state as of height. It returns ErrFuture above the last
// committed height and ErrPruned below the oldest retained one.
func (s *Store) At(height uint64) (*View, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	return s.at(height)
}

func (s *Store) at(height uint64) (*View, error) {
	s.mu.Lock()
	head := s.head
	switch {
	case !head.ok || height > head.height:
		s.mu.Unlock()
		return nil, fmt.Errorf("state at %d: %w", height, ErrFuture)
	case height < s.oldest:
		s.mu.Unlock()
		return nil, fmt.Errorf("state at %d: %w", height, ErrPruned)
	}
	s.pins[height]++
	s.mu.Unlock()
	v := &View{store: s, height: height, root: head.root, idle: make(map[byte][]*pebble.Iterator, 2)}
	if height == head.height {
		return v, nil
	}
	root, err := s.record(rootKey(height))
	if err == nil && len(root) != hashSize {
		err = ErrCorrupt
	}
	if err != nil {
		s.unpin(height)
		return nil, fmt.Errorf("state root at %d: %w", height, err)
	}
	v.root = [hashSize]byte(root)
	return v, nil
}

func (s *Store) unpin(height uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pins[height]--; s.pins[height] == 0 {
		delete(s.pins, height)
	}
}

// Height returns the height the view was opened at.
func (v *View) Height() uint64 { return v.height }

// Root returns the state root.
func (v *View) Root() [32]byte { return v.root }

// Get returns the value of key, nil if it is absent. An empty value is not nil.
// The caller owns the result.
func (v *View) Get(key []byte) ([]byte, error) {
	value, _, err := v.lookup(v.store.values, kindValue, key)
	if err != nil || value == nil {
		return nil, err
	}
	return append(make([]byte, 0, len(value)), value...), nil
}

// lookup returns the newest version of a versioned record as of the view's
// height, and the height it was written at. It must not be changed.
func (v *View) lookup(c *cache, kind byte, name []byte) (data []byte, version uint64, err error) {
	if v.closed.Load() || v.store.closed.Load() {
		return nil, 0, ErrClosed
	}
	if err := v.store.fault.get(); err != nil {
		return nil, 0, err
	}
	if data, version, ok := c.get(name, v.height); ok {
		return data, version, nil
	}
	if err := v.store.enter(); err != nil {
		return nil, 0, err
	}
	defer v.store.leave()
	it, err := v.take(kind)
	if err != nil {
		return nil, 0, err
	}
	data, version, err = seekVersion(it, kind, name, v.height)
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("read state at %d: %w", v.height, err), v.store.closeIter(it))
	}
	if err := v.give(kind, it); err != nil {
		return nil, 0, err
	}
	if kind == kindValue || isBranch(data) {
		// Leaves come from the values they hold, see openLeaf.
		c.put(v.height, name, data, version)
	}
	return data, version, nil
}

// seekVersion finds the newest version of name at or below height: the first
// entry at or after that version in key order. It returns a copy, nil when the
// name is absent or deleted.
func seekVersion(it *pebble.Iterator, kind byte, name []byte, height uint64) ([]byte, uint64, error) {
	key := make([]byte, 0, 1+len(name)+1+versionLen)
	key = appendVersion(appendName(key, kind, name), height)
	if !it.SeekPrefixGE(key) {
		return nil, 0, it.Error()
	}
	stored, err := it.ValueAndErr()
	if err != nil {
		return nil, 0, err
	}
	version := versionOf(it.Key())
	if len(stored) == 0 {
		return nil, version, nil
	}
	return append(make([]byte, 0, len(stored)-1), stored[1:]...), version, nil
}

// A stored version is liveMark ∥ data, or empty when the name was deleted.
const liveMark = 1

// take hands out an iterator for point reads. One that was opened at any time
// after the view serves it, since nothing at or below its height changes.
//
// Values are often looked up that do not exist, and a filter on the last level
// saves their disk access; nodes are only looked up where they exist.
func (v *View) take(kind byte) (*pebble.Iterator, error) {
	v.mu.Lock()
	if n := len(v.idle[kind]); n > 0 {
		it := v.idle[kind][n-1]
		v.idle[kind] = v.idle[kind][:n-1]
		v.mu.Unlock()
		return it, nil
	}
	v.mu.Unlock()
	return v.store.newIter(&pebble.IterOptions{UseL6Filters: kind == kindValue})
}

// give takes an iterator back. It returns ErrClosed when the view was closed
// meanwhile: its height may have been pruned under the iterator.
func (v *View) give(kind byte, it *pebble.Iterator) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case v.closed.Load():
		return errors.Join(ErrClosed, v.store.closeIter(it))
	case len(v.idle[kind]) == maxIdle:
		return v.store.closeIter(it)
	}
	v.idle[kind] = append(v.idle[kind], it)
	return nil
}

// Close releases the view. It may be called more than once.
func (v *View) Close() error {
	v.mu.Lock()
	again := v.closed.Swap(true)
	idle := v.idle
	v.idle = nil
	v.mu.Unlock()
	if again {
		return nil
	}
	v.store.unpin(v.height)
	if v.store.enter() != nil {
		return nil // Close of the store takes care of the iterators
	}
	defer v.store.leave()
	var err error
	for _, its := range idle {
		for _, it := range its {
			err = errors.Join(err, v.store.closeIter(it))
		}
	}
	return err
}
