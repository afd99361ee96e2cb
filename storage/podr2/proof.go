package podr2

import (
	"fmt"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// ProofSize is the length in bytes of every proof: version ‖ T ‖ y ‖ π.
const ProofSize = 1 + g1Size + scalarSize + g1Size

// Proof answers a query: the combined tag T, the value y of the combined polynomial at the seed's point, and the
// commitment π to the quotient that proves y. Immutable.
type Proof struct {
	tag, quotient bls12381.G1Affine
	value         fr.Element
}

// ParseProof reads ProofSize bytes. Both points must be in the prime-order group and in their only encoding, the value
// reduced; T is never infinity, π is when all combined sectors but the first are zero. The error is ErrEncoding.
func ParseProof(b []byte) (*Proof, error) {
	if len(b) != ProofSize || b[0] != Version {
		return nil, fmt.Errorf("%w: proof", ErrEncoding)
	}
	p := new(Proof)
	var err error
	if p.tag, err = decodeG1(b[1:]); err != nil {
		return nil, err
	}
	if p.tag.IsInfinity() {
		return nil, fmt.Errorf("%w: proof without a tag", ErrEncoding)
	}
	if err := p.value.SetBytesCanonical(b[1+g1Size : 1+g1Size+scalarSize]); err != nil {
		return nil, fmt.Errorf("%w: value is not reduced", ErrEncoding)
	}
	if p.quotient, err = decodeG1(b[1+g1Size+scalarSize:]); err != nil {
		return nil, err
	}
	return p, nil
}

// Bytes returns the encoding of the proof, ProofSize bytes.
func (p *Proof) Bytes() []byte {
	tag, value, quotient := p.tag.Bytes(), p.value.Bytes(), p.quotient.Bytes()
	b := make([]byte, 0, ProofSize)
	b = append(b, Version)
	b = append(b, tag[:]...)
	b = append(b, value[:]...)
	return append(b, quotient[:]...)
}
