// Package lanes runs one group operation on many points of the BLS12-381 curve at once.
//
// An affine addition needs one field inversion, which costs as much as a hundred multiplications. A column of points
// that all take the same step shares a single inversion (Montgomery's trick), and the addition then costs six
// multiplications instead of the eleven of mixed Jacobian coordinates. Tagging a fragment is exactly this shape: 1024
// points, one secret scalar. An Engine holds one column and has what tagging and verification need: hashing to the curve
// (hash.go), clearing the cofactor, multiplication of the column by one scalar (scalar.go) and addition of one multiple
// of the generator per lane (base.go).
//
// The formulas are written once over a field number that is either one element, with gnark-crypto's arithmetic, or eight
// at a time in AVX-512 registers (package ifma).
//
// Affine formulas are not complete: doubling a point of order two, adding a point to itself or to its inverse have no
// result. If that happens in any lane the engine reports Failed and the column is meaningless; the caller recomputes it
// with complete formulas. For hash outputs the probability is about 2^-370.
//
// There are no branches on secrets in the column arithmetic, but table look-ups use secret indices: the package does
// not defend against somebody who watches the caches of the machine.
package lanes

import (
	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
	"github.com/gocess/gocess/storage/podr2/internal/ifma"
)

// Engine holds a column of points and its scratch space. It serves one goroutine at a time.
type Engine interface {
	// Hash starts a new column of n lanes, n between 1 and the capacity: lane i is the uncleared hash of message(i).
	// message may reuse its buffer.
	Hash(h *Hasher, n int, message func(lane int) []byte)
	// ClearCofactor takes every lane into the prime-order group.
	ClearCofactor()
	// Mul multiplies every lane by one scalar. All lanes must be in the prime-order group.
	Mul(s *Scalar)
	// AddBase adds scalars[i]·G to lane i, G being the generator of G1.
	AddBase(scalars []fr.Element)
	// Points writes the column to dst.
	Points(dst []bls12381.G1Affine)
	// Failed reports whether affine formulas met a case they do not cover since the last Hash.
	Failed() bool
}

// NewEngine returns the fastest engine of this machine for columns of up to capacity lanes.
func NewEngine(capacity int) Engine {
	if ifma.Available {
		return newBench[wide](capacity)
	}
	return NewPortableEngine(capacity)
}

// NewPortableEngine returns the engine that is the same on every machine.
func NewPortableEngine(capacity int) Engine { return newBench[narrow](capacity) }

// number is a field number of one or several lanes. Results of product, squares, root, minus, minusTwo and set are
// tight, the others are loose: fit to be factors, and where a method says so.
type number[T any] interface {
	*T
	lanes() int
	product(x, y *T)
	squares(x *T, n int)  // x^(2^n), n ≥ 1
	root(x *T, table []T) // x^((p+1)/4), table being scratch space of rootTable numbers
	sum(x, y *T)
	difference(x, y *T)  // y is tight
	minus(x, a *T)       // x - a; both tight
	minusTwo(x, a, b *T) // x - a - b; all tight
	set(values []fp.Element)
	get(values []fp.Element)
	load(lane int, p *packed) // the lane becomes tight
	pack(e *fp.Element) packed
}

// packed is one lane of a number in the form in which the number keeps it.
type packed [8]uint64

// points is a column of affine points. The point at infinity has no representation.
type points[T any] struct{ x, y []T }

func newPoints[T any](n int) points[T] {
	coordinates := make([]T, 2*n)
	return points[T]{coordinates[:n:n], coordinates[n:]}
}

func (p points[T]) slice(from, to int) points[T] { return points[T]{p.x[from:to], p.y[from:to]} }

func (p points[T]) copyFrom(q points[T]) {
	copy(p.x, q.x)
	copy(p.y, q.y)
}

// bench is the engine over one kind of number.
type bench[T any, P number[T]] struct {
	constants *constants[T]
	width     int // lanes of a number
	lanes     int // lanes of the column
	column    points[T]
	failed    bool

	all, second, scratch points[T]
	table                []points[T] // odd multiples, scalar.go
	prefix               []T
	fields               []fp.Element
	// Locals of the formulas. They are parts of one slice because the vectors want to be aligned.
	zero, chain, slope, d, t P
	rootTable                []T
}

func newBench[T any, P number[T]](capacity int) *bench[T, P] {
	b := newFormulas[T, P](constantsOf[T, P]())
	numbers := (capacity + b.width - 1) / b.width
	b.all, b.second, b.scratch = newPoints[T](numbers), newPoints[T](numbers), newPoints[T](numbers)
	b.prefix = make([]T, numbers)
	return b
}

