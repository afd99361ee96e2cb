package jsonrpc

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

// A buffer up to keptBytes goes back to the pool; a larger one is large: it is
// charged to the server's budget while it is held and left to the collector.
const keptBytes = 64 << 10

// buffer is a reusable byte slice.
type buffer struct {
	data    []byte
	charged int
}

var buffers = sync.Pool{New: func() any { return &buffer{data: make([]byte, 0, 1024)} }}

func newBuffer() *buffer { return buffers.Get().(*buffer) }

// free gives the buffer up. Nobody may use it or its data afterwards.
func (b *buffer) free(budget *budget) {
	budget.give(b.charged)
	b.charged = 0
	if cap(b.data) > keptBytes {
		return
	}
	b.data = b.data[:0]
	buffers.Put(b)
}

// charge settles the budget for the buffer's present size.
func (b *buffer) charge(budget *budget) bool {
	want := 0
	if cap(b.data) > keptBytes {
		want = cap(b.data)
	}
	if want > b.charged && !budget.take(want-b.charged) {
		return false
	}
	if want < b.charged {
		budget.give(b.charged - want)
	}
	b.charged = want
	return true
}

// budget counts the bytes of large buffers over all connections.
type budget struct {
	limit int64
	used  atomic.Int64
}

func (b *budget) take(n int) bool {
	if b.used.Add(int64(n)) > b.limit {
		b.used.Add(-int64(n))
		return false
	}
	return true
}

func (b *budget) give(n int) {
	if n != 0 {
		b.used.Add(-int64(n))
	}
}

var (
	errTooBig = errors.New("message too big")
	errFull   = errors.New("message budget used up")
)

// readMessage reads r to its end into a new buffer. It returns errTooBig past
// limit bytes and errFull past the budget, with the rest unread. Memory grows
// with the bytes that arrive, never with what a header announces.
func readMessage(r io.Reader, limit int, budget *budget) (*buffer, error) {
	b := newBuffer()
	for {
		if len(b.data) == cap(b.data) {
			b.data = append(b.data, 0)[:len(b.data)]
			if !b.charge(budget) {
				b.free(budget)
				return nil, errFull
			}
		}
		n, err := r.Read(b.data[len(b.data):cap(b.data)])
		b.data = b.data[:len(b.data)+n]
		if len(b.data) > limit {
			b.free(budget)
			return nil, errTooBig
		}
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			b.free(budget)
			return nil, err
		}
	}
}
