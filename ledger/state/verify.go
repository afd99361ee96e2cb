package state

import (
	"context"
	"errors"
	"fmt"
)

// Verify recomputes the state root at height from the values alone and compares
// it with the root that was committed. It returns ErrCorrupt if they differ, and
// the errors of At. It reads every value, in little memory.
func (s *Store) Verify(ctx context.Context, height uint64) error {
	view, err := s.At(height)
	if err != nil {
		return err
	}
	err = verify(ctx, view)
	return errors.Join(err, view.Close())
}

func verify(ctx context.Context, view *View) error {
	b := builder{version: V1}
	it := view.Iter(nil, nil)
	for ctx.Err() == nil && it.Next() {
		b.add(it.Key(), it.Value())
	}
	if err := errors.Join(ctx.Err(), it.Close()); err != nil {
		return err
	}
	if root := b.root(); root != view.root {
		return fmt.Errorf("%w: values at %d have root %x, want %x", ErrCorrupt, view.height, root, view.root)
	}
	return nil
}
