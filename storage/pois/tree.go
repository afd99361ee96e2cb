package pois

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/gocess/gocess/storage/pois/internal/multisha"
)

// Hash is a node of a Merkle tree.
type Hash = [HashSize]byte

// hashPair is an inner node. Leaves and inner nodes share one hash without domain separation, which is why every
// verifier must pin the length of paths (spec/pois.md §6).
func hashPair(left, right *Hash) Hash {
	var b [2 * HashSize]byte
	copy(b[:], left[:])
	copy(b[HashSize:], right[:])
	return sha256.Sum256(b[:])
}

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

// hashPairs writes the hashes of every 64 bytes of in, labels or pairs of nodes, to out, which may be the beginning
// of in.
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
		for i := range next {
			next[i] = hashPair(&level[2*i], &level[2*i+1])
		}
		u.levels = append(u.levels, next)
		level = next
	}
	return u
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

// pathIn proves label `position` of a chunk of labels under the chunk's node, and goes on with the rest of the tree.
func pathIn(chunk []byte, position int, rest *upper, index int) (paths [][]byte, locs []byte) {
	flat := make([]byte, len(chunk)/2)
	hashPairs(vectors, flat, chunk)
	leaves := make([]Hash, len(flat)/HashSize)
	for i := range leaves {
		leaves[i] = Hash(flat[i*HashSize:])
	}
	paths, locs = newUpper(leaves).path(nil, nil, position)
	return rest.path(paths, locs, index)
}

// ErrPath reports a Merkle path that does not lead from the label to the root at the stated position.
var ErrPath = errors.New("pois: wrong Merkle path")

// verifyPath checks that a label stands at a position below a root. Besides the hashes it checks every length and every
// direction: a shorter path would let inner nodes pass for labels (spec/pois.md §6, §17 S2, S3).
func verifyPath(p Params, root []byte, position int, label []byte, paths [][]byte, locs []byte) error {
	depth := p.depth()
	switch {
	case len(label) != LabelSize:
		return fmt.Errorf("%w: label of %d bytes", ErrPath, len(label))
	case len(paths) != depth || len(locs) != depth:
		return fmt.Errorf("%w: %d siblings and %d directions, want %d", ErrPath, len(paths), len(locs), depth)
	case position < 0 || position >= p.N:
		return fmt.Errorf("%w: position %d", ErrPath, position)
	case len(root) != HashSize:
		return fmt.Errorf("%w: root of %d bytes", ErrPath, len(root))
	}
	x := sha256.Sum256(label)
	for d, sibling := range paths {
		if len(sibling) != HashSize {
			return fmt.Errorf("%w: sibling of %d bytes", ErrPath, len(sibling))
		}
		right := position>>d&1 == 0 // the sibling is on the right
		if right != (locs[d] == 1) || locs[d] > 1 {
			return fmt.Errorf("%w: direction %d at level %d", ErrPath, locs[d], d)
		}
		s := Hash(sibling)
		if right {
			x = hashPair(&x, &s)
		} else {
			x = hashPair(&s, &x)
		}
	}
	if x != Hash(root) {
		return fmt.Errorf("%w: position %d leads to another root", ErrPath, position)
	}
	return nil
}
