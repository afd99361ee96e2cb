package multisha

import (
	"crypto/sha256"
	"crypto/sha512"
	"math/rand/v2"
	"slices"
	"testing"
)

// levels are those that this machine has.
func levels(t testing.TB) (have []Level) {
	for _, l := range []Level{AVX2, AVX512} {
		if l.available() {
			have = append(have, l)
		}
	}
	if have == nil {
		t.Skip("this processor has no vector instructions that are used")
	}
	return have
}

// operands are all that the functions read, made of a stream of bytes.
type operands struct {
	short                   Short
	long                    Long
	size                    int // of short messages
	d                       int
	table                   []Table
	prev, elders, neighbour []byte
	pairs                   []byte
}

func newOperands(fill func([]byte), size, d, pairs int) *operands {
	o := &operands{size: size, d: d, table: make([]Table, 256*d)}
	for i := range o.short {
		fill(o.short[i][:])
		fill(o.long[i][:])
	}
	for _, b := range []*[]byte{&o.prev, &o.elders, &o.neighbour} {
		*b = make([]byte, Lanes*64)
		fill(*b)
	}
	var entry [64]byte
	for i := range o.table {
		fill(entry[:])
		for k := range o.table[i] {
			for n := range 8 {
				o.table[i][k] |= uint64(entry[8*k+n]) << (8 * n)
			}
		}
	}
	o.pairs = make([]byte, pairs*pairSize)
	fill(o.pairs)
	return o
}

// check compares every function with what the standard library and plain loops give.
func (o *operands) check(t *testing.T, l Level) {
	t.Helper()
	var sums Sums
	o.short.PadShort(o.size)
	l.SumShort(&sums, &o.short)
	for i := range sums {
		if sums[i] != sha512.Sum512(o.short[i][:o.size]) {
			t.Fatalf("%v: SHA-512 of %d bytes, lane %d", l, o.size, i)
		}
	}
	for _, elders := range [][]byte{o.elders, nil} {
		m := o.long
		want := o.gathered(m, &sums, elders)
		l.Gather(&m, &sums, o.table, o.d, o.prev, elders, o.neighbour)
		if m != want {
			t.Fatalf("%v: sums of %d parents", l, o.d)
		}
	}
	o.long.PadLong()
	l.SumLong(&sums, &o.long)
	for i := range sums {
		if sums[i] != sha512.Sum512(o.long[i][:longSize]) {
			t.Fatalf("%v: SHA-512 of %d bytes, lane %d", l, longSize, i)
		}
	}
	out := make([]byte, len(o.pairs)/2)
	o.checkPairs(t, l, out, slices.Clone(o.pairs))
	in := slices.Clone(o.pairs)
	o.checkPairs(t, l, in[:len(in)/2], in)
}

func (o *operands) gathered(m Long, digests *Sums, elders []byte) Long {
	for i := range m {
		var sum [64]byte
		copy(sum[:], o.prev[64*i:])
		for k, b := range digests[i][:o.d] {
			for n := range sum {
				sum[n] ^= byte(o.table[256*k+int(b)][n/8] >> (n % 8 * 8))
			}
		}
		copy(m[i][52:], sum[:])
		if elders != nil {
			copy(m[i][116:180], elders[64*i:])
		}
		copy(m[i][180:244], o.neighbour[64*i:])
	}
	return m
}

func (o *operands) checkPairs(t *testing.T, l Level, out, in []byte) {
	t.Helper()
	n := l.Pairs(out, in)
	if want := len(o.pairs) / pairSize / pairLanes * pairLanes; l == AVX512 && n != want {
		t.Fatalf("%v: hashed %d of %d pairs", l, n, want)
	}
	for i := range n {
		if [32]byte(out[32*i:]) != sha256.Sum256(o.pairs[i*pairSize:(i+1)*pairSize]) {
			t.Fatalf("%v: SHA-256, message %d", l, i)
		}
	}
}

func TestLikeStandardLibrary(t *testing.T) {
	random := rand.NewChaCha8([32]byte{7})
	fill := func(b []byte) { _, _ = random.Read(b) }
	for _, l := range levels(t) {
		for size := range 112 {
			newOperands(fill, size, 1+size%64, size%50).check(t, l)
		}
	}
}

// FuzzSums feeds all functions with chosen bytes instead of random ones, so that carries and words of all ones or zeros
// are met.
func FuzzSums(f *testing.F) {
	f.Add([]byte{0}, uint8(56), uint8(64), uint8(16))
	f.Add([]byte{0xff}, uint8(111), uint8(1), uint8(33))
	f.Add([]byte("seed of something"), uint8(55), uint8(7), uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, size, d, pairs uint8) {
		if len(b) == 0 {
			return
		}
		at := 0
		fill := func(dst []byte) {
			for i := range dst {
				dst[i] = b[at%len(b)]
				at++
			}
			at++ // shifts the pattern from one operand to the next
		}
		o := newOperands(fill, int(size)%112, 1+int(d)%64, int(pairs)%40)
		for _, l := range levels(t) {
			o.check(t, l)
		}
	})
}

func TestShortOperandsAreRefused(t *testing.T) {
	for _, l := range levels(t) {
		for _, f := range []func(){
			func() {
				l.Gather(new(Long), new(Sums), make([]Table, 255), 1, make([]byte, 512), nil, make([]byte, 512))
			},
			func() {
				l.Gather(new(Long), new(Sums), make([]Table, 256), 0, make([]byte, 512), nil, make([]byte, 512))
			},
			func() {
				l.Gather(new(Long), new(Sums), make([]Table, 256), 1, make([]byte, 511), nil, make([]byte, 512))
			},
			func() {
				l.Gather(new(Long), new(Sums), make([]Table, 256), 1, make([]byte, 512), make([]byte, 1), make([]byte, 512))
			},
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%v: short operand accepted", l)
					}
				}()
				f()
			}()
		}
	}
}

func BenchmarkSums(b *testing.B) {
	for _, l := range levels(b) {
		b.Run(l.String(), func(b *testing.B) {
			o := newOperands(func([]byte) {}, 56, 64, 256)
			o.short.PadShort(56)
			o.long.PadLong()
			var sums Sums
			for _, c := range []struct {
				name string
				n    int
				run  func()
			}{
				{"short", Lanes, func() { l.SumShort(&sums, &o.short) }},
				{"long", Lanes, func() { l.SumLong(&sums, &o.long) }},
				{"gather", Lanes, func() {
					l.SumShort(&sums, &o.short)
					l.Gather(&o.long, &sums, o.table, 64, o.prev, o.elders, o.neighbour)
				}},
				{"pairs", 256, func() { l.Pairs(o.pairs[:len(o.pairs)/2], o.pairs) }},
			} {
				b.Run(c.name, func(b *testing.B) {
					for b.Loop() {
						c.run()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.n), "ns/message")
				})
			}
		})
	}
}
