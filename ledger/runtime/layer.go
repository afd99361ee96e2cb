package runtime

import (
	"bytes"
	"slices"
)

// Layer reads a state with changes on top that are not committed.
type Layer struct {
	Base Reader
	Top  []Change // ascending keys
}

func (l *Layer) find(key []byte) (int, bool) {
	return slices.BinarySearchFunc(l.Top, key, func(c Change, k []byte) int {
		return bytes.Compare(c.Key, k)
	})
}

// Get implements Reader.
func (l *Layer) Get(key []byte) ([]byte, error) {
	if i, ok := l.find(key); ok {
		return l.Top[i].Value, nil
	}
	return l.Base.Get(key)
}

// Scan implements Reader.
func (l *Layer) Scan(prefix, startAfter []byte, fn func(key, value []byte) bool) error {
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
		for ; !stopped && at < len(l.Top); at++ {
			c := l.Top[at]
			if !bytes.HasPrefix(c.Key, prefix) || limit != nil && bytes.Compare(c.Key, limit) >= 0 {
				return
			}
			if c.Value != nil {
				stopped = !fn(c.Key, c.Value)
			}
		}
	}
	err := l.Base.Scan(prefix, startAfter, func(key, value []byte) bool {
		if emit(key); stopped {
			return false
		}
		if at < len(l.Top) && bytes.Equal(l.Top[at].Key, key) {
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
