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

// NewHasher returns the oracle for a domain separation tag of 1 to 64 bytes; other lengths are a programming error and
// panic.
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
	expanded := h.expand(message)
	for i := range u {
		high, low := fieldElement(expanded[64*i:64*i+32]), fieldElement(expanded[64*i+32:64*i+64])
		high.Mul(&high, &twoTo256)
		u[i].Add(&high, &low)
	}
	return u
}

// twoTo256 is 2^256 in the field.
var twoTo256 = func() (e fp.Element) {
	e.SetOne()
	for range 256 {
		e.Double(&e)
	}
	return e
}()

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

// constants of the simplified SWU map for BLS12-381 G1 (RFC 9380 §8.8.1, appendix E.2), in every lane.
type constants[T any] struct {
	one        T
	z          T
	a, b       T      // coefficients of the isogenous curve
	minusBDivA T      // -B/A
	rootMinusZ T      // square root of -Z
	isogeny    [4][]T // x numerator, x denominator, y numerator, y denominator; denominators are monic
	beta       T      // of the endomorphism, scalar.go
}

func makeConstants[T any, P number[T]]() *constants[T] {
	c := new(constants[T])
	every := func(e fp.Element) (number T) {
		values := make([]fp.Element, P(&number).lanes())
		for i := range values {
			values[i] = e
		}
		P(&number).set(values)
		return number
	}
	var one, ratio, root fp.Element
	one.SetOne()
	a, b := hash_to_curve.G1SSWUIsogenyCurveCoefficients()
	z := hash_to_curve.G1SSWUIsogenyZ()
	ratio.Div(&b, &a)
	ratio.Neg(&ratio)
	root.Neg(&z)
	root.Sqrt(&root)
	c.one, c.z, c.a, c.b, c.minusBDivA, c.rootMinusZ = every(one), every(z), every(a), every(b), every(ratio), every(root)
	for i, coefficients := range hash_to_curve.G1IsogenyMap() {
		for _, e := range coefficients {
			c.isogeny[i] = append(c.isogeny[i], every(e))
		}
	}
	c.beta = every(endomorphism().beta)
	return c
}

var (
	narrowConstants = sync.OnceValue(makeConstants[narrow])
	wideConstants   = sync.OnceValue(makeConstants[wide])
)

// constantsOf returns the constants for a kind of number, computed once.
func constantsOf[T any, P number[T]]() *constants[T] {
	var c any
	switch any(new(T)).(type) {
	case *narrow:
		c = narrowConstants()
	case *wide:
		c = wideConstants()
	}
	return c.(*constants[T])
}

// Hash implements Engine.
func (b *bench[T, P]) Hash(h *Hasher, n int, message func(lane int) []byte) {
	b.failed, b.lanes = false, n
	size := (n + b.width - 1) / b.width
	b.column = b.all.slice(0, size)
	second := b.second.slice(0, size)
	u := b.scratch.slice(0, size) // the two field elements of each lane
	values := b.fields[:2*b.width]
	for i := range size {
		for j := range b.width {
			pair := h.fieldElements(message(min(i*b.width+j, n-1))) // unused lanes repeat the last
			values[j], values[b.width+j] = pair[0], pair[1]
		}
		P(&u.x[i]).set(values[:b.width])
		P(&u.y[i]).set(values[b.width:])
	}
	b.mapToIsogenous(b.column, u.x)
	b.mapToIsogenous(second, u.y)
	b.add(b.column, second)
	b.isogeny(b.column, u)
	if b.failed {
		b.hashSlowly(h, message)
	}
}

// hashSlowly recomputes the column with complete formulas. The column stays failed if a hash is the point at infinity.
func (b *bench[T, P]) hashSlowly(h *Hasher, message func(lane int) []byte) {
	b.failed = false
	x, y := b.fields[:b.width], b.fields[b.width:2*b.width]
	for i := range b.column.x {
		for j := range b.width {
			sum := h.Uncleared(message(min(i*b.width+j, b.lanes-1)))
			b.failed = b.failed || sum.Z.IsZero()
			var affine bls12381.G1Affine
			affine.FromJacobian(&sum)
			x[j], y[j] = affine.X, affine.Y
		}
		P(&b.column.x[i]).set(x)
		P(&b.column.y[i]).set(y)
	}
}

