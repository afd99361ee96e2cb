package podr2

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/gocess/gocess/storage/podr2/internal/cputime"
	"github.com/gocess/gocess/storage/podr2/internal/lanes"
)

func BenchmarkTag(b *testing.B) {
	data := fragmentOf("bench")
	name := nameOf(data)
	for _, engine := range []struct {
		name string
		make func(int) lanes.Engine
	}{{"fastest", lanes.NewEngine}, {"portable", lanes.NewPortableEngine}} {
		b.Run(engine.name, func(b *testing.B) {
			tagger := NewTagger(mustKey(b, "bench"))
			tagger.engines = &sync.Pool{New: func() any { return engine.make(BlocksPerFragment) }}
			if _, err := tagger.Tag(context.Background(), name, bytes.NewReader(data)); err != nil { // build tables
				b.Fatal(err)
			}
			b.SetBytes(FragmentSize)
			report := cputime.Report(b)
			for b.Loop() {
				if _, err := tagger.Tag(context.Background(), name, bytes.NewReader(data)); err != nil {
					b.Fatal(err)
				}
			}
			report()
		})
	}
}

func BenchmarkCheckTags(b *testing.B) {
	w := theWorld(b)
	b.SetBytes(FragmentSize)
	report := cputime.Report(b)
	for b.Loop() {
		if err := w.srs.CheckTags(context.Background(), w.tags[0], bytes.NewReader(w.fragments[0])); err != nil {
			b.Fatal(err)
		}
	}
	report()
}

// The data come from a generator that takes about 6 µs for each block.
func BenchmarkProve(b *testing.B) {
	key := mustKey(b, "bench")
	srs := key.SRS()
	for _, samples := range []uint32{460, 1000} {
		b.Run(fmt.Sprintf("%d-blocks-1000-fragments", samples), func(b *testing.B) {
			s := newSparse(b, key, "bench", 1000, samples)
			report := cputime.Report(b)
			for b.Loop() {
				s.prove(b, srs)
			}
			report()
			b.ReportMetric(ProofSize, "bytes/proof")
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	key := mustKey(b, "bench")
	srs := key.SRS()
	for _, samples := range []uint32{47, 460, 1000} {
		b.Run(fmt.Sprintf("%d-blocks", samples), func(b *testing.B) {
			s := newSparse(b, key, "bench", 1000, samples)
			proof := s.prove(b, srs)
			report := cputime.Report(b)
			for b.Loop() {
				if err := key.Public().Verify(context.Background(), s.query, proof); err != nil {
					b.Fatal(err)
				}
			}
			report()
		})
	}
}

func BenchmarkVerifyBatch(b *testing.B) {
	key := mustKey(b, "bench")
	srs := key.SRS()
	claims := make([]Claim, 10)
	for i := range claims {
		s := newSparse(b, key, fmt.Sprint("bench ", i), 1000, 47)
		claims[i] = Claim{key.Public(), s.query, s.prove(b, srs)}
	}
	report := cputime.Report(b)
	for b.Loop() {
		if ok, err := VerifyBatch(context.Background(), claims); err != nil || !ok[0] {
			b.Fatal(ok, err)
		}
	}
	report()
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(claims)), "µs/claim")
}

func BenchmarkParseSRS(b *testing.B) {
	w := theWorld(b)
	encoded := w.srs.Bytes()
	report := cputime.Report(b)
	for b.Loop() {
		if _, err := ParseSRS(w.key.Public(), encoded); err != nil {
			b.Fatal(err)
		}
	}
	report()
}

func BenchmarkDraw(b *testing.B) {
	c := Challenge{seedOf("bench"), 460}
	report := cputime.Report(b)
	for b.Loop() {
		if _, err := c.Draw(1_000_000); err != nil {
			b.Fatal(err)
		}
	}
	report()
}
