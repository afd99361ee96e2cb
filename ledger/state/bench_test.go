package state

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/crypto/blake2b"
)

// benchKey has the shape of a storage map's key: two names hashed to 16 bytes
// each, the blake2-128 hash of the map's key, and a 32-byte key.
func benchKey(i int) []byte {
	var n [32]byte
	binary.LittleEndian.PutUint64(n[:], uint64(i))
	h := blake2b.Sum256(n[:])
	key := make([]byte, 0, 80)
	key = append(key, "0123456789abcdef0123456789abcdef"...)
	key = append(key, h[:16]...)
	return append(key, n[:]...)
}

func benchValue(rng *rand.Rand) []byte {
	v := make([]byte, 80)
	for i := range v {
		v[i] = byte(rng.Uint32())
	}
	return v
}

const benchKeys = 1_000_000

// benchStore returns a store of a million accounts on the real file system.
func benchStore(b *testing.B, opts ...Option) *Store {
	b.Helper()
	s, err := Open(b.TempDir(), opts...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	rng := rand.New(rand.NewPCG(1, 2))
	changes := make([]KV, benchKeys)
	for i := range changes {
		changes[i] = KV{benchKey(i), benchValue(rng)}
	}
	slices.SortFunc(changes, compareKV)
	mustCommit(b, s, 0, changes, nil)
	// Start from a settled store, not from the debris of a bulk load.
	if err := s.db.Compact(b.Context(), []byte{0}, []byte{0xff}, false); err != nil {
		b.Fatal(err)
	}
	return s
}

func benchChanges(rng *rand.Rand, n int) []KV {
	seen := make(map[int]bool)
	var changes []KV
	for len(changes) < n {
		if i := rng.IntN(benchKeys); !seen[i] {
			seen[i] = true
			changes = append(changes, KV{benchKey(i), benchValue(rng)})
		}
	}
	slices.SortFunc(changes, compareKV)
	return changes
}

// BenchmarkBlock stages and commits blocks of random updates on a million keys.
func BenchmarkBlock(b *testing.B) {
	s := benchStore(b, WithRetention(100))
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("updates=%d", n), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(3, 4))
			var stage, commit, cpu int64
			for b.Loop() {
				b.StopTimer()
				changes := benchChanges(rng, n)
				height, _ := s.Height()
				// Execution reads what it changes.
				v, err := s.At(height)
				if err != nil {
					b.Fatal(err)
				}
				for _, c := range changes {
					if _, err := v.Get(c.Key); err != nil {
						b.Fatal(err)
					}
				}
				v.Close()
				b.StartTimer()
				start, cpuStart := b.Elapsed(), cpuTime()
				p, err := s.Stage(height+1, changes)
				if err != nil {
					b.Fatal(err)
				}
				middle := b.Elapsed()
				cpu += cpuTime() - cpuStart
				if err := s.Commit(p, nil); err != nil {
					b.Fatal(err)
				}
				stage += int64(middle - start)
				commit += int64(b.Elapsed() - middle)
			}
			b.ReportMetric(float64(cpu)/float64(b.N)/1e6, "stage-cpu-ms")
			b.ReportMetric(float64(stage)/float64(b.N)/1e6, "stage-ms")
			b.ReportMetric(float64(commit)/float64(b.N)/1e6, "commit-ms")
		})
	}
	reportMemory(b, s)
}

// cpuTime returns the processor time of the process in ns. Beside the time that
// passed it tells how busy the machine was with other things.
func cpuTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

func reportMemory(b *testing.B, s *Store) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range slices.Collect(lines(string(status))) {
		if len(line) > 6 && (line[:6] == "VmRSS:" || line[:6] == "VmHWM:") {
			b.Log(line)
		}
	}
	b.Logf("heap %d MiB; %+v", m.HeapAlloc>>20, s.Metrics())
}

func lines(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		start := 0
		for i := range text {
			if text[i] == '\n' {
				if !yield(text[start:i]) {
					return
				}
				start = i + 1
			}
		}
	}
}

// BenchmarkGet reads values of the latest state, some of them cached.
func BenchmarkGet(b *testing.B) {
	s := benchStore(b)
	v, err := s.At(0)
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	keys := make([][]byte, benchKeys)
	for i := range keys {
		keys[i] = benchKey(i)
	}
	read := func(b *testing.B, of int) {
		b.RunParallel(func(pb *testing.PB) {
			rng := rand.New(rand.NewPCG(rand.Uint64(), 1))
			for pb.Next() {
				if got, err := v.Get(keys[rng.IntN(of)]); err != nil || got == nil {
					b.Error(err)
					return
				}
			}
		})
	}
	b.Run("hot", func(b *testing.B) { read(b, 1000) })
	b.Run("any", func(b *testing.B) { read(b, benchKeys) })
	b.Run("absent", func(b *testing.B) {
		i := benchKeys
		for b.Loop() {
			i++
			if got, err := v.Get(benchKey(i)); err != nil || got != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("prove", func(b *testing.B) {
		rng := rand.New(rand.NewPCG(5, 6))
		for b.Loop() {
			if _, err := v.Prove([][]byte{keys[rng.IntN(benchKeys)]}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkCacheHit keeps the shards honest: hits from all processors at once.
func BenchmarkCacheHit(b *testing.B) {
	c := newCache(64 << 20)
	keys := make([][]byte, 10_000)
	for i := range keys {
		keys[i] = benchKey(i)
		c.put(0, keys[i], make([]byte, 80), 0)
	}
	b.RunParallel(func(pb *testing.PB) {
		i := 0
		for pb.Next() {
			if _, _, ok := c.get(keys[i%len(keys)], 0); !ok {
				b.Error("miss")
				return
			}
			i += 7
		}
	})
}
