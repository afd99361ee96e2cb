package segment

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/klauspost/reedsolomon"
)

// geometry holds the sizes of the code and everything derived from them. The
// product has one; tests use a small one so that properties can be searched.
type geometry struct {
	fragment    int // bytes, a multiple of the cipher's block
	maxSegments int
	// tile is the number of bytes of each shard that are coded at once, so
	// that a hash reads them from the cache.
	tile int

	zero                      []byte // one fragment of zeros, never written to
	zeroFragment, zeroSegment Hash

	// code is the library's default matrix, which is the wire format.
	code reedsolomon.Encoder
	// parity[i] computes the parity shard i alone, by a row of the same
	// matrix: a task needs one buffer, at little more than an eighth of the
	// cost of all eight in one pass.
	parity [ParityShards]reedsolomon.Encoder

	pool sync.Pool // of *[]byte with fragment bytes
}

var production = sync.OnceValue(func() *geometry {
	g, err := newGeometry(FragmentSize, MaxSegments, 256<<10)
	if err != nil {
		panic(err) // constants only
	}
	return g
})

func newGeometry(fragment, maxSegments, tile int) (*geometry, error) {
	g := &geometry{fragment: fragment, maxSegments: maxSegments, tile: tile, zero: make([]byte, fragment)}
	if fragment == FragmentSize {
		g.zeroFragment, g.zeroSegment = ZeroFragment, ZeroSegment
	} else {
		g.zeroFragment = sha256.Sum256(g.zero)
		g.zeroSegment = sum(g.zero, g.zero, g.zero, g.zero)
	}
	g.pool.New = func() any { b := make([]byte, fragment); return &b }

	var err error
	if g.code, err = reedsolomon.New(DataShards, ParityShards, reedsolomon.WithMaxGoroutines(1)); err != nil {
		return nil, fmt.Errorf("make code: %w", err)
	}
	rows, err := parityRows(g.code)
	if err != nil {
		return nil, fmt.Errorf("make code: %w", err)
	}
	for i := range g.parity {
		g.parity[i], err = reedsolomon.New(DataShards, 1, reedsolomon.WithMaxGoroutines(1),
			reedsolomon.WithCustomMatrix(rows[i:i+1]))
		if err != nil {
			return nil, fmt.Errorf("make code: %w", err)
		}
	}
	return g, nil
}

// parityRows returns the coefficients of the parity shards, by coding the unit
// vectors.
func parityRows(code reedsolomon.Encoder) ([][]byte, error) {
	rows := make([][]byte, ParityShards)
	for i := range rows {
		rows[i] = make([]byte, DataShards)
	}
	for k := range DataShards {
		shards := make([][]byte, Shards)
		for i := range shards {
			shards[i] = make([]byte, 1)
		}
		shards[k][0] = 1
		if err := code.Encode(shards); err != nil {
			return nil, err
		}
		for i := range rows {
			rows[i][k] = shards[DataShards+i][0]
		}
	}
	return rows, nil
}

// capacity returns the plaintext bytes of one segment.
func (g *geometry) capacity(encrypted bool) int {
	if encrypted {
		return DataShards*g.fragment - blockSize
	}
	return DataShards * g.fragment
}

func (g *geometry) count(size int64, encrypted bool) int64 {
	if size <= 0 {
		return 0
	}
	return (size-1)/int64(g.capacity(encrypted)) + 1
}

// sum hashes the parts as one message.
func sum(parts ...[]byte) (id Hash) {
	if len(parts) == 1 {
		return sha256.Sum256(parts[0])
	}
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	h.Sum(id[:0])
	return id
}
