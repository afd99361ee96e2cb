package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Restore is a state on its way into the store. Its pairs are written under its
// height as they arrive, where no reader finds them: heights above the last
// committed one are not readable. Commit publishes all of it in one step. A
// crash before that, and Abort, leave the store as it was: versions above the
// head are removed, which a mark written first says are there.
//
// It is for one goroutine.
type Restore struct {
	store  *Store
	height uint64

	split   splitter
	builder builder
	root    [hashSize]byte
	rooted  bool // builder has ended
	batch   *pebble.Batch
	last    []byte // the last key, nil before the first
	pairs   uint64
	done    bool
}

// restoreBatch is about how many bytes are written at a time.
const restoreBatch = 4 << 20

// Restore begins to replace the state by that of a later height, or to fill an
// empty store. Nothing else can be committed until it is committed or aborted.
// It returns ErrStale for a height that is committed already.
func (s *Store) Restore(height uint64) (*Restore, error) {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	if s.restore != nil {
		return nil, ErrRestoring
	}
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if head, ok := s.Height(); ok && height <= head {
		return nil, fmt.Errorf("restore %d after %d: %w", height, head, ErrStale)
	}
	mark := binary.BigEndian.AppendUint64(nil, height)
	if err := s.fault.do(func() error { return s.db.Set(metaKey(metaRestore), mark, pebble.Sync) }); err != nil {
		return nil, fmt.Errorf("restore %d: %w", height, err)
	}
	r := &Restore{store: s, height: height, batch: s.db.NewBatch()}
	r.builder = builder{version: V1, emit: func(path, encoded []byte) error {
		return setVersion(r.batch, kindNode, path, height, encoded)
	}}
	s.restore = r
	return r, nil
}

// Write takes the next bytes of the state's stream. It returns ErrInvalidChanges
// for bytes that are no stream of ascending keys; nothing but Abort makes sense
// after an error.
func (r *Restore) Write(p []byte) (int, error) {
	if err := r.write(p); err != nil {
		return 0, fmt.Errorf("restore %d: %w", r.height, err)
	}
	return len(p), nil
}

func (r *Restore) write(p []byte) error {
	if r.done || r.rooted {
		return ErrClosed
	}
	if err := r.store.enter(); err != nil {
		return err
	}
	defer r.store.leave()
	if err := r.split.add(p, r.add); err != nil {
		return err
	}
	if r.batch.Len() < restoreBatch {
		return nil
	}
	return r.flush()
}

func (r *Restore) add(key, value []byte) error {
	if r.last != nil && bytes.Compare(r.last, key) >= 0 {
		return fmt.Errorf("%w: key %x does not follow %x", ErrInvalidChanges, key, r.last)
	}
	r.last = append(r.last[:0], key...)
	if r.last == nil {
		r.last = []byte{}
	}
	r.pairs++
	r.builder.add(key, value)
	if err := r.builder.err; err != nil {
		return err
	}
	if err := setVersion(r.batch, kindValue, key, r.height, value); err != nil {
		return err
	}
	if r.batch.Len() < restoreBatch {
		return nil
	}
	return r.flush()
}

// flush writes what has been collected. It becomes durable with the commit.
func (r *Restore) flush() error {
	err := r.store.fault.do(func() error { return r.batch.Commit(pebble.NoSync) })
	if err != nil {
		return err
	}
	if err := r.batch.Close(); err != nil {
		return err
	}
	r.batch = r.store.db.NewBatch()
	return nil
}

// Pairs is how many pairs have been written.
func (r *Restore) Pairs() uint64 { return r.pairs }

// Get returns the value of a key that has been written, nil if it has not.
func (r *Restore) Get(key []byte) ([]byte, error) {
	if r.done {
		return nil, ErrClosed
	}
	if err := r.store.enter(); err != nil {
		return nil, err
	}
	defer r.store.leave()
	if err := r.flush(); err != nil {
		return nil, err
	}
	it, err := r.store.newIter(nil)
	if err != nil {
		return nil, err
	}
	value, version, err := seekVersion(it, kindValue, key, r.height)
	if err = errors.Join(err, r.store.closeIter(it)); err != nil || version != r.height {
		return nil, err
	}
	return value, nil
}

// Root ends the stream and returns the state's root. It returns
// ErrInvalidChanges when the stream ends within a pair.
func (r *Restore) Root() ([32]byte, error) {
	switch {
	case r.done:
		return r.root, ErrClosed
	case r.rooted:
		return r.root, nil
	}
	if err := r.store.enter(); err != nil {
		return r.root, err
	}
	defer r.store.leave()
	if err := r.split.finish(); err != nil {
		return r.root, fmt.Errorf("restore %d: %w", r.height, err)
	}
	r.root, r.rooted = r.builder.root(), true
	return r.root, r.builder.err
}

