package lanes

import (
	"math/bits"
	"sync"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

const (
	baseWindow  = 9
	baseEntries = 1 << (baseWindow - 1) // odd multiples 1, 3, … 511
	baseDigits  = 29                    // 29·9 bits cover the 255 bits of the group order
)

// baseWindowTable has entry k for (2k+1)·2^(9j)·G, j being the place of the table: x, y and -y. All tables together take
// 1.4 MB and are built on first use in some milliseconds.
type baseWindowTable [baseEntries][3]packed

var narrowBase, wideBase = sync.OnceValue(makeBase[narrow]), sync.OnceValue(makeBase[wide])

// baseOf returns the tables for a kind of number, computed once.
func baseOf[T any]() []baseWindowTable {
	if _, ok := any(new(T)).(*wide); ok {
		return wideBase()
	}
	return narrowBase()
}

func makeBase[T any, P number[T]]() []baseWindowTable {
	g, _, _, _ := bls12381.Generators()
	powers := make([]bls12381.G1Jac, baseDigits)
	for j := range powers {
		powers[j] = g
		for range baseWindow {
			g.DoubleAssign()
		}
	}
	// Odd multiples by adding 2·2^(9j)·G, for all j at once.
	b := newFormulas[narrow](narrowConstants())
	b.prefix = make([]narrow, baseDigits)
	multiple, twice := newPoints[narrow](baseDigits), newPoints[narrow](baseDigits)
	for j, q := range bls12381.BatchJacobianToAffineG1(powers) {
		multiple.x[j], multiple.y[j] = narrow(q.X), narrow(q.Y)
	}
	twice.copyFrom(multiple)
	b.double(twice)
	tables := make([]baseWindowTable, baseDigits)
	var convert P
	for k := range baseEntries {
		if k > 0 {
			b.add(multiple, twice)
		}
		for j := range tables {
			y := *multiple.y[j].element()
			tables[j][k][0], tables[j][k][1] = convert.pack(multiple.x[j].element()), convert.pack(&y)
			tables[j][k][2] = convert.pack(y.Neg(&y))
		}
	}
	return tables
}

// groupOrder in words, least significant first.
var groupOrder = func() (w [4]uint64) {
	for i, word := range fr.Modulus().Bits() {
		w[i] = uint64(word)
	}
	return w
}()

// oddScalar is an odd number, k or r-k, and all ones if it is the second.
type oddScalar struct {
	limbs    [4]uint64
	negative uint64
}

// makeOdd returns k or r-k, whichever is odd: odd signed digits are never zero, so the operations do not depend on k.
func makeOdd(k *fr.Element) (s oddScalar) {
	limbs := k.Bits()
	var minus [4]uint64
	var borrow uint64
	for j := range minus {
		minus[j], borrow = bits.Sub64(groupOrder[j], limbs[j], borrow)
	}
	s.negative = (limbs[0] & 1) - 1
	for j := range limbs {
		s.limbs[j] = limbs[j]&^s.negative | minus[j]&s.negative
	}
	return s
}

// digit returns the place in the table of digit j in base 2^9, and 1 or 2 for y or -y. Digit j of an odd number with odd
// digits is made of bits 9j … 9j+9, the lowest of them set, minus 2^9.
func (s *oddScalar) digit(j int) (entry, y int) {
	shift := uint(j * baseWindow)
	word, offset := shift/64, shift%64
	v := s.limbs[word] >> offset
	if word < 3 {
		v |= s.limbs[word+1] << (64 - offset) // a shift by 64 gives zero
	}
	d := int64(v | 1)
	if j < baseDigits-1 {
		d = d&(1<<(baseWindow+1)-1) - 1<<baseWindow
	}
	sign := d >> 63
	return int(((d ^ sign) - sign) >> 1), 1 + int((sign^int64(s.negative))&1)
}

// AddBase implements Engine.
func (b *bench[T, P]) AddBase(scalars []fr.Element) {
	tables := baseOf[T]()
	odd := make([]oddScalar, len(b.column.x)*b.width)
	for i := range odd {
		odd[i] = makeOdd(&scalars[min(i, len(scalars)-1)])
	}
	q := b.scratch.slice(0, len(b.column.x))
	for j := range baseDigits {
		for i := range q.x {
			for lane := range b.width {
				entry, y := odd[i*b.width+lane].digit(j)
				point := &tables[j][entry]
				P(&q.x[i]).load(lane, &point[0])
				P(&q.y[i]).load(lane, &point[y])
			}
		}
		b.add(b.column, q)
	}
}
