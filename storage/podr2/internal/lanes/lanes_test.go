package lanes

import (
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"testing"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
	"github.com/gocess/gocess/storage/podr2/internal/ifma"
	"pgregory.net/rapid"

	"github.com/gocess/gocess/storage/podr2/internal/cputime"
)

const testDST = "QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"

// engines returns every engine of this machine.
func engines(capacity int) map[string]Engine {
	all := map[string]Engine{"portable": NewPortableEngine(capacity)}
	if ifma.Available {
		all["ifma"] = NewEngine(capacity)
	}
	return all
}

// hashed starts a column of n points of the prime-order group and returns them.
func hashed(e Engine, seed []byte, n int) []bls12381.G1Affine {
	e.Hash(NewHasher("lanes-test"), n, func(i int) []byte { return binary.BigEndian.AppendUint32(seed, uint32(i)) })
	e.ClearCofactor()
	return read(e, n)
}

func read(e Engine, n int) []bls12381.G1Affine {
	points := make([]bls12381.G1Affine, n)
	e.Points(points)
	return points
}

func drawSeed(t *rapid.T) []byte { return rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "seed") }

func scalar(t *rapid.T, name string) (k fr.Element) {
	k.SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, name))
	switch rapid.IntRange(0, 7).Draw(t, name+" edge") {
	case 0:
		k.SetZero()
	case 1:
		k.SetOne()
	case 2:
		k.SetOne()
		k.Neg(&k)
	case 3:
		k.SetBigInt(endomorphism().lambda)
	}
	return k
}

// RFC 9380 appendix J.9.1, and gnark-crypto's own implementation.
func TestHashVectors(t *testing.T) {
	vectors := map[string]string{
		"":    "052926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0fac349612b759e79a1",
		"abc": "03567bc5ef9c690c2ab2ecdf6a96ef1c139cc0b2f284dca0a9a7943388a49a3aee664ba5379a7655d3c68900be2f6903",
	}
	for name, e := range engines(1) {
		for message, x := range vectors {
			e.Hash(NewHasher(testDST), 1, func(int) []byte { return []byte(message) })
			e.ClearCofactor()
			q := read(e, 1)[0]
			bytes := q.X.Bytes()
			if got := hex.EncodeToString(bytes[:]); got != x {
				t.Errorf("%s: hash of %q: x = %s, RFC 9380 says %s", name, message, got, x)
			}
			want, err := bls12381.HashToG1([]byte(message), []byte(testDST))
			if err != nil {
				t.Fatal(err)
			}
			if !q.Equal(&want) {
				t.Errorf("%s: hash of %q differs from the complete formulas", name, message)
			}
		}
	}
}

func TestHashMatchesCompleteFormulas(t *testing.T) {
	all := engines(20)
	rapid.Check(t, func(t *rapid.T) {
		messages := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 80), 1, 20).Draw(t, "messages")
		h := NewHasher("lanes-test")
		for name, e := range all {
			e.Hash(h, len(messages), func(i int) []byte { return messages[i] })
			for i, got := range read(e, len(messages)) {
				want := h.Uncleared(messages[i])
				var affine bls12381.G1Affine
				affine.FromJacobian(&want)
				if e.Failed() || !got.Equal(&affine) {
					t.Fatalf("%s, lane %d: uncleared hash differs", name, i)
				}
			}
			e.ClearCofactor()
			for i, got := range read(e, len(messages)) {
				want, err := bls12381.HashToG1(messages[i], []byte("lanes-test"))
				if err != nil {
					t.Fatal(err)
				}
				if e.Failed() || !got.Equal(&want) {
					t.Fatalf("%s, lane %d: hash differs from RFC 9380", name, i)
				}
			}
		}
	})
}

func TestMulMatchesCompleteFormulas(t *testing.T) {
	all := engines(9)
	rapid.Check(t, func(t *rapid.T) {
		n, k, seed := rapid.IntRange(1, 9).Draw(t, "n"), scalar(t, "k"), drawSeed(t)
		var integer big.Int
		k.BigInt(&integer)
		for name, e := range all {
			points := hashed(e, seed, n)
			e.Mul(NewScalar(&k))
			if e.Failed() {
				// Sums of table entries can only meet for the few scalars whose digits cancel.
				if !k.IsZero() && k.BitLen() > 8 && !isMinusSmall(&k) {
					t.Fatalf("%s: failed for k = %s", name, k.String())
				}
				continue
			}
			for i, got := range read(e, n) {
				var want bls12381.G1Affine
				want.ScalarMultiplication(&points[i], &integer)
				if !got.Equal(&want) {
					t.Fatalf("%s, lane %d: %s·P differs", name, i, k.String())
				}
			}
		}
	})
}