// mapToIsogenous is map_to_curve_simple_swu (RFC 9380 §6.6.2) on the isogenous curve, with one shared inversion. u = 0
// and Z·u² = -1, which nobody knows how to hit, count as failures.
func (b *bench[T, P]) mapToIsogenous(p points[T], u []T) {
	c := b.constants
	t, d := b.t, b.d
	for i := range u { // x = Z²u⁴ + Zu² for now
		t.squares(&u[i], 1)
		t.product(t, &c.z)
		d.squares(t, 1)
		P(&p.x[i]).sum(d, t)
	}
	b.invert(p.x)
	values := func(k int) []fp.Element { return b.fields[k*b.width : (k+1)*b.width] }
	x1, x2, y1, y2, ok, sign := values(0), values(1), values(2), values(3), values(4), values(5)
	gx, y := b.slope, b.chain
	for i := range u {
		x := P(&p.x[i])
		d.sum(x, &c.one)
		x.product(d, &c.minusBDivA)
		gx.squares(x, 1)
		d.sum(gx, &c.a)
		gx.product(d, x)
		gx.sum(gx, &c.b)
		// The power is a root of gx or of -gx; in the second case it leads to a root of g(Zu²·x).
		y.root(gx, b.rootTable)
		d.squares(y, 1)
		d.difference(d, gx)
		d.get(ok)
		P(&u[i]).get(sign)
		x.get(x1)
		y.get(y1)
		t.squares(&u[i], 1)
		t.product(t, &c.z)
		d.product(x, t)
		d.get(x2)
		d.product(y, &c.rootMinusZ)
		d.product(d, t)
		d.product(d, &u[i])
		d.get(y2)
		for j := range ok {
			if !ok[j].IsZero() {
				x1[j], y1[j] = x2[j], y2[j]
			}
			if hash_to_curve.G1Sgn0(&sign[j]) != hash_to_curve.G1Sgn0(&y1[j]) {
				y1[j].Neg(&y1[j])
			}
		}
		x.set(x1)
		P(&p.y[i]).set(y1)
	}
}

// isogeny maps every lane from the isogenous curve to the curve (RFC 9380 appendix E.2). scratch has as many lanes.
func (b *bench[T, P]) isogeny(p, scratch points[T]) {
	c := b.constants
	for i := range p.x {
		b.evaluate(P(&scratch.x[i]), c.isogeny[1], true, &p.x[i])
		b.evaluate(P(&scratch.y[i]), c.isogeny[3], true, &p.x[i])
	}
	b.invert(scratch.y)
	t, d := b.t, b.d
	for i := range p.x {
		// The denominators are the square and the cube of the kernel polynomial, so 1/xDen = (xDen/yDen)².
		d.product(&scratch.y[i], &scratch.x[i])
		d.squares(d, 1)
		b.evaluate(t, c.isogeny[0], false, &p.x[i])
		t.product(t, d)
		b.evaluate(d, c.isogeny[2], false, &p.x[i])
		d.product(d, &scratch.y[i])
		P(&p.y[i]).product(&p.y[i], d)
		p.x[i] = *t
	}
}

// evaluate sets z to a polynomial at x by Horner's rule; coefficients rise, and a monic polynomial omits its leading
// one. The result is loose.
func (b *bench[T, P]) evaluate(z P, coefficients []T, monic bool, x *T) {
	last := len(coefficients) - 1
	*z = coefficients[last]
	if monic {
		z.sum(z, x)
	}
	for i := last - 1; i >= 0; i-- {
		z.product(z, x)
		z.sum(z, &coefficients[i])
	}
}
