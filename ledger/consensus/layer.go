package consensus

import (
	"bytes"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
)

// layer reads a state with a block's changes on top, before they are committed.
type layer struct {
	base runtime.Reader
	top  []runtime.Change // ascending keys
}

func (l *layer) find(key []byte) (int, bool) {
	return slices.BinarySearchFunc(l.top, key, func(c runtime.Change, k []byte) int {
		return bytes.Compare(c.Key, k)
	})
}

// Get implements runtime.Reader.
func (l *layer) Get(key []byte) ([]byte, error) {
	if i, ok := l.find(key); ok {
		return l.top[i].Value, nil
	}
	return l.base.Get(key)
}

// Scan implements runtime.Reader.
func (l *layer) Scan(prefix, startAfter []byte, fn func(key, value []byte) bool) error {
	at, _ := l.find(prefix)
	if bytes.Compare(startAfter, prefix) >= 0 && startAfter != nil {
		var found bool
		if at, found = l.find(startAfter); found {
			at++
		}
	}
	stopped := false
	// emit passes on what the block wrote below limit, nil for all.
	emit := func(limit []byte) {
		for ; !stopped && at < len(l.top); at++ {
			c := l.top[at]
			if !bytes.HasPrefix(c.Key, prefix) || limit != nil && bytes.Compare(c.Key, limit) >= 0 {
				return
			}
			if c.Value != nil {
				stopped = !fn(c.Key, c.Value)
			}
		}
	}
	err := l.base.Scan(prefix, startAfter, func(key, value []byte) bool {
		if emit(key); stopped {
			return false
		}
		if at < len(l.top) && bytes.Equal(l.top[at].Key, key) {
			return true // emit takes the block's own value, or its deletion
		}
		stopped = !fn(key, value)
		return !stopped
	})
	if err != nil || stopped {
		return err
	}
	emit(nil)
	return nil
}
