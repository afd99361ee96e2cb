package lanes

import (
	"math/big"
	"math/bits"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/gocess/gocess/storage/podr2/internal/ifma"
)

// wide is a number of eight lanes. In the bounds of package ifma, tight is below 2.01·p and loose below 20·p.
type wide ifma.Vec8

var wideModulus = ifma.NewModulus8(fp.Modulus())

func (z *wide) vec() *ifma.Vec8 { return (*ifma.Vec8)(z) }

func (*wide) lanes() int { return ifma.Lanes }

func (z *wide) product(x, y *wide) { ifma.Mul8(z.vec(), x.vec(), y.vec(), wideModulus) }

func (z *wide) squares(x *wide, n int) { ifma.Square8(z.vec(), x.vec(), wideModulus, n) }

func (z *wide) sum(x, y *wide) { ifma.Add8(z.vec(), x.vec(), y.vec()) }

func (z *wide) difference(x, y *wide) { ifma.Sub8(z.vec(), x.vec(), y.vec(), wideModulus) }

var wideZero wide

func (z *wide) minus(x, a *wide) {
	ifma.SubReduce8(z.vec(), x.vec(), a.vec(), wideZero.vec(), wideModulus)
}

func (z *wide) minusTwo(x, a, b *wide) {
	ifma.SubReduce8(z.vec(), x.vec(), a.vec(), b.vec(), wideModulus)
}

// Elements of gnark-crypto are in Montgomery form with R = 2^384, those of package ifma with R = 2^416.
var toWide, fromWide = wideFactor(448), wideFactor(384)

func wideFactor(bit uint) *wide {
	x := new(big.Int).Lsh(big.NewInt(1), bit)
	var limbs [8]uint64
	ifma.SplitLimbs(limbs[:], x.Mod(x, fp.Modulus()))
	z := new(wide)
	for j, limb := range limbs {
		for i := range z[j] {
			z[j][i] = limb
		}
	}
	return z
}

func (z *wide) set(values []fp.Element) {
	for i := range values {
		limbs := split(&values[i])
		z.load(i, &limbs)
	}
	z.product(z, toWide)
}

func (z *wide) load(lane int, p *packed) {
	for j := range z {
		z[j][lane] = p[j]
	}
}

func (z *wide) pack(e *fp.Element) (p packed) {
	var v wide
	limbs := split(e)
	v.load(0, &limbs)
	v.product(&v, toWide)
	var canonical fp.Element
	words := joinWords(&v, 0)
	reduce(&canonical, &words)
	return split(&canonical)
}

const limbMask = 1<<52 - 1

// split cuts 384 bits into limbs of 52 bits.
func split(e *fp.Element) packed {
	return packed{
		e[0] & limbMask,
		(e[0]>>52 | e[1]<<12) & limbMask,
		(e[1]>>40 | e[2]<<24) & limbMask,
		(e[2]>>28 | e[3]<<36) & limbMask,
		(e[3]>>16 | e[4]<<48) & limbMask,
		e[4] >> 4 & limbMask,
		(e[4]>>56 | e[5]<<8) & limbMask,
		e[5] >> 44,
	}
}

// joinWords is the inverse for one lane of a number below 2^384.
func joinWords(z *wide, i int) [fp.Limbs]uint64 {
	return [fp.Limbs]uint64{
		z[0][i] | z[1][i]<<52,
		z[1][i]>>12 | z[2][i]<<40,
		z[2][i]>>24 | z[3][i]<<28,
		z[3][i]>>36 | z[4][i]<<16,
		z[4][i]>>48 | z[5][i]<<4 | z[6][i]<<56,
		z[6][i]>>8 | z[7][i]<<44,
	}
}

var modulusWords = func() (w [fp.Limbs]uint64) {
	for i, word := range fp.Modulus().Bits() {
		w[i] = uint64(word)
	}
	return w
}()

// reduce sets e to the words, less than twice the modulus, modulo the modulus.
func reduce(e *fp.Element, words *[fp.Limbs]uint64) {
	var less [fp.Limbs]uint64
	var borrow uint64
	for i := range less {
		less[i], borrow = bits.Sub64(words[i], modulusWords[i], borrow)
	}
	keep := -borrow
	for i := range e {
		e[i] = words[i]&keep | less[i]&^keep
	}
}

func (z *wide) get(values []fp.Element) {
	var v wide
	v.product(z, fromWide)
	for i := range values {
		words := joinWords(&v, i)
		reduce(&values[i], &words)
	}
}

// rootStep is a step of the sliding window for (p+1)/4: square some times, then multiply by an odd power.
type rootStep struct{ squarings, power int }

const (
	rootWindow = 5
	rootTable  = 1 << (rootWindow - 1)
)

var rootSteps = sync.OnceValue(func() (steps []rootStep) {
	e := new(big.Int).Add(fp.Modulus(), big.NewInt(1))
	e.Rsh(e, 2)
	pending := 0
	for bit := e.BitLen() - 1; bit >= 0; {
		if e.Bit(bit) == 0 {
			pending++
			bit--
			continue
		}
		low := max(0, bit-rootWindow+1)
		for e.Bit(low) == 0 {
			low++
		}
		power := 0
		for ; bit >= low; bit-- {
			power = power<<1 | int(e.Bit(bit))
			pending++
		}
		steps = append(steps, rootStep{pending, power})
		pending = 0
	}
	return append(steps, rootStep{pending, 0})
})

func (z *wide) root(x *wide, odd []wide) {
	odd[0] = *x
	z.squares(x, 1)
	for i := 1; i < rootTable; i++ {
		odd[i].product(&odd[i-1], z)
	}
	for i, step := range rootSteps() {
		switch {
		case i == 0:
			*z = odd[step.power>>1]
			continue
		case step.squarings > 0:
			z.squares(z, step.squarings)
		}
		if step.power != 0 {
			z.product(z, &odd[step.power>>1])
		}
	}
}
