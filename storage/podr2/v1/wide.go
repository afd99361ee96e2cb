package v1

import (
	"math/big"

	"github.com/gocess/gocess/storage/podr2/internal/ifma"
)

// widePrime does the work of prime for eight blocks at a time, on processors that have the instructions.
type widePrime struct {
	modulus *ifma.Modulus20
	// Factors, in all lanes: R² and 1 take a number into Montgomery form and out of it (R = 2^1040); rho takes it from
	// the form of modulus (R = 2^1024) into this one.
	square, unit, rho ifma.Vec20
	exponent          []byte // d mod p-1 in digits of four bits, most significant first
}

func newWidePrime(p *prime) *widePrime {
	w := &widePrime{modulus: ifma.NewModulus20(p.integer)}
	fill := func(v *ifma.Vec20, bit uint) {
		x := new(big.Int).Lsh(big.NewInt(1), bit)
		x.Mod(x, p.integer)
		for i := range ifma.Lanes {
			setLane(v, i, x)
		}
	}
	fill(&w.square, 2*1040)
	fill(&w.unit, 0)
	fill(&w.rho, 2*1040-1024)
	for _, b := range p.exponent {
		w.exponent = append(w.exponent, b>>4, b&15)
	}
	return w
}

func setLane(v *ifma.Vec20, lane int, x *big.Int) {
	var limbs [20]uint64
	ifma.SplitLimbs(limbs[:], x)
	for j, limb := range limbs {
		v[j][lane] = limb
	}
}

// roots sets every lane of z, numbers below twice the prime, to its d-th power in Montgomery form. Time and memory
// accesses are the same for all numbers and exponents.
func (w *widePrime) roots(z *ifma.Vec20, scratch *wideScratch) {
	table, factor := &scratch.table, &scratch.factor
	ifma.Mul20(&table[0], &w.unit, &w.square, w.modulus)
	ifma.Mul20(&table[1], z, &w.square, w.modulus)
	for i := 2; i < len(table); i++ {
		ifma.Mul20(&table[i], &table[i-1], &table[1], w.modulus)
	}
	ifma.Select20(z, table, uint64(w.exponent[0]))
	for _, digit := range w.exponent[1:] {
		for range 4 {
			ifma.Mul20(z, z, z, w.modulus)
		}
		ifma.Select20(factor, table, uint64(digit))
		ifma.Mul20(z, z, factor, w.modulus)
	}
}

// wideScratch is reused between calls; parts of one allocation so that the vectors are aligned.
type wideScratch struct {
	table  [16]ifma.Vec20
	factor ifma.Vec20
	lanes  ifma.Vec20
}

// widePowers is a fixed-base table: entry d-1 of table j is base^(d·2^(w·j)) in Montgomery form, w = wideWindow.
type widePowers [][1<<wideWindow - 1][20]uint64

const (
	wideWindow = 8
	wideTables = (1024 + wideWindow - 1) / wideWindow
)

// powers builds the table of a base, for exponents of up to 1024 bits, eight tables at a time.
func (w *widePrime) powers(p *prime, base residue, scratch *wideScratch) widePowers {
	table := make(widePowers, (wideTables+ifma.Lanes-1)/ifma.Lanes*ifma.Lanes)
	power := append(residue(nil), base...)
	step, row := &scratch.factor, &scratch.lanes
	for j := 0; j < len(table); j += ifma.Lanes {
		for i := range ifma.Lanes {
			setLane(step, i, fromLimbs(power))
			for range wideWindow {
				p.mul(power, power, power)
			}
		}
		ifma.Mul20(step, step, &w.rho, w.modulus)
		*row = *step
		for d := range table[j] {
			if d > 0 {
				ifma.Mul20(row, row, step, w.modulus)
			}
			for limb := range row {
				for i := range row[limb] {
					table[j+i][d][limb] = row[limb][i]
				}
			}
		}
	}
	return table
}

// one is the entry that stands for exponent digit zero.
func (w *widePrime) one(scratch *wideScratch) (entry [20]uint64) {
	ifma.Mul20(&scratch.factor, &w.unit, &w.square, w.modulus)
	for limb := range entry {
		entry[limb] = scratch.factor[limb][0]
	}
	return entry
}

// multiply multiplies lane i of z by base^exponents[i].
func (w *widePrime) multiply(z *ifma.Vec20, table widePowers, exponents *[ifma.Lanes]residue, scratch *wideScratch) {
	one := w.one(scratch)
	factor := &scratch.factor
	for j := range wideTables {
		for i, exponent := range exponents {
			entry := &one
			if digit := bitsOf(exponent, j*wideWindow, wideWindow); digit != 0 {
				entry = &table[j][digit-1]
			}
			for limb := range factor {
				factor[limb][i] = entry[limb]
			}
		}
		ifma.Mul20(z, z, factor, w.modulus)
	}
}

// bitsOf returns some bits of a number.
func bitsOf(x residue, position, count int) uint64 {
	word, offset := position/64, position%64
	v := x[word] >> offset
	if offset > 0 && word+1 < len(x) {
		v |= x[word+1] << (64 - offset)
	}
	return v & (1<<count - 1)
}

// values takes the lanes out of Montgomery form, into that of modulus.
func (w *widePrime) values(p *prime, z *ifma.Vec20) (out [ifma.Lanes]residue) {
	ifma.Mul20(z, z, &w.unit, w.modulus)
	var limbs [20]uint64
	for i := range out {
		for j := range limbs {
			limbs[j] = z[j][i]
		}
		out[i] = p.residueOf(ifma.JoinLimbs(limbs[:]))
	}
	return out
}
