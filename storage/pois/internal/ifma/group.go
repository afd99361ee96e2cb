package ifma

import "math/big"

// groupLimbs holds numbers of 2048 bits with 32 bits to spare.
const groupLimbs = 40

// Group is the integers modulo an odd number of at most 2048 bits. Immutable.
type Group struct {
	m       [groupLimbs]Limb // first, so that vectors do not straddle cache lines
	square  [groupLimbs]Limb // R² in all lanes: takes a number into Montgomery form
	one     [groupLimbs]Limb // R
	inverse Limb
	modulus *big.Int
}

// NewGroup prepares a modulus. It returns nil if the instructions are missing or the modulus does not fit.
func NewGroup(n *big.Int) *Group {
	if !Available || n.Sign() <= 0 || n.Bit(0) == 0 || n.BitLen() > 2048 || n.BitLen() < 2 {
		return nil
	}
	g := &Group{modulus: n}
	r := new(big.Int).Lsh(big.NewInt(1), groupLimbs*limbBits)
	one := new(big.Int).Mod(r, n)
	square := r.Mul(one, one)
	square.Mod(square, n)
	for i := range Lanes {
		setLane(g.m[:], i, n)
		setLane(g.one[:], i, one)
		setLane(g.square[:], i, square)
		g.inverse[i] = negativeInverse(g.m[0][i])
	}
	return g
}

// powerScratch is the memory of one exponentiation.
type powerScratch struct {
	table  [1 << windowBits][groupLimbs]Limb
	factor [groupLimbs]Limb
	z      [groupLimbs]Limb
	sum    [groupLimbs]Limb
}

const windowBits = 4

// Exp raises up to eight bases, each below the modulus, to non-negative exponents; best if these have about the same
// length. Results are below the modulus.
func (g *Group) Exp(bases, exponents []*big.Int) []*big.Int {
	if len(bases) > Lanes || len(bases) != len(exponents) {
		panic("ifma: Exp takes up to eight pairs")
	}
	s := new(powerScratch)
	mul := func(z, x, y *[groupLimbs]Limb) { mulN(&z[0], &x[0], &y[0], &g.m[0], &g.inverse, &s.sum[0], groupLimbs) }
	longest := 0
	for i, b := range bases {
		setLane(s.z[:], i, b)
		longest = max(longest, exponents[i].BitLen())
	}
	s.table[0] = g.one
	mul(&s.table[1], &s.z, &g.square)
	for d := 2; d < len(s.table); d++ {
		mul(&s.table[d], &s.table[d-1], &s.table[1])
	}
	s.z = g.one
	for at := (longest + windowBits - 1) / windowBits * windowBits; at > 0; {
		at -= windowBits
		for range windowBits {
			mul(&s.z, &s.z, &s.z)
		}
		for i, e := range exponents {
			var digit uint
			for k := range windowBits {
				digit |= e.Bit(at+k) << k
			}
			entry := &s.table[digit]
			for j := range s.factor {
				s.factor[j][i] = entry[j][i]
			}
		}
		mul(&s.z, &s.z, &s.factor)
	}
	s.factor = [groupLimbs]Limb{{1, 1, 1, 1, 1, 1, 1, 1}}
	mul(&s.z, &s.z, &s.factor)
	out := make([]*big.Int, len(bases))
	for i := range out {
		out[i] = lane(s.z[:], i)
		if out[i].Cmp(g.modulus) >= 0 { // only zero has two forms
			out[i].Sub(out[i], g.modulus)
		}
	}
	return out
}
