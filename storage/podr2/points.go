package podr2

import (
	"bytes"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc"
	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// Sizes of compressed points and of scalars, in bytes.
const (
	g1Size     = bls12381.SizeOfG1AffineCompressed
	g2Size     = bls12381.SizeOfG2AffineCompressed
	scalarSize = fr.Bytes
)

// Domain separation tags. The first one is part of the value of every tag.
const (
	dstBlock = "CESS-PODR2-V2_BLS12381G1_XMD:SHA-256_SSWU_RO_"
	dstKey   = "CESS-PODR2-V2_KEY"
	dstPoint = "CESS-PODR2-V2_POINT"
	dstSeed  = "CESS-PODR2-V2/seed"
	dstDraw  = "CESS-PODR2-V2/dr" // with seed and counter it fills one SHA-256 block
	dstKeyID = "CESS-PODR2-V2/key-id"
	dstTags  = "CESS-PODR2-V2/check-tags"
	dstSRS   = "CESS-PODR2-V2/check-srs"
	dstBatch = "CESS-PODR2-V2/batch"
)

// decodeG1 reads a compressed point, which must be in the prime-order group and in its only encoding.
func decodeG1(b []byte) (p bls12381.G1Affine, err error) {
	if _, err := p.SetBytes(b[:g1Size]); err != nil {
		return p, fmt.Errorf("%w: G1 point: %v", ErrEncoding, err)
	}
	if again := p.Bytes(); !bytes.Equal(again[:], b[:g1Size]) {
		return p, fmt.Errorf("%w: G1 point is not canonical", ErrEncoding)
	}
	return p, nil
}

// decodeG2 is decodeG1 for the other group.
func decodeG2(b []byte) (p bls12381.G2Affine, err error) {
	if _, err := p.SetBytes(b[:g2Size:g2Size]); err != nil {
		return p, fmt.Errorf("%w: G2 point: %v", ErrEncoding, err)
	}
	if again := p.Bytes(); !bytes.Equal(again[:], b[:g2Size]) {
		return p, fmt.Errorf("%w: G2 point is not canonical", ErrEncoding)
	}
	return p, nil
}

// Some values fixed by the curve.
var (
	generatorG1 = func() bls12381.G1Affine { _, _, g, _ := bls12381.Generators(); return g }()
	generatorG2 = func() bls12381.G2Affine { _, _, _, g := bls12381.Generators(); return g }()
	// montgomery is the field element 2^256, the factor between an integer and its internal form.
	montgomery = func() (e fr.Element) {
		e.SetOne()
		for range 256 {
			e.Double(&e)
		}
		return e
	}()
)

// lines are the precomputed line functions of a fixed G2 argument of the pairing.
type lines = [2][len(bls12381.LoopCounter) - 1]bls12381.LineEvaluationAff

// multiply returns Σ scalars[i]·points[i].
func multiply(points []bls12381.G1Affine, scalars []fr.Element) (sum bls12381.G1Affine, err error) {
	if _, err := sum.MultiExp(points, scalars, ecc.MultiExpConfig{NbTasks: 1}); err != nil {
		return sum, fmt.Errorf("multiply points: %w", err)
	}
	return sum, nil
}

// pairingCheck tells whether Π e(points[i], Q_i) = 1, each Q_i given by its lines.
func pairingCheck(points []bls12381.G1Affine, fixed ...*lines) (bool, error) {
	// The library evaluates the lines in place: it must not get the ones that are kept.
	copies := make([]lines, len(fixed))
	for i := range fixed {
		copies[i] = *fixed[i]
	}
	ok, err := bls12381.PairingCheckFixedQ(points, copies)
	if err != nil {
		return false, fmt.Errorf("pairing: %w", err)
	}
	return ok, nil
}
