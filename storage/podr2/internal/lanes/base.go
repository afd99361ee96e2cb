package lanes

import (
	"math/bits"
	"sync"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

const (
	baseWindow  = 10
	baseEntries = 1 << (baseWindow - 1) // odd multiples 1, 3, … 1023
	baseDigits  = 26                    // 26·10 bits cover the 255 bits of the group order
)

// base is the table of the G1 generator: base[j][k] = (2k+1)·2^(10j)·G. 1.3 MB, built on first use in some
// milliseconds.
var base = sync.OnceValue(func() *[baseDigits][baseEntries]bls12381.G1Affine {
	table := new([baseDigits][baseEntries]bls12381.G1Affine)
	g, _, _, _ := bls12381.Generators()
	powers := make([]bls12381.G1Jac, baseDigits)
	for j := range powers {
		powers[j] = g
		for range baseWindow {
			g.DoubleAssign()
		}
	}
	e := NewEngine(baseDigits)
	multiple, twice := NewPoints(baseDigits), NewPoints(baseDigits)
	for j, q := range bls12381.BatchJacobianToAffineG1(powers) {
		multiple.Set(j, &q)
	}
	twice.copyFrom(multiple)
	e.Double(twice)
	for k := range baseEntries {
		if k > 0 {
			e.Add(multiple, twice)
		}
		for j := range baseDigits {
			table[j][k] = multiple.At(j)
		}
	}
	return table
})

// AddBase adds scalars[lane]·G to every lane, G being the generator of G1.
func (e *Engine) AddBase(p Points, scalars []fr.Element) {
	table := base()
	modulus := fr.Modulus().Bits()
	n := p.Len()
	q := e.scratch.Slice(0, n)
	odd := make([][4]uint64, n)
	negative := make([]uint64, n) // all ones where the odd number stands for its negation
	for i := range odd {
		k := scalars[i].Bits()
		// k or r-k is odd; their odd signed digits are never zero, so the operations do not depend on k.
		var minus [4]uint64
		var borrow uint64
		for j := range minus {
			minus[j], borrow = bits.Sub64(uint64(modulus[j]), k[j], borrow)
		}
		mask := (k[0] & 1) - 1
		for j := range k {
			k[j] = k[j]&^mask | minus[j]&mask
		}
		odd[i], negative[i] = k, mask
	}
	var minusY fp.Element
	for j := range baseDigits {
		for i := range n {
			shift := uint(j * baseWindow)
			word, offset := shift/64, shift%64
			v := odd[i][word] >> offset
			if word < 3 {
				v |= odd[i][word+1] << (64 - offset) // a shift by 64 gives zero
			}
			// Digit j of an odd number in base 2^10 with odd digits: bits j·10 … j·10+10 with the lowest set, minus 2^10.
			digit := int(v&(1<<(baseWindow+1)-1)|1) - 1<<baseWindow
			if j == baseDigits-1 {
				digit = int(v | 1)
			}
			sign := digit >> 63
			entry := &table[j][((digit^sign)-sign)>>1]
			minusY.Neg(&entry.Y)
			q.X[i] = entry.X
			q.Y[i].Select(sign^int(negative[i]), &entry.Y, &minusY)
		}
		e.Add(p, q)
	}
}
