package segment

import (
	"bytes"
	"fmt"
	"io"
	"sync/atomic"
)

// encoding is one segment on its way through the encoder. Each shard is its
// own buffer, taken when data for it arrives; shards of plain padding share
// the geometry's zeros.
type encoding struct {
	*encoder
	index   int
	size    int // plaintext bytes
	data    [DataShards][]byte
	out     Segment
	pending atomic.Int32 // tasks that have not finished, and the reader
}

// read fills the segment from r and starts its tasks: of a plain segment each
// data shard as soon as it is there. It leaves size 0 if r had ended before.
func (s *encoding) read(r io.Reader) (ended bool, err error) {
	plain := s.opts.Cipher.IsZero()
	left := s.g.capacity(!plain)
	for k := range s.data {
		if ended && plain {
			s.data[k] = s.g.zero
			s.shard(k)
			continue
		}
		s.data[k] = s.buffers.get()
		n := 0
		if !ended {
			room := s.data[k][:min(left, s.g.fragment)]
			n, ended, err = s.fill(r, room)
			if n > 0 && s.index == s.g.maxSegments {
				return ended, fmt.Errorf("%w: more than %d segments of %d bytes", ErrTooLarge, s.g.maxSegments, s.g.capacity(!plain))
			}
			if err != nil {
				return ended, err
			}
			if s.size+n == 0 {
				s.buffers.put(s.data[k])
				return true, nil
			}
		}
		clear(s.data[k][n:])
		s.size += n
		left -= n
		if plain {
			s.shard(k)
		}
	}
	if !plain {
		s.start(s.encrypt)
		return ended, nil
	}
	s.whole()
	return ended, nil
}

// start runs a task of the segment.
func (s *encoding) start(task func() error) {
	s.pending.Add(1)
	s.group.Go(func() error {
		if err := task(); err != nil {
			return err
		}
		s.finish()
		return nil
	})
}

// finish ends a task. The last one gives back the memory.
func (s *encoding) finish() {
	if s.pending.Add(-1) > 0 {
		return
	}
	for k := range s.data {
		if &s.data[k][0] != &s.g.zero[0] {
			s.buffers.put(s.data[k])
		}
	}
	s.complete(s.index, s.size, s.out)
	release(s.slots)
}

// encrypt turns the plaintext in the data shards into ciphertext. The chain of
// blocks runs through the whole segment, so this is one task; it starts those
// of each shard as it goes.
func (s *encoding) encrypt() error {
	if err := s.acquire(s.cpu); err != nil {
		return err
	}
	defer release(s.cpu)
	last := s.data[DataShards-1]
	copy(last[len(last)-blockSize:], pad)
	chain := s.opts.Cipher.encrypter()
	for k, shard := range s.data {
		chain.CryptBlocks(shard, shard)
		s.shard(k)
	}
	s.whole()
	return nil
}

// shard processes data shard k, which is complete.
func (s *encoding) shard(k int) {
	if bytes.Equal(s.data[k], s.g.zero) {
		s.data[k] = s.zeroed(s.data[k])
		s.out.Fragments[k] = s.g.zeroFragment
		s.start(func() error {
			return s.put(Fragment{s.index, k, s.g.zeroFragment, s.g.zero})
		})
		return
	}
	s.start(func() error {
		if err := s.acquire(s.cpu); err != nil {
			return err
		}
		id := sum(s.data[k])
		release(s.cpu)
		s.out.Fragments[k] = id
		return s.put(Fragment{s.index, k, id, s.data[k]})
	})
}

// zeroed swaps a buffer that holds zeros for the shared one.
func (s *encoding) zeroed(buf []byte) []byte {
	if &buf[0] != &s.g.zero[0] {
		s.buffers.put(buf)
	}
	return s.g.zero
}

// whole starts what needs all data shards: the segment id and the parity.
func (s *encoding) whole() {
	zeros := 0
	for _, shard := range s.data {
		if &shard[0] == &s.g.zero[0] {
			zeros++
		}
	}
	if zeros == DataShards {
		s.out.ID = s.g.zeroSegment
		for i := DataShards; i < Shards; i++ {
			s.out.Fragments[i] = s.g.zeroFragment
		}
		return
	}
	s.start(func() error {
		if err := s.acquire(s.cpu); err != nil {
			return err
		}
		defer release(s.cpu)
		s.out.ID = sum(s.data[:]...)
		return nil
	})
	for k := range s.g.parity {
		s.start(func() error { return s.parity(k) })
	}
}

// parity makes, hashes and puts the parity shard k.
func (s *encoding) parity(k int) error {
	if err := s.acquire(s.parities); err != nil {
		return err
	}
	defer release(s.parities)
	shard := s.buffers.get()
	defer s.buffers.put(shard)
	if err := s.acquire(s.cpu); err != nil {
		return err
	}
	id, err := s.g.encodeParity(k, &s.data, shard)
	release(s.cpu)
	if err != nil {
		return err
	}
	s.out.Fragments[DataShards+k] = id
	return s.put(Fragment{s.index, DataShards + k, id, shard})
}