// newFormulas returns a bench without room for columns.
func newFormulas[T any, P number[T]](c *constants[T]) *bench[T, P] {
	locals := make([]T, 8+rootTable)
	b := &bench[T, P]{
		constants: c,
		zero:      &locals[0], chain: &locals[1], slope: &locals[2], d: &locals[3], t: &locals[4],
		rootTable: locals[8:],
	}
	b.width = b.zero.lanes()
	b.fields = make([]fp.Element, 6*b.width)
	return b
}

// Failed implements Engine.
func (b *bench[T, P]) Failed() bool { return b.failed }

// Points implements Engine.
func (b *bench[T, P]) Points(dst []bls12381.G1Affine) {
	x, y := b.fields[:b.width], b.fields[b.width:2*b.width]
	for i := range b.column.x {
		P(&b.column.x[i]).get(x)
		P(&b.column.y[i]).get(y)
		for j := 0; j < b.width && i*b.width+j < min(b.lanes, len(dst)); j++ {
			dst[i*b.width+j] = bls12381.G1Affine{X: x[j], Y: y[j]}
		}
	}
}

// invertChain inverts the product of a column, each lane of it; a zero there means that some denominator was zero.
func (b *bench[T, P]) invertChain() {
	values := b.fields[:b.width]
	b.chain.get(values)
	for i := range values {
		if values[i].IsZero() {
			b.failed = true
			values[i].SetOne()
		}
	}
	copy(values, fp.BatchInvert(values))
	b.chain.set(values)
}

// double doubles every lane.
func (b *bench[T, P]) double(p points[T]) {
	chain, slope, d, t := b.chain, b.slope, b.d, b.t
	*chain = b.constants.one
	for i := range p.y {
		b.prefix[i] = *chain
		d.sum(&p.y[i], &p.y[i])
		chain.product(chain, d)
	}
	b.invertChain()
	for i := len(p.y) - 1; i >= 0; i-- {
		x, y := &p.x[i], &p.y[i]
		slope.product(chain, &b.prefix[i])
		d.sum(y, y)
		chain.product(chain, d)
		t.squares(x, 1)
		d.sum(t, t)
		d.sum(d, t)
		slope.product(slope, d) // 3x²/2y
		t.squares(slope, 1)
		t.minusTwo(t, x, x)
		d.difference(x, t)
		d.product(d, slope)
		P(y).minus(d, y)
		*x = *t
	}
}

// add adds q to p, lane by lane.
func (b *bench[T, P]) add(p, q points[T]) {
	chain, slope, d, t := b.chain, b.slope, b.d, b.t
	*chain = b.constants.one
	for i := range p.x {
		b.prefix[i] = *chain
		d.difference(&q.x[i], &p.x[i])
		chain.product(chain, d)
	}
	b.invertChain()
	for i := len(p.x) - 1; i >= 0; i-- {
		x, y, qx := &p.x[i], &p.y[i], &q.x[i]
		slope.product(chain, &b.prefix[i])
		d.difference(qx, x)
		chain.product(chain, d)
		d.difference(&q.y[i], y)
		slope.product(slope, d)
		t.squares(slope, 1)
		t.minusTwo(t, x, qx)
		d.difference(x, t)
		d.product(d, slope)
		P(y).minus(d, y)
		*x = *t
	}
}

// invert replaces every number by its inverse.
func (b *bench[T, P]) invert(a []T) {
	chain, t := b.chain, b.t
	*chain = b.constants.one
	for i := range a {
		b.prefix[i] = *chain
		chain.product(chain, &a[i])
	}
	b.invertChain()
	for i := len(a) - 1; i >= 0; i-- {
		t.product(chain, &b.prefix[i])
		chain.product(chain, &a[i])
		a[i] = *t
	}
}

// seed is the absolute value of the BLS12-381 parameter z (which is negative).
const seed uint64 = 0xd201000000010000

// ClearCofactor implements Engine. It multiplies by 1-z = 1+|z|, the effective cofactor of RFC 9380 §8.8.1.
func (b *bench[T, P]) ClearCofactor() {
	base := b.scratch.slice(0, len(b.column.x))
	base.copyFrom(b.column)
	const effective = seed + 1
	for bit := 62; bit >= 0; bit-- {
		b.double(b.column)
		if effective>>bit&1 == 1 {
			b.add(b.column, base)
		}
	}
}
