package podr2

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/big"
	"sync"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
	"github.com/gocess/gocess/storage/podr2/internal/lanes"
)

// laneCount is the number of points that share one inversion; 512 lanes with their tables stay within a core's cache.
const laneCount = 512

// engines are reused between calls: each holds about 1 MB.
var engines = sync.Pool{New: func() any { return lanes.NewEngine(laneCount) }}

// Tagger makes tags. It is safe for concurrent use; one call uses one core.
type Tagger struct {
	key     *SecretKey
	scalar  *lanes.Scalar // x
	weights fr.Vector     // x·α^j, lifted
}

// NewTagger prepares the tables of a key.
func NewTagger(key *SecretKey) *Tagger {
	t := &Tagger{key: key, scalar: lanes.NewScalar(&key.x), weights: make(fr.Vector, SectorsPerBlock)}
	t.weights[0] = lift(&key.x)
	for j := 1; j < len(t.weights); j++ {
		t.weights[j].Mul(&t.weights[j-1], &key.alpha)
	}
	return t
}

// Tag reads a fragment of exactly FragmentSize bytes and returns its tags
//
//	T_i = x·( Hash(name ‖ i) + m_i(α)·G₁ )
//
// with m_i the polynomial whose coefficients are the sectors of block i. Knowing α, the tagger evaluates m_i in scalars
// and needs one exponentiation and one fixed-base multiplication per block.
//
// It computes the SHA-256 of what it reads and refuses to tag under any other name: two contents tagged under one name
// would allow forging (docs/protocol/podr2.md §5). Equal fragments get equal tags. Memory is about 1.5 MB.
// Errors: ErrSize, ErrName, the reader's error, the context's error (checked every few milliseconds).
func (t *Tagger) Tag(ctx context.Context, name Name, fragment io.Reader) (*Tags, error) {
	scalars := make([]fr.Element, BlocksPerFragment)
	block := make([]fr.Element, SectorsPerBlock)
	err := readFragment(ctx, name, fragment, func(i int, b []byte) {
		scalars[i] = t.blockScalar(block, b)
	})
	if err != nil {
		return nil, err
	}
	points := make([]byte, 0, BlocksPerFragment*g1Size)
	for from := 0; from < BlocksPerFragment; from += laneCount {
		points, err = t.appendTags(ctx, points, name, from, scalars[from:from+laneCount])
		if err != nil {
			return nil, err
		}
	}
	return newTags(name, t.key.public.id, points), nil
}

// blockScalar returns x·m(α) for the polynomial of a block. scratch has SectorsPerBlock elements.
func (t *Tagger) blockScalar(scratch fr.Vector, block []byte) fr.Element {
	sectors(scratch, block)
	return scratch.InnerProduct(t.weights)
}

// appendTags appends the tags of the blocks from first on, one per scalar x·m_i(α).
func (t *Tagger) appendTags(ctx context.Context, dst []byte, name Name, first int, scalars []fr.Element) ([]byte, error) {
	e := engines.Get().(*lanes.Engine)
	defer engines.Put(e)
	e.Reset()
	column := lanes.NewPoints(len(scalars))
	message := make([]byte, 0, 64)
	steps := []func(){
		func() {
			e.Hash(blockOracle, column, func(lane int) []byte {
				return appendBlockMessage(message, name, uint32(first+lane))
			})
		},
		func() { e.ClearCofactor(column) },
		func() { e.Mul(column, t.scalar) },
		func() { e.AddBase(column, scalars) },
	}
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		step()
	}
	for i := range scalars {
		p := column.At(i)
		if e.Exceptional(i) {
			p = t.tagSlowly(name, uint32(first+i), &scalars[i])
		}
		b := p.Bytes()
		dst = append(dst, b[:]...)
	}
	return dst, nil
}

// tagSlowly makes one tag with complete formulas.
func (t *Tagger) tagSlowly(name Name, block uint32, scalar *fr.Element) bls12381.G1Affine {
	p := hashBlock(name, block)
	var committed bls12381.G1Affine
	p.ScalarMultiplication(&p, t.key.x.BigInt(new(big.Int)))
	committed.ScalarMultiplicationBase(scalar.BigInt(new(big.Int)))
	p.Add(&p, &committed)
	return p
}

// readFragment passes the blocks of a fragment to use, one after the other in one buffer, and checks size and name.
func readFragment(ctx context.Context, name Name, fragment io.Reader, use func(i int, block []byte)) error {
	digest := sha256.New()
	buffer := make([]byte, BlockSize)
	for i := range BlocksPerFragment {
		if i%64 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		switch _, err := io.ReadFull(fragment, buffer); err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return fmt.Errorf("%w: it ends in block %d", ErrSize, i)
		default:
			return fmt.Errorf("read fragment: %w", err)
		}
		digest.Write(buffer)
		use(i, buffer)
	}
	switch _, err := io.ReadFull(fragment, buffer[:1]); err {
	case io.EOF:
	case nil:
		return fmt.Errorf("%w: it is longer than %d bytes", ErrSize, FragmentSize)
	default:
		return fmt.Errorf("read fragment: %w", err)
	}
	if got := Name(digest.Sum(nil)); got != name {
		return fmt.Errorf("%w: content is %s, not %s", ErrName, got, name)
	}
	return nil
}
