// Package ifma multiplies modulo a prime in eight lanes at once, with the AVX-512 instructions for 52-bit integers
// (IFMA). It serves the two places of PoDR² where a tagger spends its time: the 381-bit field of BLS12-381 (Vec8) and the
// 1024-bit primes of RSA-2048 (Vec20). Verification does not use it: what a ledger depends on runs the same portable
// code everywhere.
//
// A number is a sum of limbs x[j]·2^(52j) in Montgomery form with R = 2^(52·limbs); lane i of a vector is x[0][i],
// x[1][i] … Numbers need not be reduced. Every function takes limbs below 2^52 and gives such limbs; the bounds on the
// values are stated with the functions, p being the modulus.
//
// The running time of every function depends on no value. All may be called only if Available is true.
package ifma

import (
	"math/big"
	"math/bits"
)

// Lanes is the number of values in a vector.
const Lanes = 8

const limbBits = 52

// Vec8 holds eight numbers of up to 416 bits.
type Vec8 [8][Lanes]uint64

// Modulus8 is a prime of 365 to 381 bits.
type Modulus8 struct {
	P       [8]uint64 // the assembly relies on the order and size of the fields
	Inverse uint64    // -1/p mod 2^52
	SixP    [8]uint64
	EightP  [8]uint64
	FourP   [8]uint64
	TwoP    [8]uint64
	Above4  uint64 // a top limb greater than this belongs to a number of at least 4p, even before carries
	Above2  uint64 // the same for 2p
}

// NewModulus8 prepares a prime. It panics if the prime has the wrong size: that is a constant of the caller.
func NewModulus8(p *big.Int) *Modulus8 {
	if p.BitLen() <= 7*limbBits || p.BitLen() > 381 || p.Bit(0) == 0 {
		panic("ifma: modulus must be odd and have 365 to 381 bits")
	}
	m := new(Modulus8)
	times := func(k int64) (limbs [8]uint64) {
		SplitLimbs(limbs[:], new(big.Int).Mul(p, big.NewInt(k)))
		return limbs
	}
	m.P, m.TwoP, m.FourP, m.SixP, m.EightP = times(1), times(2), times(4), times(6), times(8)
	m.Inverse = negativeInverse(m.P[0])
	// Limbs that still lack carries are off by less than four units in the top limb.
	m.Above4, m.Above2 = m.FourP[7]+8, m.TwoP[7]+8
	return m
}

// Vec20 holds eight numbers of up to 1040 bits.
type Vec20 [20][Lanes]uint64

// Modulus20 is a prime of 1024 bits.
type Modulus20 struct {
	P       [20]uint64 // the assembly relies on the order and size of the fields
	Inverse uint64
}

// NewModulus20 prepares a prime. It panics if the prime has the wrong size: the caller has checked it.
func NewModulus20(p *big.Int) *Modulus20 {
	if p.BitLen() != 1024 || p.Bit(0) == 0 {
		panic("ifma: modulus must be odd and have 1024 bits")
	}
	m := new(Modulus20)
	SplitLimbs(m.P[:], p)
	m.Inverse = negativeInverse(m.P[0])
	return m
}

// negativeInverse returns -1/a mod 2^52 for odd a.
func negativeInverse(a uint64) uint64 {
	inverse := a // right to 3 bits, each step doubles them
	for range 5 {
		inverse *= 2 - a*inverse
	}
	return -inverse & (1<<limbBits - 1)
}

// SplitLimbs writes a non-negative number that fits into limbs.
func SplitLimbs(limbs []uint64, x *big.Int) {
	words := x.Bits()
	for j := range limbs {
		limbs[j] = bitsAt(words, j*limbBits)
	}
}

// bitsAt returns 52 bits from a position on.
func bitsAt(words []big.Word, position int) (v uint64) {
	for got := 0; got < limbBits; {
		word, offset := (position+got)/bits.UintSize, (position+got)%bits.UintSize
		if word >= len(words) {
			break
		}
		v |= uint64(words[word]>>offset) << got
		got += bits.UintSize - offset
	}
	return v & (1<<limbBits - 1)
}

// JoinLimbs returns the number with these limbs.
func JoinLimbs(limbs []uint64) *big.Int {
	x := new(big.Int)
	for j := len(limbs) - 1; j >= 0; j-- {
		x.Lsh(x, limbBits)
		x.Or(x, new(big.Int).SetUint64(limbs[j]))
	}
	return x
}
