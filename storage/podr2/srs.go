package podr2

import (
	"fmt"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// SRSSize is the length in bytes of an encoded SRS: version ‖ SectorsPerBlock points.
const SRSSize = 1 + SectorsPerBlock*g1Size

// SRS is what a prover needs besides the data and the tags: the powers A_j = α^j·G₁, j = 0 … SectorsPerBlock-1, of the
// trapdoor of one tagger's key. A verifier does not need it. An SRS value has always been checked against its key. It
// is immutable and safe for concurrent use.
type SRS struct {
	key    *PublicKey
	powers []bls12381.G1Affine
}

// SRS computes the powers that go with the key, about 30 ms.
func (k *SecretKey) SRS() *SRS {
	scalars := make([]fr.Element, SectorsPerBlock)
	scalars[0].SetOne()
	for j := 1; j < len(scalars); j++ {
		scalars[j].Mul(&scalars[j-1], &k.alpha)
	}
	return &SRS{key: k.public, powers: bls12381.BatchScalarMultiplicationG1(&generatorG1, scalars)}
}

// ParseSRS reads SRSSize bytes and checks with a pairing that they are the powers that belong to key, about 30 ms.
// Errors: ErrEncoding, ErrKey.
func ParseSRS(key *PublicKey, b []byte) (*SRS, error) {
	if len(b) != SRSSize || b[0] != Version {
		return nil, fmt.Errorf("%w: SRS", ErrEncoding)
	}
	s := &SRS{key: key, powers: make([]bls12381.G1Affine, SectorsPerBlock)}
	for j := range s.powers {
		p, err := decodeG1(b[1+j*g1Size:])
		if err != nil {
			return nil, fmt.Errorf("SRS power %d: %w", j, err)
		}
		s.powers[j] = p
	}
	if !s.powers[0].Equal(&generatorG1) {
		return nil, fmt.Errorf("%w: SRS does not start with the generator", ErrKey)
	}
	// A_{j+1} = α·A_j for all j, combined with random coefficients: e(Σρ_j·A_{j+1}, V) = e(Σρ_j·A_j, W).
	t := newTranscript(dstSRS)
	t.add(key.id[:])
	t.add(b)
	rho := t.coefficients(SectorsPerBlock - 1)
	high, err := multiply(s.powers[1:], rho)
	if err != nil {
		return nil, err
	}
	low, err := multiply(s.powers[:SectorsPerBlock-1], rho)
	if err != nil {
		return nil, err
	}
	low.Neg(&low)
	keyLines := key.lines()
	ok, err := pairingCheck([]bls12381.G1Affine{high, low}, &keyLines[0], &keyLines[1])
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%w: SRS belongs to another key", ErrKey)
	}
	return s, nil
}

// Key returns the public key whose tags the SRS can prove.
func (s *SRS) Key() *PublicKey { return s.key }

// Bytes returns the encoding of the SRS, SRSSize bytes.
func (s *SRS) Bytes() []byte {
	b := make([]byte, 1, SRSSize)
	b[0] = Version
	for j := range s.powers {
		p := s.powers[j].Bytes()
		b = append(b, p[:]...)
	}
	return b
}
