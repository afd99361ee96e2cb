//go:build unix

package ifma

import (
	"crypto/sha512"
	"fmt"
	"math/big"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// perLane reports the processor time that each of n results takes: on a shared machine elapsed time says little.
func perLane(b *testing.B, n int, work func()) {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano())
	}
	began := used()
	for b.Loop() {
		work()
	}
	b.ReportMetric(float64((used()-began).Microseconds())/float64(b.N*n), "cpu-µs/result")
}

func BenchmarkExp(b *testing.B) {
	needed(b)
	r := rand.New(rand.NewChaCha8([32]byte{3}))
	n := odd(random(r, 2048))
	g := NewGroup(n)
	var bases, exponents []*big.Int
	for range Lanes {
		bases, exponents = append(bases, random(r, 2047)), append(exponents, random(r, 532))
	}
	b.Run("lanes", func(b *testing.B) {
		perLane(b, Lanes, func() { g.Exp(bases, exponents) })
	})
	b.Run("big", func(b *testing.B) {
		perLane(b, 1, func() { new(big.Int).Exp(bases[0], exponents[0], n) })
	})
}

func BenchmarkCandidates(b *testing.B) {
	needed(b)
	var numbers []*big.Int
	for i := range Lanes {
		h := sha512.Sum512(fmt.Append(nil, i))
		x := new(big.Int).SetBytes(h[:])
		numbers = append(numbers, odd(x.Lsh(x, 20)))
	}
	c := NewCandidates(numbers)
	for name, run := range map[string]func() [Lanes]bool{"euler": c.EulerBase2, "lucas": c.Lucas} {
		b.Run(name, func(b *testing.B) { perLane(b, Lanes, func() { run() }) })
	}
}
