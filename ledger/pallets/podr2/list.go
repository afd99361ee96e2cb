package podr2

import (
	"iter"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Add puts fragments on a miner's list; one that is there already is counted.
// It returns MalformedHash or Overflow, and then has to be rolled back.
func (API) Add(ctx *runtime.Context, miner substrate.AccountID, fragments []types.Hash) error {
	l := openList(ctx, miner)
	for _, f := range fragments {
		digest, err := f.Digest()
		if err != nil {
			return ErrMalformedHash
		}
		if err := l.add(digest); err != nil {
			return err
		}
	}
	l.close()
	return nil
}

// Remove undoes Add. It returns MalformedHash or NotListed, and then has to be
// rolled back.
func (API) Remove(ctx *runtime.Context, miner substrate.AccountID, fragments []types.Hash) error {
	l := openList(ctx, miner)
	for _, f := range fragments {
		digest, err := f.Digest()
		if err != nil {
			return ErrMalformedHash
		}
		if err := l.remove(digest); err != nil {
			return err
		}
	}
	l.close()
	return nil
}

// All lists the digests of a miner's fragments, in the order of their storage
// keys, and how often the miner was given each.
func (API) All(ctx *runtime.Context, miner substrate.AccountID) iter.Seq2[[32]byte, uint32] {
	return func(yield func([32]byte, uint32) bool) {
		for digest, slot := range FragmentSlots.IterPrefix(ctx, miner) {
			if !yield(digest, slot.Copies) {
				return
			}
		}
	}
}

// list is a miner's list while it changes.
type list struct {
	ctx    *runtime.Context
	miner  substrate.AccountID
	before uint32 // length when it was opened
	count  uint32
	frozen FrozenList // zero if none is
}

func openList(ctx *runtime.Context, miner substrate.AccountID) list {
	n := FragmentCount.Get(ctx, miner)
	frozen, _ := Frozen.Get(ctx, miner)
	return list{ctx, miner, n, n, frozen}
}

func (l *list) close() {
	switch {
	case l.count == l.before:
	case l.count == 0:
		FragmentCount.Delete(l.ctx, l.miner)
	default:
		FragmentCount.Put(l.ctx, l.miner, l.count)
	}
}

func (l *list) add(d Digest) error {
	s, ok := FragmentSlots.Get(l.ctx, l.miner, d)
	if ok {
		if s.Copies == ^uint32(0) {
			return ErrOverflow
		}
		s.Copies++
		FragmentSlots.Put(l.ctx, l.miner, d, s)
		return nil
	}
	if l.count == ^uint32(0) {
		return ErrOverflow
	}
	// A slot below the frozen count that is empty now was kept aside when it
	// was emptied.
	FragmentSlots.Put(l.ctx, l.miner, d, Slot{Index: l.count, Copies: 1})
	Fragments.Put(l.ctx, l.miner, l.count, d)
	l.count++
	return nil
}

// remove moves the last fragment into the slot that becomes free.
func (l *list) remove(d Digest) error {
	s, ok := FragmentSlots.Get(l.ctx, l.miner, d)
	if !ok {
		return ErrNotListed
	}
	if s.Copies > 1 {
		s.Copies--
		FragmentSlots.Put(l.ctx, l.miner, d, s)
		return nil
	}
	last := l.count - 1
	l.keep(s.Index, d)
	if s.Index != last {
		moved, ok := Fragments.Get(l.ctx, l.miner, last)
		if !ok {
			return ErrNotListed
		}
		l.keep(last, moved)
		Fragments.Put(l.ctx, l.miner, s.Index, moved)
		if err := FragmentSlots.Mutate(l.ctx, l.miner, moved, ErrNotListed, func(m *Slot) error {
			m.Index = s.Index
			return nil
		}); err != nil {
			return err
		}
	}
	Fragments.Delete(l.ctx, l.miner, last)
	FragmentSlots.Delete(l.ctx, l.miner, d)
	l.count = last
	return nil
}

// keep puts the content of a slot aside, before its first change, if an open
// challenge may ask for it.
func (l *list) keep(slot uint32, content Digest) {
	if slot >= l.frozen.Count {
		return
	}
	if id := (FrozenID{l.miner, l.frozen.Start}); !FrozenSlots.Contains(l.ctx, id, slot) {
		FrozenSlots.Put(l.ctx, id, slot, content)
	}
}
