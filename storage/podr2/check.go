package podr2

import (
	"context"
	"fmt"
	"io"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// CheckTags reads a fragment and checks that the tags authenticate every block of it under the key of the SRS. A miner
// does this once with tags it receives: afterwards it can answer every challenge. All 1024 equations
//
//	e(T_i, G₂) = e( Hash(name ‖ i) + m_i(α)·G₁, V )
//
// are combined with 128-bit coefficients that are a hash of the tags.
// Errors: ErrTags, ErrEncoding (a bad point), ErrSize, ErrName, those of the reader and of the context.
func (s *SRS) CheckTags(ctx context.Context, tags *Tags, fragment io.Reader) error {
	name := tags.Name()
	if tags.KeyID() != s.key.id {
		return fmt.Errorf("%w: made with key %s, not %s", ErrTags, tags.KeyID(), s.key.id)
	}
	t := newTranscript(dstTags)
	t.add(tags.encoded)
	rho := t.coefficients(BlocksPerFragment)

	scaled, polynomial := make(fr.Vector, SectorsPerBlock), make(fr.Vector, SectorsPerBlock)
	err := readFragment(ctx, name, fragment, func(i int, block []byte) {
		factor := lift(&rho[i])
		sectors(scaled, block)
		scaled.ScalarMul(scaled, &factor)
		polynomial.Add(polynomial, scaled)
	})
	if err != nil {
		return err
	}
	points := make([]bls12381.G1Affine, BlocksPerFragment)
	names, blocks := make([]Name, BlocksPerFragment), make([]uint32, BlocksPerFragment)
	for i := range points {
		if i%64 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if points[i], err = tags.point(i); err != nil {
			return fmt.Errorf("tag %d of fragment %s: %w", i, name, err)
		}
		names[i], blocks[i] = name, uint32(i)
	}
	tag, err := multiply(points, rho)
	if err != nil {
		return err
	}
	committed, err := multiply(s.powers, polynomial)
	if err != nil {
		return err
	}
	sum, err := hashSum(ctx, names, blocks, rho)
	if err != nil {
		return err
	}
	sum.AddMixed(&committed)
	var left bls12381.G1Affine
	left.FromJacobian(sum.Neg(&sum))
	ok, err := pairingCheck([]bls12381.G1Affine{tag, left}, linesG2(), &s.key.lines()[0])
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%w: fragment %s", ErrTags, name)
	}
	return nil
}
