package palletstest

import (
	"bytes"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
)

// state holds the pairs in ascending order of keys.
type state struct{ pairs []runtime.Change }

func (s *state) find(key []byte) (int, bool) {
	return slices.BinarySearchFunc(s.pairs, key, func(p runtime.Change, key []byte) int {
		return bytes.Compare(p.Key, key)
	})
}

func (s *state) Get(key []byte) ([]byte, error) {
	if i, ok := s.find(key); ok {
		return s.pairs[i].Value, nil
	}
	return nil, nil
}

func (s *state) Scan(prefix, startAfter []byte, fn func(key, value []byte) bool) error {
	from := prefix
	if bytes.Compare(startAfter, prefix) > 0 {
		from = startAfter
	}
	i, found := s.find(from)
	if found && startAfter != nil && bytes.Equal(from, startAfter) {
		i++
	}
	for ; i < len(s.pairs) && bytes.HasPrefix(s.pairs[i].Key, prefix); i++ {
		if !fn(s.pairs[i].Key, s.pairs[i].Value) {
			return nil
		}
	}
	return nil
}

func (s *state) apply(changes []runtime.Change) {
	for _, c := range changes {
		i, found := s.find(c.Key)
		switch {
		case found && c.Value == nil:
			s.pairs = slices.Delete(s.pairs, i, i+1)
		case found:
			s.pairs[i].Value = c.Value
		case c.Value != nil:
			s.pairs = slices.Insert(s.pairs, i, c)
		}
	}
}
