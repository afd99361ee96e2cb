package crypto

import (
	"crypto/rand"
	"fmt"
	"math"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
	"github.com/oasisprotocol/curve25519-voi/primitives/merlin"
	"github.com/oasisprotocol/curve25519-voi/primitives/sr25519"
)

// Verification of sr25519 signatures: Schnorr on Ristretto255, with the
// challenge drawn from a Merlin transcript as schnorrkel does. Keys and signing
// are the library's; its verification decodes the key anew for each signature
// and weighs a batch with hashes, which together cost as much as the curve.

// schnorr is a signature and what its equation s·B = R + k·A is made of.
type schnorr struct {
	key  *sr25519Key // A
	r    curve.RistrettoPoint
	s, k scalar.Scalar
}

// substrateTranscript is how every transcript of an extrinsic's signature begins.
var substrateTranscript = func() *merlin.Transcript {
	t := merlin.NewTranscript("SigningContext")
	t.AppendMessage("", []byte("substrate"))
	return t
}()

// parseSchnorr decodes a signature of msg; false if it cannot be valid. It
// refuses the identity as public key, encoded as 32 zero bytes: it would verify
// signatures that anybody can make.
func parseSchnorr(public, msg, sig []byte) (x schnorr, ok bool) {
	const marked = 0x80 // tells the signature from one of ed25519
	if len(public) != sr25519.PublicKeySize || len(sig) != sr25519.SignatureSize || [32]byte(public) == ([32]byte{}) ||
		sig[63]&marked == 0 || uint64(len(msg)) > math.MaxUint32 {
		return x, false
	}
	s := [scalar.ScalarSize]byte(sig[32:])
	s[31] &^= marked
	if !scalar.ScMinimalVartime(s[:]) {
		return x, false
	}
	if _, err := x.s.SetCanonicalBytes(s[:]); err != nil {
		return x, false
	}
	r := curve.CompressedRistretto(sig[:32])
	if _, err := x.r.SetCompressed(&r); err != nil {
		return x, false
	}
	if x.key = sr25519Keys.parse(curve.CompressedRistretto(public)); x.key == nil {
		return x, false
	}
	t := substrateTranscript.Clone()
	t.AppendMessage("sign-bytes", msg)
	t.AppendMessage("proto-name", []byte("Schnorr-sig"))
	t.AppendMessage("sign:pk", public)
	t.AppendMessage("sign:R", r[:])
	var wide [scalar.ScalarWideSize]byte
	t.ExtractBytes(wide[:], "sign:c")
	_, err := x.k.SetBytesModOrderWide(wide[:])
	return x, err == nil
}

// verify says whether the signature's equation holds.
func (x *schnorr) verify() bool {
	var minusA, zero curve.RistrettoPoint
	minusA.Neg(&x.key.point)
	return zero.TripleScalarMulBasepointVartime(&x.k, &minusA, &x.s, &x.r).IsIdentity()
}

// verifySchnorrs says whether all equations hold. It checks one random
// combination of them, Σz·R + Σ(z·k)·A − (Σz·s)·B = 0: one that does not hold
// passes with a chance of 2⁻¹²⁸. The terms of a key that signed several times
// are added up first.
func verifySchnorrs(list []schnorr) bool {
	if len(list) == 1 {
		return list[0].verify() // nothing to share
	}
	const weightSize = 16
	weights := make([]byte, weightSize*len(list))
	if _, err := rand.Read(weights); err != nil {
		panic(fmt.Sprintf("crypto: no randomness: %v", err)) // crypto/rand never returns
	}
	terms := make([]scalar.Scalar, 1, 1+2*len(list))
	points := make([]*curve.RistrettoPoint, 1, cap(terms))
	points[0] = curve.RISTRETTO_BASEPOINT_POINT
	places := make(map[*sr25519Key]int, len(list)) // of keys in terms
	for i := range list {
		x := &list[i]
		var encoded [scalar.ScalarSize]byte
		copy(encoded[:], weights[weightSize*i:][:weightSize])
		encoded[0] |= 1 // zero would take the signature out of the sum
		var z, product scalar.Scalar
		if _, err := z.SetBits(encoded[:]); err != nil {
			return false
		}
		terms[0].Sub(&terms[0], product.Mul(&z, &x.s))
		terms, points = append(terms, z), append(points, &x.r)
		place, known := places[x.key]
		if !known {
			place = len(terms)
			places[x.key] = place
			terms, points = append(terms, scalar.Scalar{}), append(points, &x.key.point)
		}
		terms[place].Add(&terms[place], product.Mul(&z, &x.k))
	}
	scalars := make([]*scalar.Scalar, len(terms))
	for i := range terms {
		scalars[i] = &terms[i]
	}
	var zero curve.RistrettoPoint
	return zero.MultiscalarMulVartime(scalars, points).IsIdentity()
}

func verifySr25519(public, msg, sig []byte) bool {
	x, ok := parseSchnorr(public, msg, sig)
	return ok && x.verify()
}
