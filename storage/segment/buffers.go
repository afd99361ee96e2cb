package segment

import "sync"

// buffers hands out fragment buffers to one operation. The operation bounds
// how many are out; buffers only keeps them from being allocated again.
type buffers struct {
	pool *sync.Pool

	mu   sync.Mutex // guards free
	free []*[]byte
}

func (b *buffers) get() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.free); n > 0 {
		buf := b.free[n-1]
		b.free = b.free[:n-1]
		return *buf
	}
	return *b.pool.Get().(*[]byte)
}

func (b *buffers) put(buf []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.free = append(b.free, &buf)
}

// close gives the idle buffers to other operations. Buffers that are still
// out are left to the garbage collector.
func (b *buffers) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, buf := range b.free {
		b.pool.Put(buf)
	}
	b.free = nil
}
