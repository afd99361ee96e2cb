package podr2

import (
	"context"
	"fmt"
	"io"
	"sync"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// Prover builds the proof for one query, fragment by fragment. Memory stays below 1 MB however many fragments there
// are. Add may be called from several goroutines.
type Prover struct {
	srs   *SRS
	query *Query
	point fr.Element

	mu         sync.Mutex // guards everything below
	added      []bool
	missing    int
	polynomial fr.Vector // Σ v·m, by sector
	tag        bls12381.G1Jac
	points     []bls12381.G1Affine // not yet folded into tag
	scalars    []fr.Element
}

// foldSize is the number of tags that are multiplied at once.
const foldSize = 1024

// NewProver starts the proof of a query over fragments that were tagged under the key of srs. The error is ErrQuery.
func NewProver(srs *SRS, query *Query) (*Prover, error) {
	if err := query.validate(); err != nil {
		return nil, err
	}
	point, err := query.Seed.point()
	if err != nil {
		return nil, err
	}
	return &Prover{
		srs: srs, query: query, point: point,
		added:      make([]bool, len(query.Fragments)),
		missing:    len(query.Fragments),
		polynomial: make(fr.Vector, SectorsPerBlock),
	}, nil
}

// Add takes in query.Fragments[i]: it reads the sampled blocks (BlockSize bytes each, at offset block·BlockSize) from
// fragment and their tags from the tag file. After an error nothing of the fragment was taken in, and Add may be called
// again with good readers.
// Errors: ErrIncomplete (i out of range or already added), ErrTags (tag file of another fragment or key), ErrEncoding
// (damaged tag), io.ErrUnexpectedEOF, those of the readers and of the context.
func (p *Prover) Add(ctx context.Context, i int, fragment, tags io.ReaderAt) error {
	if i < 0 || i >= len(p.query.Fragments) {
		return fmt.Errorf("%w: no fragment %d in the query", ErrIncomplete, i)
	}
	f := &p.query.Fragments[i]
	if err := checkTagHeader(tags, f.Name, p.srs.key.id); err != nil {
		return err
	}
	block, encoded := make([]byte, BlockSize), make([]byte, g1Size)
	scaled, sum := make(fr.Vector, SectorsPerBlock), make(fr.Vector, SectorsPerBlock)
	points := make([]bls12381.G1Affine, 0, len(f.Blocks))
	scalars := make([]fr.Element, 0, len(f.Blocks))
	for _, s := range f.Blocks {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := readAt(fragment, block, int64(s.Block)*BlockSize); err != nil {
			return fmt.Errorf("read block %d of fragment %s: %w", s.Block, f.Name, err)
		}
		if err := readAt(tags, encoded, int64(tagHeaderSize)+int64(s.Block)*g1Size); err != nil {
			return fmt.Errorf("read tag %d of fragment %s: %w", s.Block, f.Name, err)
		}
		point, err := decodeG1(encoded)
		if err != nil {
			return fmt.Errorf("tag %d of fragment %s: %w", s.Block, f.Name, err)
		}
		v := shortScalar(s.Coefficient[:])
		points, scalars = append(points, point), append(scalars, v)
		v = lift(&v)
		sectors(scaled, block)
		scaled.ScalarMul(scaled, &v)
		sum.Add(sum, scaled)
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	if p.added[i] {
		return fmt.Errorf("%w: fragment %d was added before", ErrIncomplete, i)
	}
	p.added[i] = true
	p.missing--
	p.polynomial.Add(p.polynomial, sum)
	p.points, p.scalars = append(p.points, points...), append(p.scalars, scalars...)
	if len(p.points) >= foldSize {
		return p.fold()
	}
	return nil
}

// fold multiplies the waiting tags. The caller holds the mutex.
func (p *Prover) fold() error {
	if len(p.points) == 0 {
		return nil
	}
	sum, err := multiply(p.points, p.scalars)
	if err != nil {
		return err
	}
	p.tag.AddMixed(&sum)
	p.points, p.scalars = p.points[:0], p.scalars[:0]
	return nil
}

// Finish returns the proof. Errors: ErrIncomplete, the context's error.
func (p *Prover) Finish(ctx context.Context) (*Proof, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.missing != 0 {
		return nil, fmt.Errorf("%w: %d missing", ErrIncomplete, p.missing)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := p.fold(); err != nil {
		return nil, err
	}
	proof := new(Proof)
	proof.tag.FromJacobian(&p.tag)

	// Horner's rule leaves the value as remainder and the coefficients of (M(X)-M(r))/(X-r) on the way.
	quotient := make([]fr.Element, SectorsPerBlock-1)
	value := p.polynomial[SectorsPerBlock-1]
	for j := SectorsPerBlock - 2; j >= 0; j-- {
		quotient[j] = value
		value.Mul(&value, &p.point)
		value.Add(&value, &p.polynomial[j])
	}
	proof.value = value
	var err error
	proof.quotient, err = multiply(p.srs.powers[:SectorsPerBlock-1], quotient)
	if err != nil {
		return nil, err
	}
	return proof, nil
}