func isMinusSmall(k *fr.Element) bool {
	var minus fr.Element
	return minus.Neg(k).BitLen() <= 8
}

// The split must be a representation of k, with every digit odd, for every k.
func TestScalarDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := scalar(t, "k")
		s := NewScalar(&k)
		sum := new(big.Int)
		for half, weight := range []*big.Int{big.NewInt(1), endomorphism().lambda} {
			value := new(big.Int)
			for j := scalarDigits - 1; j >= 0; j-- {
				d := int64(s.digits[half][j])
				if d&1 == 0 || d > 31 || d < -31 {
					t.Fatalf("digit %d of half %d is %d", j, half, d)
				}
				value.Lsh(value, scalarWindow)
				value.Add(value, big.NewInt(d))
			}
			sum.Add(sum, value.Mul(value, weight))
		}
		var want big.Int
		k.BigInt(&want)
		if sum.Mod(sum, fr.Modulus()).Cmp(&want) != 0 {
			t.Fatalf("digits give %s, want %s", sum, &want)
		}
	})
}

func TestAddBaseMatchesCompleteFormulas(t *testing.T) {
	all := engines(9)
	rapid.Check(t, func(t *rapid.T) {
		n, seed := rapid.IntRange(1, 9).Draw(t, "n"), drawSeed(t)
		scalars := make([]fr.Element, n)
		for i := range scalars {
			scalars[i] = scalar(t, "k")
		}
		for name, e := range all {
			points := hashed(e, seed, n)
			e.AddBase(scalars)
			for i, got := range read(e, n) {
				var integer big.Int
				scalars[i].BigInt(&integer)
				var want bls12381.G1Affine
				want.ScalarMultiplicationBase(&integer)
				want.Add(&want, &points[i])
				if e.Failed() || !got.Equal(&want) {
					t.Fatalf("%s, lane %d: P + %s·G differs", name, i, scalars[i].String())
				}
			}
		}
	})
}

// Long chains of operations keep the vectors within their bounds: the tagging pipeline over full columns.
func TestPipeline(t *testing.T) {
	const n = 200
	all := engines(n)
	rapid.Check(t, func(t *rapid.T) {
		k, seed := scalar(t, "k"), drawSeed(t)
		k.SetBytes(append(seed, k.Marshal()...))
		scalars := make([]fr.Element, n)
		for i := range scalars {
			scalars[i].SetUint64(uint64(i)).Mul(&scalars[i], &k).Square(&scalars[i])
		}
		var integer, base big.Int
		k.BigInt(&integer)
		lane := rapid.IntRange(0, n-1).Draw(t, "lane")
		for name, e := range all {
			points := hashed(e, seed, n)
			e.Mul(NewScalar(&k))
			e.AddBase(scalars)
			got := read(e, n)
			var want, add bls12381.G1Affine
			want.ScalarMultiplication(&points[lane], &integer)
			add.ScalarMultiplicationBase(scalars[lane].BigInt(&base))
			want.Add(&want, &add)
			if e.Failed() || !got[lane].Equal(&want) {
				t.Fatalf("%s, lane %d differs", name, lane)
			}
			for i := range got {
				if !got[i].IsInSubGroup() {
					t.Fatalf("%s, lane %d is not in the group", name, i)
				}
			}
		}
	})
}

// A case that affine formulas do not cover is noticed, in every lane.
func TestFailures(t *testing.T) {
	t.Run("portable", func(t *testing.T) { testFailures[narrow](t) })
	if ifma.Available {
		t.Run("ifma", func(t *testing.T) { testFailures[wide](t) })
	}
}

