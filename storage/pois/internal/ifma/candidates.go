package ifma

import (
	"math/big"
)

// candidateLimbs holds numbers of 552 bits with 20 bits to spare.
const candidateLimbs = 11

// MaxCandidate is the largest length of a candidate in bits.
const MaxCandidate = 552

type small [candidateLimbs]Limb

// Candidates are eight odd numbers of 15 to MaxCandidate bits that may be prime.
type Candidates struct {
	m, two  small // moduli, and twice the moduli; first, so that vectors do not straddle cache lines
	one     small // R
	inverse Limb

	low, high, a, b, unit small // scratch

	n [Lanes]*big.Int
}

// NewCandidates prepares up to eight numbers; other lanes are idle. It panics on numbers out of range.
func NewCandidates(numbers []*big.Int) *Candidates {
	c := new(Candidates)
	r := new(big.Int).Lsh(big.NewInt(1), candidateLimbs*limbBits)
	t := new(big.Int)
	for i := range Lanes {
		n := numbers[min(i, len(numbers)-1)]
		if n.Bit(0) == 0 || n.BitLen() > MaxCandidate || n.BitLen() < 15 {
			panic("ifma: candidate out of range")
		}
		c.n[i] = n
		setLane(c.m[:], i, n)
		setLane(c.two[:], i, t.Lsh(n, 1))
		setLane(c.one[:], i, t.Mod(r, n))
		c.inverse[i] = negativeInverse(c.m[0][i])
	}
	return c
}

// plain takes a number out of Montgomery form.
func (c *Candidates) plain(z *small) [Lanes]*big.Int {
	c.unit = small{{1, 1, 1, 1, 1, 1, 1, 1}}
	var none [1]byte
	chain11(&z[0], &z[0], &c.unit[0], &c.m[0], &c.inverse, &none[0], 1)
	var out [Lanes]*big.Int
	for i := range out {
		out[i] = lane(z[:], i)
		if out[i].Cmp(c.n[i]) >= 0 {
			out[i].Sub(out[i], c.n[i])
		}
	}
	return out
}

// EulerBase2 says of which numbers 2^((n-1)/2) is 1 or -1. Every prime passes, and next to no other number. For
// n ≡ 3 mod 4 this is the strong test to base 2.
func (c *Candidates) EulerBase2() (passed [Lanes]bool) {
	longest := 0
	for _, n := range c.n {
		longest = max(longest, n.BitLen()-1)
	}
	// bit k of (n-1)/2 is bit k+1 of n
	doubled := make([]byte, longest)
	for step := range doubled {
		for i, n := range c.n {
			doubled[step] |= byte(n.Bit(longest-step)) << i
		}
	}
	z := &c.low
	*z = c.one
	chain11(&z[0], &z[0], &z[0], &c.m[0], &c.inverse, &doubled[0], len(doubled))
	one, t := big.NewInt(1), new(big.Int)
	for i, v := range c.plain(z) {
		passed[i] = v.Cmp(one) == 0 || t.Add(v, one).Cmp(c.n[i]) == 0
	}
	return passed
}

// Lucas says which numbers pass the "almost extra strong" Lucas test, the second half of the Baillie-PSW test as
// big.Int.ProbablyPrime does it: with the first P ≥ 3 for which D = P² - 4 is no square modulo the number, and Q = 1
// (Baillie, method C). Squares fail.
func (c *Candidates) Lucas() (passed [Lanes]bool) {
	var p [Lanes]int64
	var s [Lanes]*big.Int
	var r [Lanes]uint
	longest := 0
	for i, n := range c.n {
		p[i] = lucasP(n)
		s[i] = new(big.Int).Add(n, big.NewInt(1))
		r[i] = s[i].TrailingZeroBits()
		s[i].Rsh(s[i], r[i])
		longest = max(longest, s[i].BitLen())
	}
	low, high, a, b := &c.low, &c.high, &c.a, &c.b // V(k) and V(k+1); the constants 2 and P
	t := new(big.Int)
	for i, n := range c.n {
		one := lane(c.one[:], i)
		setLane(a[:], i, t.Mod(t.Lsh(one, 1), n))
		setLane(b[:], i, t.Mod(t.Mul(one, big.NewInt(p[i])), n))
	}
	*low, *high = *a, *b
	var none [1]byte
	var swapped byte
	for at := longest - 1; at >= 0; at-- {
		var bit byte
		for i := range s {
			bit |= byte(s[i].Bit(at)) << i
		}
		// Where the bit is 1, V(k+1) is squared and V(k) gets the mixed product: the same with exchanged roles.
		swap11(&low[0], &high[0], bit^swapped)
		swapped = bit
		chain11(&high[0], &high[0], &low[0], &c.m[0], &c.inverse, &none[0], 1)
		subtract11(&high[0], &high[0], &b[0], &c.two[0])
		chain11(&low[0], &low[0], &low[0], &c.m[0], &c.inverse, &none[0], 1)
		subtract11(&low[0], &low[0], &a[0], &c.two[0])
	}
	swap11(&low[0], &high[0], swapped)
	v, next := c.plain(low), c.plain(high)
	for i := range passed {
		passed[i] = p[i] != 0 && lucasEnd(c.n[i], v[i], next[i], p[i], r[i])
	}
	return passed
}

// lucasP is the parameter of the test, 0 if there is none because the number has a small factor (at most P + 2, which is
// less than the number) or is a square.
func lucasP(n *big.Int) int64 {
	for p := int64(3); p < 10000; p++ {
		switch big.Jacobi(big.NewInt(p*p-4), n) {
		case -1:
			return p
		case 0:
			return 0
		}
		if p == 40 {
			if root := new(big.Int).Sqrt(n); root.Mul(root, root).Cmp(n) == 0 {
				return 0
			}
		}
	}
	return 0
}

// lucasEnd decides from V(s) and V(s+1), where n + 1 = s·2^r with s odd.
func lucasEnd(n, v, next *big.Int, p int64, r uint) bool {
	two, t := big.NewInt(2), new(big.Int)
	if v.Cmp(two) == 0 || t.Add(v, two).Cmp(n) == 0 {
		t.Mul(v, big.NewInt(p))
		t.Sub(t, new(big.Int).Lsh(next, 1))
		if t.Mod(t, n).Sign() == 0 {
			return true // U(s) = 0
		}
	}
	for k := uint(0); k+1 < r; k++ {
		if v.Sign() == 0 {
			return true
		}
		if v.Cmp(two) == 0 {
			return false
		}
		v.Mul(v, v)
		v.Sub(v, two)
		v.Mod(v, n)
	}
	return false
}
