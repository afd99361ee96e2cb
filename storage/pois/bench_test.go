//go:build unix

package pois

import (
	"crypto/sha512"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/gocess/gocess/storage/pois/internal/multisha"
)

// cpuTime is what this process used so far: the figure that means something on a shared machine.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLayer fills part of a layer file above the first in memory: the rate is label bytes, half of which are kept.
func BenchmarkLayer(b *testing.B) {
	for _, level := range []multisha.Level{multisha.None, multisha.AVX2, multisha.AVX512} {
		if level > vectors {
			continue
		}
		for _, p := range []Params{Dev, {8, 16384, 64}, Production} {
			b.Run(fmt.Sprint(level, "/", p.N), func(b *testing.B) { benchmarkLayer(b, level, p) })
		}
	}
}

func benchmarkLayer(b *testing.B, level multisha.Level, p Params) {
	size := int(p.FileSize())
	j := newLayerJob(newGraph(p), goldenID(), level)
	j.cluster, j.layer, j.nodes = 2, 9, make([]Hash, p.N/p.chunk())
	j.prev, j.elders, j.neighbour, j.out = make([]byte, size), make([]byte, size), make([]byte, size), make([]byte, size)
	for i := 0; i < size; i += 64 {
		l := sha512.Sum512(fmt.Append(nil, i))
		copy(j.prev[i:], l[:])
	}
	j.start()
	chunk := p.chunk()
	b.SetBytes(int64(chunk) * LabelSize)
	b.ResetTimer()
	began := cpuTime(b)
	for i := range b.N {
		at := i % (p.N / chunk) * chunk
		j.fill(at, at+chunk)
	}
	cpu := (cpuTime(b) - began).Seconds()
	b.ReportMetric(float64(b.N*chunk*LabelSize)/2/1e6/cpu, "kept-MB/cpu-s")
}

// BenchmarkGenerate computes and stores whole sets of 256 MiB.
func BenchmarkGenerate(b *testing.B) {
	p := Params{8, 16384, 64}
	began := cpuTime(b)
	for range b.N {
		generateTemp(b, p, 1, GenerateOptions{})
	}
	cpu := (cpuTime(b) - began).Seconds()
	b.ReportMetric(float64(b.N)*SetFiles*float64(p.FileSize())/1e6/cpu, "kept-MB/cpu-s")
}

// BenchmarkVerify is what a verifier spends on one set of small files.
func BenchmarkVerify(b *testing.B) {
	w := getWorld(b)
	v := verifier(b, w, WithAllPaths())
	for _, c := range []struct {
		name string
		run  func() error
	}{
		{"commit", func() error { return v.VerifyCommit(w.id, w.commits[1], w.rows[1], w.group[1]) }},
		{"insertion", func() error {
			_, err := v.VerifyInsertion(w.id, w.key, w.status[1], w.commits[1], w.insert[1])
			return err
		}},
		{"space", func() error { return v.VerifySpace(w.id, w.key, w.status[2], w.chals, w.space) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			began := cpuTime(b)
			for range b.N {
				if err := c.run(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((cpuTime(b)-began).Seconds()*1000/float64(b.N), "cpu-ms")
		})
	}
	b.Run("witnesses", func(b *testing.B) {
		began := cpuTime(b)
		for range b.N {
			if _, err := w.accs[2].Witnesses(1, 257); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric((cpuTime(b)-began).Seconds()*1000/float64(b.N), "cpu-ms")
	})
}
