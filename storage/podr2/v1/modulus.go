package v1

import (
	"context"
	"math/big"
	"math/bits"
)

// residue is a number modulo a modulus in Montgomery form, least significant limb first.
type residue []uint64

// modulus does Montgomery arithmetic modulo an odd number of a multiple of 256 bits. The running time of mul depends on
// the length of the modulus only. Immutable.
type modulus struct {
	limbs   residue // the modulus
	inverse uint64  // -1/modulus mod 2^64
	square  residue // R² mod modulus, R = 2^(64·len)
	one     residue // R mod modulus
	integer *big.Int
}

func newModulus(n *big.Int) *modulus {
	size := (n.BitLen() + 255) / 256 * 4
	m := &modulus{limbs: toLimbs(n, size), integer: n}
	inverse := m.limbs[0] // right to 3 bits, each step doubles them
	for range 5 {
		inverse *= 2 - m.limbs[0]*inverse
	}
	m.inverse = -inverse
	r := new(big.Int).Lsh(big.NewInt(1), uint(64*size))
	m.one = toLimbs(new(big.Int).Mod(r, n), size)
	m.square = toLimbs(r.Mod(r.Mul(r, r), n), size)
	return m
}

func toLimbs(x *big.Int, size int) residue {
	out := make(residue, size)
	b := x.FillBytes(make([]byte, 8*size))
	for i := range out {
		for _, c := range b[len(b)-8*(i+1) : len(b)-8*i] {
			out[i] = out[i]<<8 | uint64(c)
		}
	}
	return out
}

func fromLimbs(x residue) *big.Int {
	b := make([]byte, 8*len(x))
	for i, limb := range x {
		for j := range 8 {
			b[len(b)-1-8*i-j] = byte(limb >> (8 * j))
		}
	}
	return new(big.Int).SetBytes(b)
}

func (m *modulus) new() residue { return make(residue, len(m.limbs)) }

// residueOf returns x mod m in Montgomery form; x is not negative.
func (m *modulus) residueOf(x *big.Int) residue {
	if x.Cmp(m.integer) >= 0 {
		x = new(big.Int).Mod(x, m.integer)
	}
	z := toLimbs(x, len(m.limbs))
	m.mul(z, z, m.square)
	return z
}

// value returns the number a residue stands for.
func (m *modulus) value(x residue) *big.Int {
	unit := m.new()
	unit[0] = 1
	z := m.new()
	m.mul(z, x, unit)
	return fromLimbs(z)
}

// mul sets z = x·y. All three may be the same.
func (m *modulus) mul(z, x, y residue) {
	size := len(m.limbs)
	var buffer [64]uint64 // room for moduli up to 2048 bits
	t := buffer[: 2*size : 2*size]
	var carry uint64
	for i := range size {
		high := addMul(t[i:i+size], x, y[i])
		reduced := addMul(t[i:i+size], m.limbs, t[i]*m.inverse)
		var c1, c2 uint64
		t[i+size], c1 = bits.Add64(high, reduced, 0)
		t[i+size], c2 = bits.Add64(t[i+size], carry, 0)
		carry = c1 + c2
	}
	// The result is below twice the modulus; subtract the modulus unless that borrows, without a branch.
	var borrow uint64
	low := t[:size]
	for i, limb := range m.limbs {
		low[i], borrow = bits.Sub64(t[size+i], limb, borrow)
	}
	keep := -(borrow &^ carry) // all ones if t < modulus
	for i := range z {
		z[i] = t[size+i]&keep | low[i]&^keep
	}
}

// addMul adds x·y to t and returns the carry. t and x have the same length, a multiple of four.
func addMul(t, x residue, y uint64) (carry uint64) {
	t = t[:len(x)]
	for len(x) >= 4 {
		var c uint64
		h0, l0 := bits.Mul64(x[0], y)
		h1, l1 := bits.Mul64(x[1], y)
		h2, l2 := bits.Mul64(x[2], y)
		h3, l3 := bits.Mul64(x[3], y)
		l0, c = bits.Add64(l0, carry, 0)
		l1, c = bits.Add64(l1, h0, c)
		l2, c = bits.Add64(l2, h1, c)
		l3, c = bits.Add64(l3, h2, c)
		h3 += c
		t[0], c = bits.Add64(t[0], l0, 0)
		t[1], c = bits.Add64(t[1], l1, c)
		t[2], c = bits.Add64(t[2], l2, c)
		t[3], c = bits.Add64(t[3], l3, c)
		carry = h3 + c
		t, x = t[4:], x[4:]
	}
	return carry
}

