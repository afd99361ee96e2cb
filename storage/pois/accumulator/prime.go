package accumulator

import (
	"crypto/sha512"
	"math"
	"math/big"
	"math/bits"
	"runtime"
	"sync"

	"github.com/gocess/gocess/storage/pois/internal/ifma"
)

// Prime maps bytes to the prime that represents them in exponents, about 532 bits (spec/pois.md §8): twice the first
// step of an injective map is the start of a search upwards. Leading zero bytes do not count.
func Prime(u []byte) *big.Int {
	c := oddStart(u)
	if searchable(c) {
		return nextPrimes([]*big.Int{c})[0]
	}
	return nextPrime(c)
}

// oddStart is the first candidate: the start is even and above 2.
func oddStart(u []byte) *big.Int {
	c := primeStart(u)
	return c.SetBit(c, 0, 1)
}

// primeStart is 2f of §8, f = 2·(x+2)·⌊log₂(x+1)²⌋ with x = SHA-512(u).
func primeStart(u []byte) *big.Int {
	for len(u) > 0 && u[0] == 0 {
		u = u[1:]
	}
	h := sha512.Sum512(u)
	x := new(big.Int).SetBytes(h[:])
	m := new(big.Int).Add(x, big.NewInt(1))
	n := m.BitLen()
	w, _ := new(big.Float).SetPrec(53).SetMode(big.ToNearestEven).SetInt(m).Float64()
	w = math.Ldexp(w, 1-n)
	log := math.Log2(w) + float64(n-1)
	y := big.NewInt(int64(float64(log * log)))
	f := x.Add(x, big.NewInt(2))
	f.Mul(f, y)
	return f.Lsh(f, 2)
}

const (
	sieveLimit  = 1 << 16
	sieveWindow = 1024 // odd candidates per round; a gap is 184 candidates on average
)

// sieveGroup is a few small primes whose product fits a word, so one division of a long number serves them all.
type sieveGroup struct {
	product uint64
	primes  []uint32
}

var sieve = sync.OnceValue(func() []sieveGroup {
	composite := make([]bool, sieveLimit)
	var groups []sieveGroup
	current := sieveGroup{product: 1}
	for p := 3; p < sieveLimit; p += 2 {
		if composite[p] {
			continue
		}
		for q := p * p; q < sieveLimit; q += 2 * p {
			composite[q] = true
		}
		if hi, _ := bits.Mul64(current.product, uint64(p)); hi != 0 {
			groups = append(groups, current)
			current = sieveGroup{product: 1}
		}
		current.product *= uint64(p)
		current.primes = append(current.primes, uint32(p))
	}
	return append(groups, current)
})

// nextPrime is the smallest probable prime ≥ c, for an odd c far above the sieve. The test is Baillie–PSW; upstream
// adds ten rounds of Miller–Rabin, and no number is known on which the two differ.
func nextPrime(c *big.Int) *big.Int {
	one, two := big.NewInt(1), big.NewInt(2)
	e, power := new(big.Int), new(big.Int)
	for {
		composite := markComposites(c, sieveLimit)
		for i := range composite {
			if composite[i] {
				continue
			}
			candidate := new(big.Int).Add(c, big.NewInt(int64(2*i)))
			// Fermat's test first: it drops every survivor but the prime, without the preparations of the full test
			e.Sub(candidate, one)
			if power.Exp(two, e, candidate).Cmp(one) == 0 && candidate.ProbablyPrime(0) {
				return candidate
			}
		}
		c = new(big.Int).Add(c, big.NewInt(2*sieveWindow))
	}
}

// markComposites marks which of c, c+2, c+4, … have a factor below about limit.
func markComposites(c *big.Int, limit uint32) (composite [sieveWindow]bool) {
	words := c.Bits()
	for _, g := range sieve() {
		if g.primes[0] > limit {
			break
		}
		var rem uint64
		for i := len(words) - 1; i >= 0; i-- {
			if bits.UintSize == 64 {
				_, rem = bits.Div64(rem, uint64(words[i]), g.product)
			} else {
				rem = rem64(rem, uint32(words[i]), g.product)
			}
		}
		for _, p := range g.primes {
			first := 0
			if r := uint32(rem % uint64(p)); r != 0 {
				d := p - r // distance to the next multiple, which must be even
				if d%2 == 1 {
					d += p
				}
				first = int(d / 2)
			}
			for i := first; i < sieveWindow; i += int(p) {
				composite[i] = true
			}
		}
	}
	return composite
}

// rem64 is (rem·2³² + word) mod m on machines with 32-bit words.
func rem64(rem uint64, word uint32, m uint64) uint64 {
	hi, lo := rem>>32, rem<<32|uint64(word)
	_, r := bits.Div64(hi, lo, m)
	return r
}

// Primes maps every element to its prime, on all cores.
func Primes(elements [][]byte) []*big.Int {
	out := make([]*big.Int, len(elements))
	if !ifma.Available {
		each(len(elements), func(i int) { out[i] = Prime(elements[i]) })
		return out
	}
	starts := make([]*big.Int, len(elements))
	for i, u := range elements {
		starts[i] = oddStart(u)
		if !searchable(starts[i]) {
			each(len(elements), func(i int) { out[i] = Prime(elements[i]) })
			return out
		}
	}
	share := max((len(starts)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0), 1)
	each((len(starts)+share-1)/share, func(i int) {
		copy(out[i*share:], nextPrimes(starts[i*share:min((i+1)*share, len(starts))]))
	})
	return out
}

// each runs f(0) … f(n-1) on all cores and returns when all are done.
func each(n int, f func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for range workers {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				f(i)
			}
		})
	}
	wg.Wait()
}

// product multiplies numbers pairwise, which keeps the factors of equal length.
func product(xs []*big.Int) *big.Int {
	switch len(xs) {
	case 0:
		return big.NewInt(1)
	case 1:
		return xs[0]
	}
	half := len(xs) / 2
	return new(big.Int).Mul(product(xs[:half]), product(xs[half:]))
}
