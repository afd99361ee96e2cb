package accumulator

import (
	"crypto/sha512"
	"fmt"
	"math/big"
	"testing"

	"github.com/gocess/gocess/storage/pois/internal/ifma"
)

// TestLanesFindTheSamePrimes compares the search with and without vector instructions, for numbers of starts that fill
// the lanes in every way.
func TestLanesFindTheSamePrimes(t *testing.T) {
	if !ifma.Available {
		t.Skip("this processor has no AVX-512 IFMA")
	}
	for n := range 20 {
		var starts, want []*big.Int
		for i := range n {
			h := sha512.Sum512(fmt.Append(nil, "start ", n, i))
			c := oddStart(h[:])
			starts, want = append(starts, c), append(want, nextPrime(c))
		}
		if n > 2 {
			starts[0] = want[0] // starts at a prime
		}
		for i, p := range nextPrimes(starts) {
			if p.Cmp(want[i]) != 0 {
				t.Errorf("%d starts: %x, want %x", n, p, want[i])
			}
		}
	}
}

// TestRestart goes on after a number that passed the first test only.
func TestRestart(t *testing.T) {
	h := sha512.Sum512([]byte("restart"))
	p := Prime(h[:])
	s := &search{window: new(big.Int).Set(p)}
	if c := s.candidate(); c.Cmp(p) != 0 {
		t.Fatal("a prime was sieved out")
	}
	s.restart(p)
	if c := s.candidate(); c.Cmp(p) <= 0 || c.Bit(0) == 0 {
		t.Errorf("restarted at %v after %v", c, p)
	}
}

func TestStrong(t *testing.T) {
	for _, c := range []struct {
		n    int64
		want bool
	}{{13, true}, {17, true}, {97, true}, {65537, true}, {2047, true}, {4033, true}, {1105, false}, {1729, false}, {2465, false}} {
		if strong(big.NewInt(c.n)) != c.want {
			t.Errorf("%d", c.n)
		}
	}
}

// TestPowersWithoutLanes compares everything that uses lanes with the portable code.
func TestPowersWithoutLanes(t *testing.T) {
	k := goldenKey(t)
	plain := k
	plain.group = nil
	var primes []*big.Int
	for i := range 37 {
		h := sha512.Sum512(fmt.Append(nil, i))
		primes = append(primes, Prime(h[:]))
	}
	for _, r := range [][2]int{{0, 37}, {0, 1}, {36, 37}, {5, 30}} {
		a, b := k.witnesses(primes, r[0], r[1]), plain.witnesses(primes, r[0], r[1])
		if len(a) != r[1]-r[0] || len(b) != len(a) {
			t.Fatal(r, len(a), len(b))
		}
		for i := range a {
			if a[i].Cmp(b[i]) != 0 {
				t.Errorf("witness %d of %v", i, r)
			}
			rest := append(append([]*big.Int(nil), primes[:r[0]+i]...), primes[r[0]+i+1:]...)
			if i%9 == 0 && a[i].Cmp(k.exp(k.G, product(rest))) != 0 {
				t.Errorf("witness %d of %v is wrong", i, r)
			}
		}
	}
	if w := k.witnesses(primes[:1], 0, 1); len(w) != 1 || w[0].Cmp(k.G) != 0 {
		t.Error("witness of a single element")
	}
}
