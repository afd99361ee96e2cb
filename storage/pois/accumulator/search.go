package accumulator

import (
	"math/big"

	"github.com/gocess/gocess/storage/pois/internal/ifma"
)

// Where eight candidates are tested at once a test costs less than a fifth, so fewer of them are sieved out first.
const laneSieveLimit = 1 << 14

// searchable says whether a search from c fits the lanes. It always does for what primeStart gives.
func searchable(c *big.Int) bool {
	return ifma.Available && c.BitLen() > 32 && c.BitLen() < ifma.MaxCandidate
}

// search looks upwards from an odd number for the next prime.
type search struct {
	at      int      // place of the result
	window  *big.Int // start of the window that is sieved
	offsets []int64  // distances of the candidates of the window that are left
}

// candidate gives the next candidate.
func (s *search) candidate() *big.Int {
	for len(s.offsets) == 0 {
		composite := markComposites(s.window, laneSieveLimit)
		for i := range composite {
			if !composite[i] {
				s.offsets = append(s.offsets, int64(2*i))
			}
		}
		if len(s.offsets) == 0 {
			s.window = new(big.Int).Add(s.window, big.NewInt(2*sieveWindow))
		}
	}
	c := new(big.Int).Add(s.window, big.NewInt(s.offsets[0]))
	if s.offsets = s.offsets[1:]; len(s.offsets) == 0 {
		s.window = new(big.Int).Add(s.window, big.NewInt(2*sieveWindow))
	}
	return c
}

// nextPrimes finds for each start what nextPrime finds. All lanes are kept busy: each works for a search of its own, or
// several for the same one when there are fewer than eight.
func nextPrimes(starts []*big.Int) []*big.Int {
	out := make([]*big.Int, len(starts))
	var active, waiting []*search
	for i, c := range starts {
		waiting = append(waiting, &search{at: i, window: c})
	}
	var likely []*search // passed the first test
	var numbers []*big.Int
	for len(active)+len(waiting)+len(likely) > 0 {
		for len(active) < ifma.Lanes && len(waiting) > 0 {
			active, waiting = append(active, waiting[0]), waiting[1:]
		}
		if len(active) > 0 {
			var passed []*big.Int
			if active, passed = euler(active, &likely); len(passed) > 0 {
				numbers = append(numbers, passed...)
			}
		}
		for len(likely) >= ifma.Lanes || len(likely) > 0 && len(active)+len(waiting) == 0 {
			n := min(len(likely), ifma.Lanes)
			for i, ok := range ifma.NewCandidates(numbers[:n]).Lucas() {
				if i >= n {
					break
				}
				if ok && strong(numbers[i]) {
					out[likely[i].at] = numbers[i]
				} else { // no such number is known
					likely[i].restart(numbers[i])
					waiting = append(waiting, likely[i])
				}
			}
			likely, numbers = likely[n:], numbers[n:]
		}
	}
	return out
}

// restart goes on after a number that was no prime.
func (s *search) restart(after *big.Int) {
	s.window, s.offsets = new(big.Int).Add(after, big.NewInt(2)), nil
}

// euler tests a candidate or more of each search. Searches with a number that passed move to likely, in the order of the
// numbers.
func euler(active []*search, likely *[]*search) (rest []*search, passed []*big.Int) {
	each := ifma.Lanes / len(active)
	candidates := make([]*big.Int, 0, ifma.Lanes)
	for _, s := range active {
		for range each {
			candidates = append(candidates, s.candidate())
		}
	}
	ok := ifma.NewCandidates(candidates).EulerBase2()
next:
	for i, s := range active {
		for k := i * each; k < (i+1)*each; k++ {
			if ok[k] {
				*likely, passed = append(*likely, s), append(passed, candidates[k])
				continue next
			}
		}
		rest = append(rest, s)
	}
	return rest, passed
}

// strong is the strong test to base 2 of a number that has passed Euler's: with n ≡ 3 mod 4 that is the same test.
func strong(n *big.Int) bool {
	if n.Bit(1) == 1 {
		return true
	}
	minus := new(big.Int).Sub(n, big.NewInt(1))
	r := minus.TrailingZeroBits()
	one := big.NewInt(1)
	y := new(big.Int).Exp(big.NewInt(2), new(big.Int).Rsh(minus, r), n)
	if y.Cmp(one) == 0 || y.Cmp(minus) == 0 {
		return true
	}
	for range r - 1 {
		y.Mul(y, y)
		if y.Mod(y, n).Cmp(minus) == 0 {
			return true
		}
	}
	return false
}
