package lanes

import (
	"crypto/sha256"
	"sync"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/hash_to_curve"
)

// Hasher is the random oracle of RFC 9380 suite BLS12381G1_XMD:SHA-256_SSWU_RO_ under one domain separation tag, split
// before its last step: it returns points of the whole curve, and the oracle's output is that point with the cofactor
// cleared. Clearing is linear, so a verifier sums first and clears once.
type Hasher struct {
	dst []byte // domain separation tag ‖ its length
}

// NewHasher returns the oracle for a domain separation tag of at most 64 bytes.
func NewHasher(dst string) *Hasher {
	if len(dst) == 0 || len(dst) > 64 {
		panic("lanes: domain separation tag must have 1 to 64 bytes")
	}
	return &Hasher{dst: append([]byte(dst), byte(len(dst)))}
}

// expand is expand_message_xmd of RFC 9380 §5.3.1 for 128 bytes of output.
func (h *Hasher) expand(message []byte) (out [128]byte) {
	buffer := make([]byte, 0, 256)
	buffer = append(buffer, make([]byte, sha256.BlockSize)...)
	buffer = append(buffer, message...)
	buffer = append(buffer, 0, 128, 0)
	buffer = append(buffer, h.dst...)
	first := sha256.Sum256(buffer)

	var previous [32]byte
	for i := range 4 {
		for j := range previous {
			previous[j] ^= first[j]
		}
		buffer = append(buffer[:0], previous[:]...)
		buffer = append(buffer, byte(i+1))
		buffer = append(buffer, h.dst...)
		previous = sha256.Sum256(buffer)
		copy(out[32*i:], previous[:])
	}
	return out
}

// fieldElements is hash_to_field of RFC 9380 §5.2 with count 2.
func (h *Hasher) fieldElements(message []byte) (u [2]fp.Element) {
	c := sswu()
	expanded := h.expand(message)
	for i := range u {
		high, low := fieldElement(expanded[64*i:64*i+32]), fieldElement(expanded[64*i+32:64*i+64])
		high.Mul(&high, &c.twoTo256)
		u[i].Add(&high, &low)
	}
	return u
}

// fieldElement reads 32 big-endian bytes, always less than the modulus.
func fieldElement(b []byte) (e fp.Element) {
	var padded [fp.Bytes]byte
	copy(padded[fp.Bytes-32:], b)
	if err := e.SetBytesCanonical(padded[:]); err != nil {
		panic(err) // unreachable: 256 bits are less than the 381-bit modulus
	}
	return e
}

// Uncleared hashes one message with complete formulas: the reference for the column, and its fall-back.
func (h *Hasher) Uncleared(message []byte) bls12381.G1Jac {
	u := h.fieldElements(message)
	var sum bls12381.G1Jac
	for i := range u {
		q := bls12381.MapToCurve1(&u[i])
		hash_to_curve.G1Isogeny(&q.X, &q.Y)
		var jac bls12381.G1Jac
		jac.FromAffine(&q)
		sum.AddAssign(&jac)
	}
	return sum
}

// sswuConstants belong to the simplified SWU map for BLS12-381 G1 (RFC 9380 §8.8.1, appendix E.2).
type sswuConstants struct {
	a, b       fp.Element
	minusBDivA fp.Element // -B/A
	bDivZA     fp.Element // B/(Z·A)
	rootMinus  fp.Element // square root of -Z
	twoTo256   fp.Element
	isogeny    [4][]fp.Element // x numerator, x denominator, y numerator, y denominator; denominators are monic
}

var sswu = sync.OnceValue(func() *sswuConstants {
	c := &sswuConstants{isogeny: hash_to_curve.G1IsogenyMap()}
	c.a, c.b = hash_to_curve.G1SSWUIsogenyCurveCoefficients()
	z := hash_to_curve.G1SSWUIsogenyZ()
	c.minusBDivA.Div(&c.b, &c.a)
	c.bDivZA.Div(&c.minusBDivA, &z)
	c.minusBDivA.Neg(&c.minusBDivA)
	z.Neg(&z)
	c.rootMinus.Sqrt(&z)
	c.twoTo256.SetOne()
	for range 256 {
		c.twoTo256.Double(&c.twoTo256)
	}
	return c
})

