package chain

import "github.com/gocess/gocess/primitives/substrate"

// recent holds the newest blocks in memory, bounded by count and size.
type recent struct {
	max      int
	maxBytes int
	blocks   []*Block // consecutive, ascending
	bytes    int
	numbers  map[substrate.H256]uint32
}

func (r *recent) init(blocks, bytes int) {
	r.max, r.maxBytes = blocks, bytes
	r.numbers = make(map[substrate.H256]uint32)
}

func (r *recent) add(b *Block) {
	r.blocks = append(r.blocks, b)
	r.bytes += sizeOf(b)
	r.numbers[b.Hash] = b.Number
	for len(r.blocks) > 1 && (len(r.blocks) > r.max || r.bytes > r.maxBytes) {
		old := r.blocks[0]
		r.bytes -= sizeOf(old)
		delete(r.numbers, old.Hash)
		r.blocks[0] = nil
		r.blocks = r.blocks[1:]
	}
}

func (r *recent) at(number uint32) *Block {
	if len(r.blocks) == 0 || number < r.blocks[0].Number {
		return nil
	}
	if i := number - r.blocks[0].Number; i < uint32(len(r.blocks)) {
		return r.blocks[i]
	}
	return nil
}

func (r *recent) numberOf(hash substrate.H256) (uint32, bool) {
	n, ok := r.numbers[hash]
	return n, ok
}

// sizeOf estimates the memory of a block.
func sizeOf(b *Block) int {
	const slice = 24 // bytes of a slice header
	size := 512 + slice*(len(b.Body)+len(b.Written))
	for _, x := range b.Body {
		size += len(x)
	}
	for _, k := range b.Written {
		size += len(k)
	}
	return size
}
