package state

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Prune removes what only heights beyond the retention can read, until none is
// left or ctx ends. Heights below an open view wait until it is closed. It works
// in steps of at most a few thousand deletions, each atomic, and can be stopped
// after any.
func (s *Store) Prune(ctx context.Context) error {
	s.pruneMu.Lock()
	defer s.pruneMu.Unlock()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		more, err := s.pruneStep()
		if err != nil || !more {
			return err
		}
	}
}

// pruneStep applies one chunk of a superseded list, first that of the oldest
// height if it is not finished, else that of the height to become the oldest.
func (s *Store) pruneStep() (more bool, err error) {
	if err := s.enter(); err != nil {
		return false, err
	}
	defer s.leave()
	list, chunk := s.oldestHeight(), s.chunk
	if s.pinnedBelow(list) {
		return false, nil // readers of what a restored state has replaced
	}
	encoded, err := s.record(supersededKey(list, chunk))
	if err != nil {
		return false, fmt.Errorf("prune: %w", err)
	}
	if encoded == nil {
		if !s.raiseOldest() {
			return false, nil
		}
		list, chunk = list+1, 0
		if encoded, err = s.record(supersededKey(list, chunk)); err != nil {
			return false, fmt.Errorf("prune: %w", err)
		}
	}
	err = s.fault.do(func() error { return s.applySuperseded(list, chunk, encoded) })
	if err != nil {
		return false, fmt.Errorf("prune height %d: %w", list, err)
	}
	s.chunk = chunk + 1
	return true, nil
}

func (s *Store) oldestHeight() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.oldest
}

func (s *Store) pinnedBelow(height uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for pinned := range s.pins {
		if pinned < height {
			return true
		}
	}
	return false
}

// raiseOldest takes the oldest height from readers, if the retention and the
// open views allow.
func (s *Store) raiseOldest() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if keep := s.opts.retention; keep == 0 || !s.head.ok || s.head.height-s.oldest < keep {
		return false
	}
	for height := range s.pins {
		if height <= s.oldest {
			return false
		}
	}
	s.oldest++
	return true
}

// applySuperseded deletes what a chunk of the list of height names, the chunk
// itself, and the root of the height before.
func (s *Store) applySuperseded(height uint64, chunk uint32, encoded []byte) (err error) {
	it, err := s.db.NewIter(nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	b := s.db.NewBatch()
	defer b.Close()
	var key []byte
	err = readSuperseded(height, encoded, func(e superseded) error {
		key = appendName(key[:0], e.kind, e.name)
		end := len(key)
		if e.deleted {
			key = appendVersion(key, height)
			if err := b.Delete(key, nil); err != nil {
				return err
			}
		}
		if e.known {
			return b.Delete(appendVersion(key[:end], e.version), nil)
		}
		// Usually there is one, as older ones went with the lists of earlier heights.
		// To look for them would pass all that the database still keeps of those,
		// which is much for what changes with every block.
		for ok := it.SeekPrefixGE(appendVersion(key[:end], height-1)); ok; ok = e.all && it.Next() {
			if err := b.Delete(it.Key(), nil); err != nil {
				return err
			}
		}
		return it.Error()
	})
	if err != nil {
		return err
	}
	if err := b.Delete(supersededKey(height, chunk), nil); err != nil {
		return err
	}
	if err := b.Delete(rootKey(height-1), nil); err != nil {
		return err
	}
	if err := b.Set(metaKey(metaPruned), encodePruned(height, chunk+1), nil); err != nil {
		return err
	}
	return b.Commit(pebble.NoSync)
}

// startPruner prunes after each commit until Close.
func (s *Store) startPruner() {
	ctx, cancel := context.WithCancel(context.Background())
	s.stopPruner = cancel
	s.wakePruner = make(chan struct{}, 1)
	s.prunerDone = make(chan struct{})
	s.wakePruner <- struct{}{}
	go func() {
		defer close(s.prunerDone)
		for {
			select {
			case <-ctx.Done():
				return
			case <-s.wakePruner:
			}
			err := s.Prune(ctx)
			if err != nil && ctx.Err() == nil {
				s.opts.log.Error("state pruning stopped", "err", err)
				return
			}
		}
	}()
}
