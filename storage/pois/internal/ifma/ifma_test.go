package ifma

import (
	"crypto/sha512"
	"math/big"
	"math/rand/v2"
	"testing"
)

func needed(t testing.TB) {
	t.Helper()
	if !Available {
		t.Skip("this processor has no AVX-512 IFMA")
	}
}

// random gives numbers of which every third has long runs of ones or zeros, where carries go wrong first.
func random(r *rand.Rand, bits int) *big.Int {
	x := new(big.Int)
	for x.BitLen() < bits {
		run, bit := 1, r.Uint64()&1
		if r.IntN(3) == 0 {
			run = 1 + r.IntN(120)
		}
		for range run {
			x.Lsh(x, 1)
			x.SetBit(x, 0, uint(bit))
		}
		if x.Sign() == 0 {
			x.SetInt64(1)
		}
	}
	return x.Rsh(x, uint(x.BitLen()-bits))
}

func odd(x *big.Int) *big.Int { return x.SetBit(x, 0, 1) }

func TestExp(t *testing.T) {
	needed(t)
	r := rand.New(rand.NewChaCha8([32]byte{1}))
	for round := range 40 {
		n := odd(random(r, 2048-r.IntN(2)*r.IntN(2000)))
		g := NewGroup(n)
		var bases, exponents []*big.Int
		for range 1 + round%Lanes {
			bases = append(bases, random(r, n.BitLen()+8))
			bases[len(bases)-1].Mod(bases[len(bases)-1], n)
			exponents = append(exponents, random(r, 1+r.IntN(600)))
		}
		bases[0].SetInt64(int64(round % 3))
		if round%5 == 0 {
			exponents[0].SetInt64(0)
		}
		if round%4 == 0 {
			bases[len(bases)-1].Sub(n, big.NewInt(1))
		}
		for i, z := range g.Exp(bases, exponents) {
			if want := new(big.Int).Exp(bases[i], exponents[i], n); z.Cmp(want) != 0 {
				t.Fatalf("round %d, lane %d: %x^%x mod %x = %x, want %x", round, i, bases[i], exponents[i], n, z, want)
			}
		}
	}
	for _, n := range []*big.Int{big.NewInt(0), big.NewInt(1), big.NewInt(8), new(big.Int).Lsh(big.NewInt(1), 2049)} {
		if NewGroup(n) != nil {
			t.Errorf("group modulo %v", n)
		}
	}
}

// TestCandidates compares both tests with math/big for random numbers, primes, squares and known pseudoprimes.
func TestCandidates(t *testing.T) {
	needed(t)
	r := rand.New(rand.NewChaCha8([32]byte{2}))
	var numbers []*big.Int
	add := func(x *big.Int) { numbers = append(numbers, x) }
	for i := range 64 {
		add(odd(random(r, 15+r.IntN(MaxCandidate-15))))
		x := odd(random(r, 532+i%8))
		for !x.ProbablyPrime(0) {
			x.Add(x, big.NewInt(2))
		}
		add(x)
		add(new(big.Int).Mul(odd(random(r, 100)), odd(random(r, 200))))
		s := odd(random(r, 200))
		add(s.Mul(s, s))
	}
	// strong pseudoprimes to base 2, then almost extra strong Lucas pseudoprimes (OEIS A001262, A217719)
	for _, v := range []int64{29341, 42799, 49141, 52633, 65281, 27971, 29681, 30739, 31631} {
		add(big.NewInt(v))
	}
	for i := 0; i < len(numbers); i += Lanes {
		batch := numbers[i:min(i+Lanes, len(numbers))]
		c := NewCandidates(batch)
		euler, lucas := c.EulerBase2(), c.Lucas()
		for k, n := range batch {
			half := new(big.Int).Rsh(n, 1)
			power := new(big.Int).Exp(big.NewInt(2), half, n)
			want := power.Cmp(big.NewInt(1)) == 0 || power.Add(power, big.NewInt(1)).Cmp(n) == 0
			if euler[k] != want {
				t.Errorf("Euler test of %v: %v", n, euler[k])
			}
			if prime := n.ProbablyPrime(0); prime && (!euler[k] || !lucas[k]) {
				t.Errorf("%v is prime: %v %v", n, euler[k], lucas[k])
			} else if !prime && euler[k] && lucas[k] {
				t.Errorf("%v is not prime", n)
			}
		}
	}
	for _, v := range []int64{27971, 29681, 30739, 31631} {
		if !NewCandidates([]*big.Int{big.NewInt(v)}).Lucas()[0] {
			t.Errorf("%d is an almost extra strong Lucas pseudoprime", v)
		}
	}
}

func FuzzExp(f *testing.F) {
	needed(f)
	f.Add([]byte{255, 255, 255}, []byte{1, 2}, []byte{9})
	f.Fuzz(func(t *testing.T, n, base, exponent []byte) {
		if len(n) > 256 || len(exponent) > 100 {
			return
		}
		m, b, e := odd(new(big.Int).SetBytes(n)), new(big.Int).SetBytes(base), new(big.Int).SetBytes(exponent)
		g := NewGroup(m)
		if g == nil {
			return
		}
		b.Mod(b, m)
		bases, exponents := []*big.Int{b, new(big.Int).Sub(m, b)}, []*big.Int{e, new(big.Int).Rsh(e, 3)}
		bases[1].Mod(bases[1], m)
		for i, z := range g.Exp(bases, exponents) {
			if z.Cmp(new(big.Int).Exp(bases[i], exponents[i], m)) != 0 {
				t.Errorf("%x^%x mod %x", bases[i], exponents[i], m)
			}
		}
	})
}

func FuzzCandidates(f *testing.F) {
	needed(f)
	f.Add([]byte{70, 255})
	h := sha512.Sum512([]byte("x"))
	f.Add(h[:])
	f.Fuzz(func(t *testing.T, b []byte) {
		n := odd(new(big.Int).SetBytes(b))
		if n.BitLen() > MaxCandidate || n.BitLen() < 15 {
			return
		}
		c := NewCandidates([]*big.Int{n})
		if both := c.EulerBase2()[0] && c.Lucas()[0]; n.ProbablyPrime(0) != both {
			t.Errorf("%v: %v", n, both)
		}
	})
}