func testFailures[T any, P number[T]](t *testing.T) {
	const n = 20
	h := NewHasher("lanes-test")
	message := func(i int) []byte { return []byte{byte(i)} }
	for lane := range n {
		for what, spoil := range map[string]func(b *bench[T, P], x, y []fp.Element){
			"point added to itself":      func(*bench[T, P], []fp.Element, []fp.Element) {},
			"point added to its inverse": func(_ *bench[T, P], _, y []fp.Element) { y[lane%len(y)].Neg(&y[lane%len(y)]) },
		} {
			b := newBench[T, P](n)
			b.Hash(h, n, message)
			q := newPoints[T](len(b.column.x))
			for i := range q.x {
				P(&q.x[i]).sum(&b.column.x[i], &b.constants.one) // not on the curve, which does not matter
				P(&q.x[i]).product(&q.x[i], &b.constants.one)
				q.y[i] = b.column.y[i]
			}
			b.add(b.column, q)
			if b.Failed() {
				t.Fatal("failed without a reason")
			}
			b.Hash(h, n, message)
			x, y := make([]fp.Element, b.width), make([]fp.Element, b.width)
			group := lane / b.width
			P(&b.column.x[group]).get(x)
			P(&b.column.y[group]).get(y)
			spoil(b, x, y)
			other := make([]fp.Element, b.width)
			P(&q.x[group]).get(other)
			other[lane%b.width] = x[lane%b.width]
			P(&q.x[group]).set(other)
			P(&q.y[group]).set(y)
			b.add(b.column, q)
			if !b.Failed() {
				t.Errorf("lane %d: %s was not noticed", lane, what)
			}
		}
		b := newBench[T, P](n)
		b.Hash(h, n, message)
		y := make([]fp.Element, b.width)
		P(&b.column.y[lane/b.width]).get(y)
		y[lane%b.width].SetZero()
		P(&b.column.y[lane/b.width]).set(y)
		b.double(b.column)
		if !b.Failed() {
			t.Errorf("lane %d: doubling y = 0 was not noticed", lane)
		}
		b.Hash(h, n, message)
		if b.Failed() {
			t.Error("a new column starts failed")
		}
	}
	b := newBench[T, P](n)
	b.Hash(h, n, message)
	want := read(b, n)
	b.hashSlowly(h, message)
	for i, got := range read(b, n) {
		if !got.Equal(&want[i]) {
			t.Errorf("lane %d: the fall-back gives another hash", i)
		}
	}
}

// Conversions between the two forms of a number lose nothing.
func TestWideConversions(t *testing.T) {
	if !ifma.Available {
		t.Skip("this processor has no AVX-512 IFMA")
	}
	rapid.Check(t, func(t *rapid.T) {
		values, got := make([]fp.Element, ifma.Lanes), make([]fp.Element, ifma.Lanes)
		for i := range values {
			values[i].SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(t, "value"))
		}
		values[0].SetZero()
		values[1].SetOne()
		values[2].Neg(&values[1])
		var z wide
		z.set(values)
		z.get(got)
		for i := range values {
			if !got[i].Equal(&values[i]) {
				t.Fatalf("lane %d: %s became %s", i, values[i].String(), got[i].String())
			}
			p := z.pack(&values[i])
			var w wide
			w.load(i, &p)
			again := make([]fp.Element, ifma.Lanes)
			w.get(again)
			if !again[i].Equal(&values[i]) {
				t.Fatalf("lane %d, packed: %s became %s", i, values[i].String(), again[i].String())
			}
		}
	})
}

func BenchmarkFieldMul(b *testing.B) {
	var x, y fp.Element
	x.SetUint64(3)
	y.SetUint64(5)
	y.Inverse(&y)
	report := cputime.Report(b)
	for b.Loop() {
		x.Mul(&x, &y)
	}
	report()
}

func benchmarkColumn(b *testing.B, step func(e Engine)) {
	const n = 1024
	all := map[string]Engine{"portable": NewPortableEngine(n)}
	if ifma.Available {
		all["ifma"] = NewEngine(n)
	}
	for _, name := range []string{"portable", "ifma"} {
		e, ok := all[name]
		if !ok {
			continue
		}
		b.Run(name, func(b *testing.B) {
			hashed(e, []byte("bench"), n)
			report := cputime.Report(b)
			for b.Loop() {
				step(e)
			}
			report()
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/lane")
		})
	}
}

func BenchmarkHash(b *testing.B) {
	h := NewHasher("bench")
	benchmarkColumn(b, func(e Engine) {
		e.Hash(h, 1024, func(i int) []byte { return []byte{byte(i), byte(i >> 8)} })
	})
}

func BenchmarkClear(b *testing.B) { benchmarkColumn(b, Engine.ClearCofactor) }

func BenchmarkMul(b *testing.B) {
	var k fr.Element
	k.SetUint64(7).Inverse(&k)
	s := NewScalar(&k)
	benchmarkColumn(b, func(e Engine) { e.Mul(s) })
}

func BenchmarkAddBase(b *testing.B) {
	scalars := make([]fr.Element, 1024)
	for i := range scalars {
		scalars[i].SetUint64(uint64(i + 2)).Inverse(&scalars[i])
	}
	benchmarkColumn(b, func(e Engine) { e.AddBase(scalars) })
}
