package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// Verify recomputes the trie at height from the values alone and compares its
// root with the one that was committed and its nodes with those that are stored.
// It returns ErrCorrupt if they differ, and the errors of At. It reads every
// value, in little memory. progress, if given, hears now and then how many pairs
// have been read.
func (s *Store) Verify(ctx context.Context, height uint64, progress ...func(pairs uint64)) error {
	view, err := s.At(height)
	if err != nil {
		return err
	}
	err = verify(ctx, view, progress)
	return errors.Join(err, view.Close())
}

// tellEvery is how many pairs pass between two reports of progress.
const tellEvery = 1 << 14

func verify(ctx context.Context, view *View, progress []func(uint64)) error {
	b := builder{version: V1, emit: func(path, encoded []byte) error {
		stored, err := view.node(path)
		if err == nil && !bytes.Equal(stored.encoded, encoded) {
			err = fmt.Errorf("%w: trie node at path %x differs from the values", ErrCorrupt, path)
		}
		return err
	}}
	it := view.Iter(nil, nil)
	pairs := uint64(0)
	for ctx.Err() == nil && b.err == nil && it.Next() {
		b.add(it.Key(), it.Value())
		if pairs++; pairs%tellEvery == 0 {
			for _, tell := range progress {
				tell(pairs)
			}
		}
	}
	if err := errors.Join(ctx.Err(), it.Close()); err != nil {
		return err
	}
	root := b.root()
	if root != view.root && b.err == nil {
		return fmt.Errorf("%w: values at %d have root %x, want %x", ErrCorrupt, view.height, root, view.root)
	}
	return b.err
}