// multiExp returns Π bases[i]^exponents[i] by the bucket method of Pippenger. The exponents are integers of any length,
// not negative; time depends on all arguments. The error is the context's.
func (m *modulus) multiExp(ctx context.Context, bases []residue, exponents []*big.Int) (residue, error) {
	result := append(residue(nil), m.one...)
	longest := 0
	for _, e := range exponents {
		longest = max(longest, e.BitLen())
	}
	if longest == 0 {
		return result, nil
	}
	window := bucketWindow(len(bases), longest)
	buckets := make([]residue, 1<<window)
	words := make([][]big.Word, len(exponents))
	for i, e := range exponents {
		words[i] = e.Bits()
	}
	running, sum := m.new(), m.new()
	for position := (longest - 1) / window * window; position >= 0; position -= window {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for range window {
			m.mul(result, result, result)
		}
		for i := range buckets {
			buckets[i] = buckets[i][:0]
		}
		for i, w := range words {
			digit := digitAt(w, position, window)
			if digit == 0 {
				continue
			}
			if len(buckets[digit]) == 0 {
				buckets[digit] = append(buckets[digit], bases[i]...)
			} else {
				m.mul(buckets[digit], buckets[digit], bases[i])
			}
		}
		// Π bucket_d^d as a product of running products, from the top down; leading ones are skipped.
		started := false
		for d := len(buckets) - 1; d > 0; d-- {
			full := len(buckets[d]) != 0
			switch {
			case !started && full:
				copy(running, buckets[d])
				copy(sum, running)
				started = true
				continue
			case full:
				m.mul(running, running, buckets[d])
			}
			if started {
				m.mul(sum, sum, running)
			}
		}
		if started {
			m.mul(result, result, sum)
		}
	}
	return result, nil
}

// bucketWindow returns the window of least cost for n bases.
func bucketWindow(n, bitLength int) int {
	best, cost := 1, 0
	for window := 1; window <= 12; window++ {
		c := (bitLength + window - 1) / window * (n + 2<<window)
		if window == 1 || c < cost {
			best, cost = window, c
		}
	}
	return best
}

// digitAt returns the bits [position, position+window) of a number.
func digitAt(words []big.Word, position, window int) uint {
	word, offset := position/bits.UintSize, uint(position%bits.UintSize)
	if word >= len(words) {
		return 0
	}
	digit := uint(words[word]) >> offset
	if offset > 0 && word+1 < len(words) {
		digit |= uint(words[word+1]) << (bits.UintSize - offset)
	}
	return digit & (1<<window - 1)
}

const tableWindow = 8

// powers is a fixed-base table: powers[j][d-1] = base^(d·2^(8j)).
type powers [][]residue

// newPowers prepares powers of a base for exponents of up to bitLength bits.
func (m *modulus) newPowers(base residue, bitLength int) powers {
	table := make(powers, (bitLength+tableWindow-1)/tableWindow)
	step := append(residue(nil), base...)
	for j := range table {
		row := make([]residue, 1<<tableWindow-1)
		backing := make(residue, len(row)*len(base))
		for d := range row {
			row[d] = backing[d*len(base) : (d+1)*len(base)]
			if d == 0 {
				copy(row[0], step)
			} else {
				m.mul(row[d], row[d-1], step)
			}
		}
		table[j] = row
		m.mul(step, row[len(row)-1], step)
	}
	return table
}

// exp multiplies z by base^exponent, the exponent given in little-endian limbs.
func (m *modulus) exp(z residue, table powers, exponent residue) {
	for j, row := range table {
		digit := exponent[j/8] >> (8 * (j % 8)) & 0xff
		if digit != 0 {
			m.mul(z, z, row[digit-1])
		}
	}
}
