// Package ifma multiplies modulo large odd numbers in eight lanes at once, with the AVX-512 instructions for 52-bit
// integers. It serves the RSA accumulator: powers of eight group elements modulo one number of 2048 bits (Group), and
// tests of eight candidates for a prime of about 532 bits (Candidates).
//
// A number is a sum of limbs x[j]·2^(52j) in Montgomery form with R = 2^(52·limbs); lane i of a vector of limbs is x[0][i],
// x[1][i] … The moduli have at least 20 bits less than R, so products of sums of a few numbers need no reduction: if
// x·y < R·m the product x·y/R is below 2m, and for x, y < 8m it is below (1 + 2^-14)·m.
//
// Exponents and moduli are public here; running times depend on them. All may be used only if Available is true.
package ifma

import (
	"math/big"
	"math/bits"
)

// Lanes is the number of values that are worked on together.
const Lanes = 8

// Limb holds 52 bits of eight numbers.
type Limb = [Lanes]uint64

const (
	limbBits = 52
	limbMask = 1<<limbBits - 1
)

// negativeInverse returns -1/a mod 2^52 for odd a.
func negativeInverse(a uint64) uint64 {
	inverse := a // right to 3 bits, each step doubles them
	for range 5 {
		inverse *= 2 - a*inverse
	}
	return -inverse & limbMask
}

// setLane writes a non-negative number that fits.
func setLane(v []Limb, lane int, x *big.Int) {
	words := x.Bits()
	for j := range v {
		v[j][lane] = bitsAt(words, j*limbBits)
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
	return v & limbMask
}

// lane returns a number whose limbs have no carries left.
func lane(v []Limb, lane int) *big.Int {
	words := make([]big.Word, (len(v)*limbBits+bits.UintSize-1)/bits.UintSize)
	for j := range v {
		limb := v[j][lane]
		for done := 0; done < limbBits; {
			word, offset := (j*limbBits+done)/bits.UintSize, (j*limbBits+done)%bits.UintSize
			if word < len(words) {
				words[word] |= big.Word(limb>>done) << offset
			}
			done += bits.UintSize - offset
		}
	}
	return new(big.Int).SetBits(words)
}
