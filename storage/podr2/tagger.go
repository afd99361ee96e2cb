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

// tagEngines are reused between calls: each holds about 3 MB.
var tagEngines = sync.Pool{New: func() any { return lanes.NewEngine(BlocksPerFragment) }}

// Tagger makes tags. It is safe for concurrent use; one call uses one core.
type Tagger struct {
	key     *SecretKey
	scalar  *lanes.Scalar // x
	weights fr.Vector     // x·α^j, lifted
	engines *sync.Pool    // of lanes.Engine
}

// NewTagger prepares the tables of a key.
func NewTagger(key *SecretKey) *Tagger {
	t := &Tagger{key: key, scalar: lanes.NewScalar(&key.x), weights: make(fr.Vector, SectorsPerBlock), engines: &tagEngines}
	t.weights[0] = lift(&key.x)
	for j := 1; j < len(t.weights); j++ {
		t.weights[j].Mul(&t.weights[j-1], &key.alpha)
	}
	return t
}

// String and GoString name the key without its secrets.
func (t Tagger) String() string { return "tagger with " + t.key.String() }

// GoString is String.
func (t Tagger) GoString() string { return t.String() }

// Tag reads a fragment of exactly FragmentSize bytes and returns its tags
//
//	T_i = x·( Hash(name ‖ i) + m_i(α)·G₁ )
//
// with m_i the polynomial whose coefficients are the sectors of block i. Knowing α, the tagger evaluates m_i in scalars
// and needs one exponentiation and one fixed-base multiplication per block.
//
// It computes the SHA-256 of what it reads and refuses to tag under any other name: two contents tagged under one name
// would allow forging (docs/protocol/podr2.md §5). Equal fragments get equal tags. Memory is about 3 MB.
// Errors: ErrSize, ErrName, the reader's error, the context's error (checked every some ten
// milliseconds), ErrFault.
func (t *Tagger) Tag(ctx context.Context, name Name, fragment io.Reader) (*Tags, error) {
	scalars := make([]fr.Element, BlocksPerFragment)
	block := make([]fr.Element, SectorsPerBlock)
	err := readFragment(ctx, name, fragment, func(i int, b []byte) {
		scalars[i] = t.blockScalar(block, b)
	})
	if err != nil {
		return nil, err
	}
	points, err := t.tagBlocks(ctx, name, scalars)
	if err != nil {
		return nil, err
	}
	encoded := make([]byte, 0, BlocksPerFragment*g1Size)
	for i := range points {
		// The formulas do not use the curve's constant: after a bit flip they would compute on a weaker curve and give
		// x away. Such a point is not on the right one.
		if !points[i].IsOnCurve() {
			return nil, ErrFault
		}
		b := points[i].Bytes()
		encoded = append(encoded, b[:]...)
	}
	return newTags(name, t.key.public.id, encoded), nil
}

// blockScalar returns x·m(α) for the polynomial of a block. scratch has SectorsPerBlock elements.
func (t *Tagger) blockScalar(scratch fr.Vector, block []byte) fr.Element {
	sectors(scratch, block)
	return scratch.InnerProduct(t.weights)
}

// tagBlocks returns the tags of the first len(scalars) blocks, scalar i being x·m_i(α).
func (t *Tagger) tagBlocks(ctx context.Context, name Name, scalars []fr.Element) ([]bls12381.G1Affine, error) {
	e := t.engines.Get().(lanes.Engine)
	defer t.engines.Put(e)
	message := make([]byte, 0, 64)
	for _, step := range []func(){
		func() {
			e.Hash(blockOracle, len(scalars), func(lane int) []byte {
				return appendBlockMessage(message, name, uint32(lane))
			})
		},
		e.ClearCofactor,
		func() { e.Mul(t.scalar) },
		func() { e.AddBase(scalars) },
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		step()
	}
	points := make([]bls12381.G1Affine, len(scalars))
	if !e.Failed() {
		e.Points(points)
		return points, nil
	}
	for i := range points {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		points[i] = t.tagSlowly(name, uint32(i), &scalars[i])
	}
	return points, nil
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
