package podr2

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"sync"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// PublicKeySize is the length in bytes of an encoded public key: version ‖ V ‖ W.
const PublicKeySize = 1 + 2*g2Size

// KeyID names a public key: SHA-256 of a domain tag and its encoding.
type KeyID [32]byte

// String returns the identifier in hexadecimal.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// SecretKey is a tagger's key: the authenticator secret x and the trapdoor α of the commitment. Whoever has x can
// authenticate anything, so the holder may know α as well; this makes tagging cheap and a ceremony unnecessary.
type SecretKey struct {
	x, alpha fr.Element
	public   *PublicKey
}

// NewSecretKey derives a key from 32 secret, uniformly random bytes; the same seed gives the same key, so the seed is
// what one stores. The two scalars are hash_to_field(seed) of RFC 9380 §5.2. The only error is ErrKey for a seed that
// gives a zero scalar or α = 1; nobody will ever find one.
func NewSecretKey(seed [32]byte) (*SecretKey, error) {
	scalars, err := fr.Hash(seed[:], []byte(dstKey), 2)
	if err != nil {
		return nil, fmt.Errorf("derive tag key: %w", err)
	}
	k := &SecretKey{x: scalars[0], alpha: scalars[1]}
	if k.x.IsZero() || k.alpha.IsZero() || k.alpha.IsOne() {
		return nil, ErrKey
	}
	var x, xAlpha fr.Element
	x.Set(&k.x)
	xAlpha.Mul(&k.x, &k.alpha)
	var v, w bls12381.G2Affine
	v.ScalarMultiplicationBase(x.BigInt(new(big.Int)))
	w.ScalarMultiplicationBase(xAlpha.BigInt(new(big.Int)))
	k.public = newPublicKey(v, w)
	return k, nil
}

// Public returns the key that verifies this key's tags.
func (k *SecretKey) Public() *PublicKey { return k.public }

// String and GoString name the key without its secrets, so that no log can leak them.
func (k SecretKey) String() string { return "podr2 secret key " + k.public.id.String() }

// GoString is String.
func (k SecretKey) GoString() string { return k.String() }

// PublicKey checks proofs over fragments tagged by one tagger: V = x·G₂ and W = x·α·G₂. It is immutable and safe for
// concurrent use.
type PublicKey struct {
	v, w  bls12381.G2Affine
	id    KeyID
	lines func() *[2]lines // of V and W, 50 KB, computed once when first needed
}

func newPublicKey(v, w bls12381.G2Affine) *PublicKey {
	k := &PublicKey{v: v, w: w}
	k.id = sha256.Sum256(append([]byte(dstKeyID), k.Bytes()...))
	k.lines = sync.OnceValue(func() *[2]lines {
		return &[2]lines{bls12381.PrecomputeLines(v), bls12381.PrecomputeLines(w)}
	})
	return k
}

var linesG2 = sync.OnceValue(func() *lines {
	l := bls12381.PrecomputeLines(generatorG2)
	return &l
})

// ParsePublicKey reads PublicKeySize bytes. Both points must be in the prime-order group, not infinity, and different.
// Errors: ErrEncoding, ErrKey.
func ParsePublicKey(b []byte) (*PublicKey, error) {
	if len(b) != PublicKeySize || b[0] != Version {
		return nil, fmt.Errorf("%w: public key", ErrEncoding)
	}
	v, err := decodeG2(b[1:])
	if err != nil {
		return nil, err
	}
	w, err := decodeG2(b[1+g2Size:])
	if err != nil {
		return nil, err
	}
	if v.IsInfinity() || w.IsInfinity() || v.Equal(&w) {
		return nil, fmt.Errorf("%w: degenerate public key", ErrKey)
	}
	return newPublicKey(v, w), nil
}

// Bytes returns the encoding of the key, PublicKeySize bytes.
func (k *PublicKey) Bytes() []byte {
	v, w := k.v.Bytes(), k.w.Bytes()
	b := make([]byte, 0, PublicKeySize)
	b = append(b, Version)
	b = append(b, v[:]...)
	return append(b, w[:]...)
}

// ID returns the key's identifier.
func (k *PublicKey) ID() KeyID { return k.id }
