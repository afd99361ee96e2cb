package state

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Commit makes a staged block and its side records durable in one atomic,
// synced batch and publishes its height. A record in aux replaces the one with
// its key, or deletes it when its value is nil. Views may read meanwhile.
//
// It returns ErrStale, without changing anything, when another block has been
// committed at this height. Any other error comes from the disk and stops the
// store, see ErrFailed.
func (s *Store) Commit(p *Staged, aux []KV) error { return s.commit(p, aux, pebble.Sync) }

// CommitLazily is Commit, except that the block becomes durable with the next
// Commit: a crash before that may lose it, and with it all that were committed
// lazily after it, but no part of one and none in between. It is for blocks that
// can be had again.
func (s *Store) CommitLazily(p *Staged, aux []KV) error { return s.commit(p, aux, pebble.NoSync) }

func (s *Store) commit(p *Staged, aux []KV, durability *pebble.WriteOptions) error {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if s.restore != nil {
		return fmt.Errorf("commit %d: %w", p.height, ErrRestoring)
	}
	s.mu.Lock()
	head := s.head
	s.mu.Unlock()
	if p.store != s || p.parent != head {
		return fmt.Errorf("commit %d after %d: %w", p.height, head.height, ErrStale)
	}
	err := s.fault.do(func() error {
		b := s.db.NewBatchWithSize(p.batchSize())
		defer b.Close()
		if err := p.fill(b, aux, !head.ok); err != nil {
			return err
		}
		return b.Commit(durability)
	})
	if err != nil {
		return fmt.Errorf("commit %d: %w", p.height, err)
	}
	p.cache()
	s.publish(p.height, p.root, !head.ok)
	return nil
}

// batchSize estimates the size of the block's batch in bytes.
func (p *Staged) batchSize() int {
	const perRecord = 32
	size := 4096
	for _, c := range p.changes {
		size += 2*len(c.Key) + len(c.Value) + perRecord
	}
	for _, n := range p.nodes {
		size += 2*len(n.path) + len(n.encoded) + perRecord
	}
	return size
}

// fill writes the block into the batch.
func (p *Staged) fill(b *pebble.Batch, aux []KV, first bool) error {
	list := supersededWriter{height: p.height, emit: func(chunk uint32, encoded []byte) error {
		return b.Set(supersededKey(p.height, chunk), encoded, nil)
	}}
	for i, c := range p.changes {
		e := p.effects[i]
		if e == effectNone {
			continue
		}
		if err := setVersion(b, kindValue, c.Key, p.height, c.Value); err != nil {
			return err
		}
		if e == effectInsert {
			continue
		}
		old, version, ok := p.store.values.get(c.Key, p.height)
		err := list.add(superseded{
			kind: kindValue, name: c.Key, deleted: e == effectDelete,
			known: ok && old != nil, version: version,
		})
		if err != nil {
			return err
		}
	}
	for _, n := range p.nodes {
		if err := setVersion(b, kindNode, n.path, p.height, n.encoded); err != nil {
			return err
		}
		if n.old == nil {
			continue
		}
		err := list.add(superseded{
			kind: kindNode, name: n.path, deleted: n.encoded == nil,
			known: n.old.known, version: n.old.version,
		})
		if err != nil {
			return err
		}
	}
	if err := list.flush(); err != nil {
		return err
	}
	if err := setAux(b, aux); err != nil {
		return err
	}
	if first {
		if err := b.Set(metaKey(metaFormat), []byte{layoutVersion}, nil); err != nil {
			return err
		}
		if err := b.Set(metaKey(metaPruned), encodePruned(p.height, 0), nil); err != nil {
			return err
		}
	}
	if err := b.Set(rootKey(p.height), p.root[:], nil); err != nil {
		return err
	}
	return b.Set(metaKey(metaHead), encodeHead(p.height, p.root), nil)
}

// setAux writes side records.
func setAux(b *pebble.Batch, aux []KV) error {
	for _, r := range aux {
		key := appendName(nil, kindAux, r.Key)
		if r.Value == nil {
			if err := b.Delete(key, nil); err != nil {
				return err
			}
		} else if err := b.Set(key, r.Value, nil); err != nil {
			return err
		}
	}
	return nil
}

// setVersion writes a version of a record; nil data marks it deleted.
func setVersion(b *pebble.Batch, kind byte, name []byte, height uint64, data []byte) error {
	size := 0
	if data != nil {
		size = 1 + len(data)
	}
	op := b.SetDeferred(1+len(name)+1+versionLen, size)
	appendVersion(appendName(op.Key[:0], kind, name), height)
	if data != nil {
		op.Value[0] = liveMark
		copy(op.Value[1:], data)
	}
	return op.Finish()
}

// cache puts the new versions into the caches, which take nothing from readers
// of lower heights from here on.
func (p *Staged) cache() {
	s := p.store
	s.values.advance(p.height)
	s.nodes.advance(p.height)
	for i, c := range p.changes {
		if p.effects[i] == effectNone {
			continue
		}
		var value []byte
		if c.Value != nil {
			value = append(make([]byte, 0, len(c.Value)), c.Value...)
		}
		s.values.put(p.height, c.Key, value, p.height)
	}
	for _, n := range p.nodes {
		if isBranch(n.encoded) {
			s.nodes.put(p.height, n.path, n.encoded, p.height)
		} else {
			s.nodes.drop(n.path)
		}
	}
}

// publish lets readers see a height, the only one if it is the first, and wakes
// the pruner.
func (s *Store) publish(height uint64, root [hashSize]byte, first bool) {
	s.mu.Lock()
	s.head = head{ok: true, height: height, root: root}
	if first {
		s.oldest = height
	}
	s.mu.Unlock()
	if s.wakePruner != nil {
		select {
		case s.wakePruner <- struct{}{}:
		default:
		}
	}
}
