package pois

import (
	"crypto/sha256"
	"math/bits"
	"unsafe"

	"github.com/gocess/gocess/storage/pois/internal/multisha"
)

// Hash is a node of a Merkle tree.
type Hash = [HashSize]byte

// foldLabels is the tree node over consecutive labels; their number is a power of two, at most 256.
func foldLabels(level multisha.Level, labels []byte) Hash {
	var room [256 * HashSize]byte
	nodes := room[:len(labels)/2]
	hashPairs(level, nodes, labels)
	for ; len(nodes) > HashSize; nodes = nodes[:len(nodes)/2] {
		hashPairs(level, nodes, nodes)
	}
	return Hash(nodes)
}

// hashPairs writes the hashes of every 64 bytes of in, labels or pairs of nodes, to out, which may be the beginning of in.
// Leaves and inner nodes share one hash without domain separation, which is why every verifier must pin the length of
// paths (spec/pois.md §6).
func hashPairs(level multisha.Level, out, in []byte) {
	done := level.Pairs(out, in)
	for i := done; i < len(in)/LabelSize; i++ {
		h := sha256.Sum256(in[i*LabelSize : (i+1)*LabelSize])
		copy(out[i*HashSize:], h[:])
	}
}

// upper is the part of a tree above one level: levels[0] is that level, the last holds the root.
type upper struct{ levels [][]Hash }

// newUpper builds the tree over a level whose length is a power of two. It keeps the slice.
func newUpper(level []Hash) *upper {
	u := &upper{levels: [][]Hash{level}}
	for len(level) > 1 {
		next := make([]Hash, len(level)/2)
		hashPairs(vectors, flat(next), flat(level))
		u.levels = append(u.levels, next)
		level = next
	}
	return u
}

// flat gives the bytes of a level without copying them.
func flat(level []Hash) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(level))), len(level)*HashSize)
}

func (u *upper) root() Hash { return u.levels[len(u.levels)-1][0] }

// aux is the level of 64 nodes that is stored beside every file.
func (u *upper) aux() []Hash {
	for _, level := range u.levels {
		if len(level) == AuxNodes {
			return level
		}
	}
	return nil
}

// path appends the siblings of node i, from the lowest level up, and for each whether it is on the left (0) or right (1).
func (u *upper) path(paths [][]byte, locs []byte, i int) ([][]byte, []byte) {
	for _, level := range u.levels[:len(u.levels)-1] {
		paths = append(paths, level[i^1][:])
		locs = append(locs, byte(1-i&1))
		i /= 2
	}
	return paths, locs
}

// pathIn proves a label of a chunk of labels under the chunk's node, which it computes, and goes on with node `index` of
// the rest of the tree. scratch has room for a node of every label.
func pathIn(scratch []Hash, chunk []byte, position int, rest *upper, index int) (paths [][]byte, locs []byte, top Hash) {
	level := scratch[:len(chunk)/LabelSize]
	hashPairs(vectors, flat(level), chunk)
	siblings := make([]byte, 0, bits.Len(uint(len(level)))*HashSize)
	for ; len(level) > 1; position /= 2 {
		siblings = append(siblings, level[position^1][:]...)
		paths = append(paths, siblings[len(siblings)-HashSize:len(siblings):len(siblings)])
		locs = append(locs, byte(siblingSide(position, 0)))
		above := level[:len(level)/2]
		hashPairs(vectors, flat(above), flat(level))
		level = above
	}
	paths, locs = rest.path(paths, locs, index)
	return paths, locs, level[0]
}
