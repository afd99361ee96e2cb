package pois

import (
	"errors"
	"fmt"

	"github.com/gocess/gocess/storage/pois/wire"
)

// ErrPath reports a Merkle path that does not lead from the label to the root at the stated position.
var ErrPath = errors.New("pois: wrong Merkle path")

// checkPath says whether a label with a path at a position can be right at all: it checks every length and every
// direction. A shorter path would let inner nodes pass for labels (spec/pois.md §6, §17 S2, S3).
func checkPath(p Params, root []byte, position int, label []byte, paths [][]byte, locs []byte) error {
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
	for d, sibling := range paths {
		if len(sibling) != HashSize {
			return fmt.Errorf("%w: sibling of %d bytes", ErrPath, len(sibling))
		}
		if int(locs[d]) != siblingSide(position, d) {
			return fmt.Errorf("%w: direction %d at level %d", ErrPath, locs[d], d)
		}
	}
	return nil
}

// siblingSide is 1 if the sibling at a level is on the right, else 0.
func siblingSide(position, level int) int { return 1 - position>>level&1 }

// pathFiles is the number of files of a space proof whose paths are verified together.
const pathFiles = 32

// pathBatch verifies many paths at once, level by level, so that the hashes of a level are computed side by side.
type pathBatch struct {
	p      Params
	claims []pathClaim
	pairs  []byte
}

// pathClaim is a path whose form has been checked.
type pathClaim struct {
	what     string
	index    int
	root     []byte
	position int
	proof    *wire.MhtProof
}

// add takes a proof that a label stands at a position below a root, or refuses it for its form.
func (b *pathBatch) add(what string, index int, root []byte, position int, m *wire.MhtProof) error {
	if err := checkPath(b.p, root, position, m.Label, m.Paths, m.Locs); err != nil {
		return fmt.Errorf("%s %d: %w", what, index, err)
	}
	b.claims = append(b.claims, pathClaim{what, index, root, position, m})
	return nil
}

// verify checks all paths that were added, and forgets them.
func (b *pathBatch) verify() error {
	claims := b.claims
	b.claims = b.claims[:0]
	size := len(claims) * LabelSize
	if cap(b.pairs) < size {
		b.pairs = make([]byte, size)
	}
	pairs := b.pairs[:size]
	sums := make([]Hash, len(claims))
	for i := range claims {
		copy(pairs[i*LabelSize:], claims[i].proof.Label)
	}
	hashPairs(vectors, flat(sums), pairs)
	for d := range b.p.depth() {
		for i := range claims {
			side := siblingSide(claims[i].position, d)
			pair := pairs[i*LabelSize : (i+1)*LabelSize]
			copy(pair[(1-side)*HashSize:], sums[i][:])
			copy(pair[side*HashSize:], claims[i].proof.Paths[d])
		}
		hashPairs(vectors, flat(sums), pairs)
	}
	for i := range claims {
		if c := &claims[i]; sums[i] != Hash(c.root) {
			return fmt.Errorf("%s %d: %w: position %d leads to another root", c.what, c.index, ErrPath, c.position)
		}
	}
	return nil
}