// Commit publishes the state and side records as the store's only height, if
// root is the state's; else it returns ErrOtherState and the caller aborts. Views
// that are open stay as they are; what they read is pruned when they are closed.
func (r *Restore) Commit(root [32]byte, aux []KV) error {
	got, err := r.Root()
	if err != nil {
		return err
	}
	if got != root {
		return fmt.Errorf("restore %d: %w: %x, want %x", r.height, ErrOtherState, got, root)
	}
	s := r.store
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	s.pruneMu.Lock()
	defer s.pruneMu.Unlock()
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if err := r.flush(); err != nil {
		return fmt.Errorf("restore %d: %w", r.height, err)
	}
	err = s.fault.do(func() error {
		if err := r.fill(r.batch, aux); err != nil {
			return err
		}
		return r.batch.Commit(pebble.Sync)
	})
	if err != nil {
		return fmt.Errorf("restore %d: %w", r.height, err)
	}
	r.done, s.restore, s.chunk = true, nil, 0
	s.values.reset(r.height)
	s.nodes.reset(r.height)
	s.publish(r.height, r.root, true)
	return r.batch.Close()
}

// fill makes the batch that publishes the state.
func (r *Restore) fill(b *pebble.Batch, aux []KV) error {
	for _, kind := range []byte{kindRoot, kindSuperseded} {
		lower, upper := rangeOf(kind, nil, nil)
		if err := b.DeleteRange(lower, upper, nil); err != nil {
			return err
		}
	}
	list := supersededWriter{height: r.height, emit: func(chunk uint32, encoded []byte) error {
		return b.Set(supersededKey(r.height, chunk), encoded, nil)
	}}
	for _, kind := range []byte{kindValue, kindNode} {
		if err := r.supersede(b, &list, kind); err != nil {
			return err
		}
	}
	if err := list.flush(); err != nil {
		return err
	}
	if err := setAux(b, aux); err != nil {
		return err
	}
	for _, meta := range []KV{
		{metaKey(metaFormat), []byte{layoutVersion}},
		{metaKey(metaPruned), encodePruned(r.height, 0)},
		{metaKey(metaHead), encodeHead(r.height, r.root)},
		{rootKey(r.height), r.root[:]},
	} {
		if err := b.Set(meta.Key, meta.Value, nil); err != nil {
			return err
		}
	}
	return b.Delete(metaKey(metaRestore), nil)
}

// supersede marks what the restored state does not have as deleted, and lists
// every older version for pruning.
func (r *Restore) supersede(b *pebble.Batch, list *supersededWriter, kind byte) error {
	if _, ok := r.store.Height(); !ok {
		return nil
	}
	lower, upper := rangeOf(kind, nil, nil)
	it, err := r.store.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return err
	}
	var restored []byte // the last name that the state has, with its kind
	for ok := it.First(); ok && err == nil; {
		key := it.Key()
		name := key[:splitKey(key)]
		if versionOf(key) == r.height {
			restored = append(restored[:0], name...)
			ok = it.Next()
			continue
		}
		// The newest of the older versions.
		replaced := bytes.Equal(restored, name)
		if !replaced {
			err = setVersion(b, kind, nameOf(key), r.height, nil)
		}
		if err == nil {
			err = list.add(superseded{kind: kind, name: nameOf(key), deleted: !replaced, all: true})
		}
		ok = it.NextPrefix()
	}
	return errors.Join(err, it.Error(), it.Close())
}

// Abort removes what has been written and lets the store go on. It may be called
// more than once, also after Commit.
func (r *Restore) Abort() error {
	s := r.store
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	if r.done {
		return nil
	}
	r.done, s.restore = true, nil
	if err := s.enter(); err != nil {
		return err // opening the store again removes it
	}
	defer s.leave()
	if err := errors.Join(r.batch.Close(), s.fault.do(s.dropUnfinished)); err != nil {
		return fmt.Errorf("abort restore %d: %w", r.height, err)
	}
	return nil
}

// dropUnfinished removes what an unfinished restore has written: the versions
// above the head.
func (s *Store) dropUnfinished() error {
	mark, err := s.record(metaKey(metaRestore))
	if err != nil || mark == nil {
		return err
	}
	head, ok := s.Height()
	for _, kind := range []byte{kindValue, kindNode} {
		if err := s.dropAbove(kind, head, ok); err != nil {
			return err
		}
	}
	return s.db.Delete(metaKey(metaRestore), pebble.Sync)
}

func (s *Store) dropAbove(kind byte, head uint64, ok bool) (err error) {
	lower, upper := rangeOf(kind, nil, nil)
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	b := s.db.NewBatch()
	defer func() { err = errors.Join(err, b.Close()) }()
	for more := it.First(); more; more = it.Next() {
		if ok && versionOf(it.Key()) <= head {
			continue
		}
		if err := b.Delete(it.Key(), nil); err != nil {
			return err
		}
		if b.Len() < restoreBatch {
			continue
		}
		if err := b.Commit(pebble.NoSync); err != nil {
			return err
		}
		b.Reset()
	}
	if err := it.Error(); err != nil {
		return err
	}
	return b.Commit(pebble.NoSync)
}
