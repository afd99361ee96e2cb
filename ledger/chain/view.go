package chain

import (
	"bytes"
	"fmt"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/substrate"
)

// View is the state after a block, as the runtime reads it. Close it when
// done. It may be used by several goroutines.
type View struct {
	*state.View
	ref Ref
}

// View opens the state after the block with the given hash: ErrUnknownBlock, or
// state.ErrPruned when its state is no longer kept.
func (c *Chain) View(hash substrate.H256) (*View, error) {
	number, err := c.NumberOf(hash)
	if err != nil {
		return nil, err
	}
	return c.open(Ref{number, hash})
}

// BestView opens the state after the best block.
func (c *Chain) BestView() (*View, error) { return c.open(c.Best()) }

func (c *Chain) open(at Ref) (*View, error) {
	v, err := c.store.At(uint64(at.Number))
	if err != nil {
		return nil, fmt.Errorf("state of block %d: %w", at.Number, err)
	}
	return &View{v, at}, nil
}

// Ref names the block.
func (v *View) Ref() Ref { return v.ref }

// Parent is the block as the parent of the one to run next.
func (v *View) Parent() runtime.Parent {
	return runtime.Parent{State: v, Number: v.ref.Number, Hash: v.ref.Hash}
}

// Scan calls fn for the pairs under prefix with a key greater than startAfter,
// in ascending order, until fn returns false. fn may keep its arguments.
func (v *View) Scan(prefix, startAfter []byte, fn func(key, value []byte) bool) error {
	it := v.Iter(prefix, startAfter)
	for it.Next() && fn(bytes.Clone(it.Key()), bytes.Clone(it.Value())) {
	}
	return it.Close()
}