// Hash fills every lane of p with the uncleared hash of message(lane). message may reuse its buffer. Exceptional lanes
// are already recomputed; a lane whose hash is the point at infinity, which nobody knows how to find, is flagged.
func (e *Engine) Hash(h *Hasher, p Points, message func(lane int) []byte) {
	n := p.Len()
	if e.fields == nil {
		e.fields = make([]fp.Element, 4*e.Capacity())
	}
	u, inverse := e.fields[:2*n], e.fields[2*n:4*n]
	for i := range n {
		pair := h.fieldElements(message(i))
		u[i], u[n+i] = pair[0], pair[1]
	}
	mapped := e.scratch.Slice(0, 2*n)
	e.mapToIsogenous(mapped, u, inverse)
	p.copyFrom(mapped.Slice(0, n))

	before := make([]bool, n)
	copy(before, e.exceptional)
	clear(e.exceptional[:n])
	e.Add(p, mapped.Slice(n, 2*n))
	e.isogeny(p, inverse)
	for i := range n {
		if e.exceptional[i] {
			e.exceptional[i] = false
			sum := h.Uncleared(message(i))
			if sum.Z.IsZero() {
				e.exceptional[i] = true
				continue
			}
			var affine bls12381.G1Affine
			affine.FromJacobian(&sum)
			p.Set(i, &affine)
		}
		e.exceptional[i] = e.exceptional[i] || before[i]
	}
}

// mapToIsogenous is map_to_curve_simple_swu (RFC 9380 §6.6.2) on the isogenous curve, with shared inversions. inverse
// is scratch space of the same length as u.
func (e *Engine) mapToIsogenous(p Points, u, inverse []fp.Element) {
	c := sswu()
	var tv1, tv2 fp.Element
	for i := range u {
		tv1.Square(&u[i])
		hash_to_curve.G1MulByZ(&tv1, &tv1)
		tv2.Square(&tv1)
		tv2.Add(&tv2, &tv1)
		inverse[i] = tv2
	}
	e.invert(inverse)
	var one, gx, y, t fp.Element
	one.SetOne()
	for i := range u {
		x := &p.X[i]
		if inverse[i].IsZero() {
			*x = c.bDivZA
		} else {
			x.Add(&inverse[i], &one)
			x.Mul(x, &c.minusBDivA)
		}
		gx.Square(x)
		gx.Add(&gx, &c.a)
		gx.Mul(&gx, x)
		gx.Add(&gx, &c.b)
		// With p ≡ 3 mod 4 the power is a root of gx or of -gx; in the second case it leads to a root of g(Z·u²·x).
		y.ExpBySqrtPp1o4(gx)
		t.Square(&y)
		if !t.Equal(&gx) {
			tv1.Square(&u[i])
			hash_to_curve.G1MulByZ(&tv1, &tv1)
			x.Mul(x, &tv1)
			y.Mul(&y, &c.rootMinus)
			y.Mul(&y, &tv1)
			y.Mul(&y, &u[i])
		}
		if hash_to_curve.G1Sgn0(&u[i]) != hash_to_curve.G1Sgn0(&y) {
			y.Neg(&y)
		}
		p.Y[i] = y
	}
}

// isogeny maps every lane from the isogenous curve to the curve (RFC 9380 appendix E.2). inverse is scratch space of at
// least twice the length of p.
func (e *Engine) isogeny(p Points, inverse []fp.Element) {
	c := sswu()
	n := p.Len()
	xDenominators, inverses := inverse[:n], inverse[n:2*n]
	for i := range p.X {
		xDenominators[i] = evaluate(c.isogeny[1], true, &p.X[i])
		inverses[i] = evaluate(c.isogeny[3], true, &p.X[i])
		if inverses[i].IsZero() {
			e.exceptional[i] = true
		}
	}
	e.invert(inverses)
	var xInverse fp.Element
	for i := range p.X {
		// The denominators are the square and the cube of the kernel polynomial, so 1/xDen = (xDen/yDen)².
		xInverse.Mul(&inverses[i], &xDenominators[i])
		xInverse.Square(&xInverse)
		x := evaluate(c.isogeny[0], false, &p.X[i])
		y := evaluate(c.isogeny[2], false, &p.X[i])
		x.Mul(&x, &xInverse)
		y.Mul(&y, &inverses[i])
		p.X[i] = x
		p.Y[i].Mul(&p.Y[i], &y)
	}
}

// evaluate is Horner's rule; coefficients rise, and a monic polynomial omits its leading one.
func evaluate(coefficients []fp.Element, monic bool, x *fp.Element) fp.Element {
	last := len(coefficients) - 1
	value := coefficients[last]
	if monic {
		value.Add(&value, x)
	}
	for i := last - 1; i >= 0; i-- {
		value.Mul(&value, x)
		value.Add(&value, &coefficients[i])
	}
	return value
}
