package state

import (
	"bytes"
	"fmt"
	"slices"
)

// Staged is a block's state computed but not committed. It holds its changes
// and new trie nodes in memory.
type Staged struct {
	store   *Store
	parent  head // what the block builds upon
	height  uint64
	root    [hashSize]byte
	changes []KV
	effects []effect    // by change
	nodes   []nodeWrite // trie nodes to write
}

// effect is what a change does to the state before it.
type effect uint8

const (
	effectNone   effect = iota // same value again, or deletion of an absent key
	effectInsert               // the key was absent
	effectUpdate
	effectDelete
)

// nodeWrite is a new version of the trie node at a path.
type nodeWrite struct {
	path    []byte  // stored form
	encoded []byte  // nil: there is no node any more
	old     *record // what was stored at this path, nil if nothing
}

// Stage computes the state after changes, which must be sorted by key and
// unique, as a candidate for height: the one after the last committed height,
// or any in an empty store. It writes nothing. The caller must not modify the
// changes afterwards. Only the paths of changed keys are read and hashed.
//
// It returns ErrStale when height is committed already, ErrFuture when heights
// before it are missing, and ErrInvalidChanges.
func (s *Store) Stage(height uint64, changes []KV) (*Staged, error) {
	if err := checkChanges(changes); err != nil {
		return nil, err
	}
	base, err := s.base(height)
	if err != nil {
		return nil, err
	}
	p := &Staged{store: s, height: height, root: emptyRoot, changes: changes, effects: make([]effect, len(changes))}
	u := &updater{version: V1, changes: changes, effects: p.effects, tokens: make(chan struct{}, s.opts.workers-1)}
	var root slot
	if base != nil {
		defer base.Close()
		p.parent = head{ok: true, height: base.height, root: base.root}
		p.root = base.root
		u.base = base
		if p.root != emptyRoot {
			root.ref = p.root[:]
		}
	}
	if len(changes) == 0 {
		return p, nil
	}
	if err := u.apply(&root, 0, newOps(changes)); err != nil {
		return nil, fmt.Errorf("stage %d: %w", height, err)
	}
	p.root = u.finishRoot(&root)
	p.nodes = u.writes
	return p, nil
}

// base opens the view that a block of this height builds upon, nil in an empty
// store.
func (s *Store) base(height uint64) (*View, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	for {
		s.mu.Lock()
		head := s.head
		s.mu.Unlock()
		if !head.next(height) {
			err := ErrStale
			if height > head.height {
				err = ErrFuture
			}
			return nil, fmt.Errorf("stage %d after %d: %w", height, head.height, err)
		}
		if !head.ok {
			return nil, nil
		}
		v, err := s.at(head.height)
		if err == nil || s.isHead(head.height) {
			return v, err
		}
		// Another block was committed and this height pruned in between.
	}
}

func (s *Store) isHead(height uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head.height == height
}

// Root returns the state root after the staged changes.
func (p *Staged) Root() [32]byte { return p.root }

// Height returns the height the block is a candidate for.
func (p *Staged) Height() uint64 { return p.height }

func checkChanges(changes []KV) error {
	for i, c := range changes {
		switch {
		case len(c.Key) > MaxKeySize:
			return fmt.Errorf("%w: key of %d bytes", ErrInvalidChanges, len(c.Key))
		case len(c.Value) > MaxValueSize:
			return fmt.Errorf("%w: value of %d bytes", ErrInvalidChanges, len(c.Value))
		case i > 0 && bytes.Compare(changes[i-1].Key, c.Key) >= 0:
			return fmt.Errorf("%w: key %x does not follow %x", ErrInvalidChanges, c.Key, changes[i-1].Key)
		}
	}
	return nil
}

// newOps prepares changes for the trie. Their nibbles share one array.
func newOps(changes []KV) []op {
	total := 0
	for _, c := range changes {
		total += 2 * len(c.Key)
	}
	nibbles := make([]byte, 0, total)
	ops := make([]op, len(changes))
	for i, c := range changes {
		start := len(nibbles)
		nibbles = appendNibbles(nibbles, c.Key)
		ops[i] = op{key: slices.Clip(nibbles[start:]), value: c.Value, index: i}
	}
	return ops
}
