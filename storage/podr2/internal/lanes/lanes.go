// Package lanes runs one group operation on many points of the BLS12-381 curve at once.
//
// An affine addition needs one field inversion, which costs as much as a hundred multiplications. A column of points
// that all take the same step shares a single inversion (Montgomery's trick), and the addition then costs six
// multiplications instead of the eleven of mixed Jacobian coordinates. Tagging a fragment is exactly this shape: 1024
// points, one secret scalar. On top of the column arithmetic the package has what tagging and verification need:
// hashing to the curve (hash.go), clearing the cofactor (clear.go), multiplication of a column by one scalar
// (scalar.go) and by one scalar per lane of a fixed base (base.go).
//
// Affine formulas are not complete: doubling a point of order two, adding a point to itself or to its inverse have no
// result. Such a lane is flagged instead (Engine.Exceptional) and its contents are meaningless from then on; the caller
// recomputes it with complete formulas. For hash outputs this happens with probability about 2^-370.
//
// There are no branches on secrets in the column arithmetic, but table look-ups use secret indices: the package does
// not defend against somebody who watches the caches of the machine.
package lanes

import (
	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
)

// Points is a column of affine points, one per lane. Both slices have the same length. The point at infinity has no
// representation.
type Points struct {
	X, Y []fp.Element
}

// NewPoints returns a column of n lanes.
func NewPoints(n int) Points {
	coordinates := make([]fp.Element, 2*n)
	return Points{X: coordinates[:n:n], Y: coordinates[n:]}
}

// Len returns the number of lanes.
func (p Points) Len() int { return len(p.X) }

// Slice returns lanes [from, to) of the same column.
func (p Points) Slice(from, to int) Points { return Points{X: p.X[from:to], Y: p.Y[from:to]} }

// At returns lane i.
func (p Points) At(i int) bls12381.G1Affine { return bls12381.G1Affine{X: p.X[i], Y: p.Y[i]} }

// Set stores q, which must not be the point at infinity, in lane i.
func (p Points) Set(i int, q *bls12381.G1Affine) { p.X[i], p.Y[i] = q.X, q.Y }

func (p Points) copyFrom(q Points) {
	copy(p.X, q.X)
	copy(p.Y, q.Y)
}

// Engine holds the scratch space of column operations. It serves columns of at most its capacity, one goroutine at a
// time.
type Engine struct {
	prefix      []fp.Element
	exceptional []bool
	table       []Points // odd multiples, scalar.go
	scratch     Points
	fields      []fp.Element // two field elements per lane, hash.go
}

// NewEngine returns an engine for columns of at most capacity lanes.
func NewEngine(capacity int) *Engine {
	return &Engine{
		prefix:      make([]fp.Element, 2*capacity),
		exceptional: make([]bool, capacity),
		scratch:     NewPoints(2 * capacity),
	}
}

// Capacity returns the largest number of lanes the engine serves.
func (e *Engine) Capacity() int { return len(e.exceptional) }

// Reset forgets which lanes were exceptional.
func (e *Engine) Reset() { clear(e.exceptional) }

// Exceptional reports whether lane i met a case that affine formulas do not cover since the last Reset.
func (e *Engine) Exceptional(i int) bool { return e.exceptional[i] }

// Double doubles every lane.
func (e *Engine) Double(p Points) {
	var product, denominator fp.Element
	product.SetOne()
	for i := range p.Y {
		e.prefix[i] = product
		denominator.Double(&p.Y[i])
		if denominator.IsZero() {
			e.exceptional[i] = true
			p.Y[i].SetOne()
			denominator.Double(&p.Y[i])
		}
		product.Mul(&product, &denominator)
	}
	product.Inverse(&product)
	var slope, x, t fp.Element
	for i := len(p.Y) - 1; i >= 0; i-- {
		px, py := &p.X[i], &p.Y[i]
		slope.Mul(&product, &e.prefix[i])
		denominator.Double(py)
		product.Mul(&product, &denominator)
		t.Square(px)
		x.Double(&t)
		t.Add(&t, &x)
		slope.Mul(&slope, &t) // 3x²/2y
		x.Square(&slope)
		t.Double(px)
		x.Sub(&x, &t)
		t.Sub(px, &x)
		t.Mul(&t, &slope)
		py.Sub(&t, py)
		*px = x
	}
}

// Add adds q to p, lane by lane.
func (e *Engine) Add(p, q Points) {
	var product, denominator fp.Element
	product.SetOne()
	for i := range p.X {
		e.prefix[i] = product
		denominator.Sub(&q.X[i], &p.X[i])
		if denominator.IsZero() {
			e.exceptional[i] = true
			q.X[i].SetZero()
			p.X[i].SetOne()
			p.X[i].Neg(&p.X[i])
			denominator.SetOne()
		}
		product.Mul(&product, &denominator)
	}
	product.Inverse(&product)
	var slope, x, t fp.Element
	for i := len(p.X) - 1; i >= 0; i-- {
		px, py, qx := &p.X[i], &p.Y[i], &q.X[i]
		slope.Mul(&product, &e.prefix[i])
		denominator.Sub(qx, px)
		product.Mul(&product, &denominator)
		t.Sub(&q.Y[i], py)
		slope.Mul(&slope, &t)
		x.Square(&slope)
		x.Sub(&x, px)
		x.Sub(&x, qx)
		t.Sub(px, &x)
		t.Mul(&t, &slope)
		py.Sub(&t, py)
		*px = x
	}
}

// invert replaces every element by its inverse; a zero stays zero.
func (e *Engine) invert(a []fp.Element) {
	var product, t fp.Element
	product.SetOne()
	for i := range a {
		e.prefix[i] = product
		if !a[i].IsZero() {
			product.Mul(&product, &a[i])
		}
	}
	product.Inverse(&product)
	for i := len(a) - 1; i >= 0; i-- {
		if a[i].IsZero() {
			continue
		}
		t.Mul(&product, &e.prefix[i])
		product.Mul(&product, &a[i])
		a[i] = t
	}
}
