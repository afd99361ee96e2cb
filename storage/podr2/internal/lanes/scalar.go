package lanes

import (
	"math/big"
	"sync"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

const (
	scalarWindow = 5
	scalarTable  = 1 << (scalarWindow - 1) // odd multiples 1, 3, … 31
	scalarDigits = 26                      // 26·5 = 130 bits, enough for a half of at most 129 bits
)

// Scalar is a multiplier of the prime-order group, split with the curve's endomorphism φ(x,y) = (βx,y) = λ·(x,y) into
// two halves of 129 bits, each written in odd signed digits. Odd digits are never zero: the sequence of operations is
// the same for every scalar.
type Scalar struct {
	digits [2][scalarDigits]int8 // of the half for P and the half for φ(P), least significant first
}

// endomorphism holds λ = z²-1, a cube root of one modulo the group order r = λ²+λ+1, and the β that goes with it.
var endomorphism = sync.OnceValue(func() (e struct {
	lambda *big.Int
	beta   fp.Element
}) {
	e.lambda = new(big.Int).SetUint64(seed)
	e.lambda.Mul(e.lambda, e.lambda)
	e.lambda.Sub(e.lambda, big.NewInt(1))

	exponent := new(big.Int).Sub(fp.Modulus(), big.NewInt(1))
	exponent.Div(exponent, big.NewInt(3))
	_, _, g, _ := bls12381.Generators()
	var want bls12381.G1Affine
	want.ScalarMultiplicationBase(e.lambda)
	for base := uint64(2); ; base++ { // two of three bases give a primitive cube root, one of two roots is β
		var b, x fp.Element
		b.SetUint64(base)
		e.beta.Exp(b, exponent)
		for range 2 {
			if x.Mul(&g.X, &e.beta); x.Equal(&want.X) {
				return e
			}
			e.beta.Square(&e.beta)
		}
	}
})

// NewScalar prepares k. It runs in variable time, once per key.
func NewScalar(k *fr.Element) *Scalar {
	lambda := endomorphism().lambda
	var value, low, high big.Int
	k.BigInt(&value)
	high.DivMod(&value, lambda, &low)
	// (λ, -1) and (1, λ+1) are relations a+bλ ≡ 0; λ is odd. The first flips both parities, the second that of a.
	one := big.NewInt(1)
	if high.Bit(0) == 0 {
		low.Add(&low, lambda)
		high.Sub(&high, one)
	}
	if low.Bit(0) == 0 {
		low.Add(&low, one)
		high.Add(&high, lambda)
		high.Add(&high, one)
	}
	s := new(Scalar)
	for i, half := range []*big.Int{&low, &high} {
		magnitude := new(big.Int).Abs(half)
		for j := range scalarDigits {
			var digit int64
			if j < scalarDigits-1 {
				digit = int64(new(big.Int).And(magnitude, big.NewInt(1<<(scalarWindow+1)-1)).Uint64()) - 1<<scalarWindow
			} else {
				digit = magnitude.Int64()
			}
			if half.Sign() < 0 {
				s.digits[i][j] = int8(-digit)
			} else {
				s.digits[i][j] = int8(digit)
			}
			magnitude.Rsh(magnitude, scalarWindow)
			magnitude.SetBit(magnitude, 0, 1)
		}
	}
	return s
}

// Mul multiplies every lane, all in the prime-order group, by the scalar.
func (e *Engine) Mul(p Points, s *Scalar) {
	n := p.Len()
	if e.table == nil {
		for range scalarTable {
			e.table = append(e.table, NewPoints(e.Capacity()))
		}
	}
	twice := e.scratch.Slice(0, n)
	twice.copyFrom(p)
	e.Double(twice)
	e.table[0].copyFrom(p)
	for i := 1; i < scalarTable; i++ {
		entry := e.table[i].Slice(0, n)
		entry.copyFrom(e.table[i-1].Slice(0, n))
		e.Add(entry, twice)
	}

	q := e.scratch.Slice(0, n)
	e.pick(p, s.digits[0][scalarDigits-1], false)
	e.pick(q, s.digits[1][scalarDigits-1], true)
	e.Add(p, q)
	for j := scalarDigits - 2; j >= 0; j-- {
		for range scalarWindow {
			e.Double(p)
		}
		e.pick(q, s.digits[0][j], false)
		e.Add(p, q)
		e.pick(q, s.digits[1][j], true)
		e.Add(p, q)
	}
}

// pick fills q with digit·P of the current table, under the endomorphism if phi.
func (e *Engine) pick(q Points, digit int8, phi bool) {
	negative := digit < 0
	if negative {
		digit = -digit
	}
	entry := e.table[digit>>1]
	if phi {
		beta := endomorphism().beta
		for i := range q.X {
			q.X[i].Mul(&entry.X[i], &beta)
		}
	} else {
		copy(q.X, entry.X)
	}
	if negative {
		for i := range q.Y {
			q.Y[i].Neg(&entry.Y[i])
		}
	} else {
		copy(q.Y, entry.Y)
	}
}
