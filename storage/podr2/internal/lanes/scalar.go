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

// Mul implements Engine.
func (b *bench[T, P]) Mul(s *Scalar) {
	n := len(b.column.x)
	if b.table == nil {
		for range scalarTable {
			b.table = append(b.table, newPoints[T](len(b.all.x)))
		}
	}
	q := b.scratch.slice(0, n)
	q.copyFrom(b.column)
	b.double(q)
	b.table[0].copyFrom(b.column)
	for i := 1; i < scalarTable; i++ {
		entry := b.table[i].slice(0, n)
		entry.copyFrom(b.table[i-1].slice(0, n))
		b.add(entry, q)
	}
	b.pick(b.column, s.digits[0][scalarDigits-1], false)
	b.pick(q, s.digits[1][scalarDigits-1], true)
	b.add(b.column, q)
	for j := scalarDigits - 2; j >= 0; j-- {
		for range scalarWindow {
			b.double(b.column)
		}
		b.pick(q, s.digits[0][j], false)
		b.add(b.column, q)
		b.pick(q, s.digits[1][j], true)
		b.add(b.column, q)
	}
}

// pick fills q with digit·P of the current table, under the endomorphism if phi.
func (b *bench[T, P]) pick(q points[T], digit int8, phi bool) {
	sign := digit >> 7
	entry := b.table[((digit^sign)-sign)>>1]
	if phi {
		for i := range q.x {
			P(&q.x[i]).product(&entry.x[i], &b.constants.beta)
		}
	} else {
		copy(q.x, entry.x)
	}
	if sign != 0 {
		for i := range q.y {
			P(&q.y[i]).minus(b.zero, &entry.y[i])
		}
	} else {
		copy(q.y, entry.y)
	}
}
