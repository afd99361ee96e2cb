package state

import (
	"encoding/binary"
	"fmt"
	"io"
)

// A state as a stream of bytes: its pairs in ascending key order, each as
// uvarint length ∥ key ∥ uvarint length ∥ value. Equal states have equal
// streams.

// Mark is a place in a stream, so that a part of it can be made again.
type Mark struct {
	// After is the last key that lies wholly before the place; nil: none does.
	After []byte
	// Skip is how many bytes of the next pair lie before it.
	Skip uint32
}

// Stream reads a state. It is for one goroutine.
type Stream struct {
	it    *Iterator
	from  Mark
	begun bool   // there is a current pair
	later bool   // prev is set: the current pair is not the first one read
	prev  []byte // key of the pair before the current one
	key   []byte // of the current pair
	pair  []byte // the current pair
	off   int    // what has been read of it
	pairs uint64
}

// Stream reads the view's state from a place on; the zero Mark is its start.
func (v *View) Stream(from Mark) *Stream {
	s := &Stream{it: v.Iter(nil, from.After), from: from}
	if from.Skip > 0 && s.next() {
		s.off = min(int(from.Skip), len(s.pair))
	}
	return s
}

// next makes the pair after the current one current.
func (s *Stream) next() bool {
	if !s.it.Next() {
		return false
	}
	if s.begun {
		s.prev, s.key, s.later = s.key, s.prev, true
	}
	s.begun = true
	s.pairs++
	s.key = append(s.key[:0], s.it.Key()...)
	s.pair = appendPair(s.pair[:0], s.it.Key(), s.it.Value())
	s.off = 0
	return true
}

func appendPair(dst, key, value []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(key)))
	dst = append(dst, key...)
	dst = binary.AppendUvarint(dst, uint64(len(value)))
	return append(dst, value...)
}

// Read implements io.Reader. It fills p unless the stream ends.
func (s *Stream) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if s.off == len(s.pair) && !s.next() {
			if err := s.it.err; err != nil {
				return n, fmt.Errorf("read state: %w", err)
			}
			if n == 0 && len(p) > 0 {
				return 0, io.EOF
			}
			return n, nil
		}
		c := copy(p[n:], s.pair[s.off:])
		n += c
		s.off += c
	}
	return n, nil
}

// Mark is the place of the next byte.
func (s *Stream) Mark() Mark {
	switch {
	case !s.begun:
		return s.from
	case s.off == len(s.pair):
		return Mark{After: append([]byte{}, s.key...)}
	case s.later:
		return Mark{After: append([]byte{}, s.prev...), Skip: uint32(s.off)}
	}
	return Mark{After: s.from.After, Skip: uint32(s.off)}
}

// Pairs is how many pairs have been begun.
func (s *Stream) Pairs() uint64 { return s.pairs }

// Close ends the reading.
func (s *Stream) Close() error { return s.it.Close() }

// splitter cuts a stream into pairs as it arrives.
type splitter struct{ rest []byte }

// add takes the next bytes and calls visit for each pair that they complete. Key
// and value are valid during the call. It keeps at most one pair and the bytes.
func (s *splitter) add(b []byte, visit func(key, value []byte) error) error {
	s.rest = append(s.rest, b...)
	at := 0
	for {
		key, n, err := cutBlob(s.rest[at:], MaxKeySize)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		value, m, err := cutBlob(s.rest[at+n:], MaxValueSize)
		if err != nil {
			return err
		}
		if m == 0 {
			break
		}
		if err := visit(key, value); err != nil {
			return err
		}
		at += n + m
	}
	s.rest = append(s.rest[:0], s.rest[at:]...)
	return nil
}

// finish says whether the stream ended between two pairs.
func (s *splitter) finish() error {
	if len(s.rest) > 0 {
		return fmt.Errorf("%w: the stream ends within a pair", ErrInvalidChanges)
	}
	return nil
}

// cutBlob reads uvarint length ∥ data. n is 0 when b does not hold all of it.
func cutBlob(b []byte, limit uint64) (data []byte, n int, err error) {
	size, n := binary.Uvarint(b)
	switch {
	case n < 0 || n > 0 && size > limit || n > 1 && b[n-1] == 0:
		return nil, 0, fmt.Errorf("%w: a length in the stream is over its limit or not minimal", ErrInvalidChanges)
	case n == 0 && len(b) >= binary.MaxVarintLen64:
		return nil, 0, fmt.Errorf("%w: endless length in the stream", ErrInvalidChanges)
	case n == 0 || size > uint64(len(b)-n):
		return nil, 0, nil
	}
	end := n + int(size)
	return b[n:end:end], end, nil
}
