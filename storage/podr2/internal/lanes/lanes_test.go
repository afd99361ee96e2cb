package lanes

import (
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"testing"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
	"pgregory.net/rapid"

	"github.com/gocess/gocess/storage/podr2/internal/cputime"
)

const testDST = "QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"

// randomPoints returns points of the prime-order group (or of the whole curve) drawn from t.
func randomPoints(t *rapid.T, n int, cleared bool) []bls12381.G1Affine {
	h := NewHasher("lanes-test")
	seed := rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "seed")
	points := make([]bls12381.G1Affine, n)
	for i := range points {
		q := h.Uncleared(binary.BigEndian.AppendUint32(seed, uint32(i)))
		if cleared {
			q.ClearCofactor(&q)
		}
		points[i].FromJacobian(&q)
	}
	return points
}

func column(points []bls12381.G1Affine) Points {
	p := NewPoints(len(points))
	for i := range points {
		p.Set(i, &points[i])
	}
	return p
}

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
	for message, x := range vectors {
		e, p := NewEngine(1), NewPoints(1)
		e.Hash(NewHasher(testDST), p, func(int) []byte { return []byte(message) })
		e.ClearCofactor(p)
		q := p.At(0)
		bytes := q.X.Bytes()
		if got := hex.EncodeToString(bytes[:]); got != x {
			t.Errorf("hash of %q: x = %s, RFC 9380 says %s", message, got, x)
		}
		want, err := bls12381.HashToG1([]byte(message), []byte(testDST))
		if err != nil {
			t.Fatal(err)
		}
		if !q.Equal(&want) {
			t.Errorf("hash of %q differs from the complete formulas", message)
		}
	}
}

func TestHashMatchesCompleteFormulas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		messages := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 80), 1, 9).Draw(t, "messages")
		h := NewHasher("lanes-test")
		e, p := NewEngine(len(messages)+1), NewPoints(len(messages))
		e.Hash(h, p, func(i int) []byte { return messages[i] })
		for i, m := range messages {
			want := h.Uncleared(m)
			var affine bls12381.G1Affine
			affine.FromJacobian(&want)
			if got := p.At(i); e.Exceptional(i) || !got.Equal(&affine) {
				t.Fatalf("lane %d: uncleared hash differs", i)
			}
		}
		e.ClearCofactor(p)
		for i, m := range messages {
			want, err := bls12381.HashToG1(m, []byte("lanes-test"))
			if err != nil {
				t.Fatal(err)
			}
			if got := p.At(i); !got.Equal(&want) {
				t.Fatalf("lane %d: hash differs from RFC 9380", i)
			}
		}
	})
}

func TestMulMatchesCompleteFormulas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := randomPoints(t, rapid.IntRange(1, 5).Draw(t, "n"), true)
		k := scalar(t, "k")
		e, p := NewEngine(5), column(points)
		e.Mul(p, NewScalar(&k))
		var integer big.Int
		k.BigInt(&integer)
		for i := range points {
			var want bls12381.G1Affine
			want.ScalarMultiplication(&points[i], &integer)
			if e.Exceptional(i) {
				if !want.IsInfinity() && !k.IsOne() {
					t.Logf("lane %d exceptional for k = %s", i, k.String())
				}
				continue
			}
			if got := p.At(i); !got.Equal(&want) {
				t.Fatalf("lane %d: %s·P differs", i, k.String())
			}
		}
	})
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
	rapid.Check(t, func(t *rapid.T) {
		points := randomPoints(t, rapid.IntRange(1, 5).Draw(t, "n"), true)
		scalars := make([]fr.Element, len(points))
		for i := range scalars {
			scalars[i] = scalar(t, "k")
		}
		e, p := NewEngine(5), column(points)
		e.AddBase(p, scalars)
		for i := range points {
			var integer big.Int
			scalars[i].BigInt(&integer)
			var want bls12381.G1Affine
			want.ScalarMultiplicationBase(&integer)
			want.Add(&want, &points[i])
			if got := p.At(i); e.Exceptional(i) || !got.Equal(&want) {
				t.Fatalf("lane %d: P + %s·G differs", i, scalars[i].String())
			}
		}
	})
}

// A lane without an affine result is flagged and leaves its neighbours alone.
func TestExceptionalLanes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := randomPoints(t, 4, true)
		p, q := column(points), column(points)
		for i := range 2 {
			q.Set(i, &points[i+1])
		}
		q.Y[3].Neg(&q.Y[3]) // lane 2 adds P to itself, lane 3 to its inverse
		e := NewEngine(4)
		e.Add(p, q)
		for i := range 4 {
			if e.Exceptional(i) != (i >= 2) {
				t.Fatalf("lane %d: exceptional = %v", i, e.Exceptional(i))
			}
		}
		for i := range 2 {
			var want bls12381.G1Affine
			want.Add(&points[i], &points[i+1])
			if got := p.At(i); !got.Equal(&want) {
				t.Fatalf("lane %d was spoiled by an exceptional neighbour", i)
			}
		}
		e.Reset()
		order2 := NewPoints(2)
		order2.Set(1, &points[0])
		e.Double(order2)
		if !e.Exceptional(0) || e.Exceptional(1) {
			t.Fatal("doubling a point with y = 0 must flag that lane only")
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

func benchmarkColumn(b *testing.B, n int, f func(e *Engine, p Points)) {
	h, e, p := NewHasher("bench"), NewEngine(n), NewPoints(n)
	e.Hash(h, p, func(i int) []byte { return []byte{byte(i), byte(i >> 8)} })
	e.ClearCofactor(p)
	report := cputime.Report(b)
	for b.Loop() {
		f(e, p)
	}
	report()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/lane")
}

func BenchmarkHash(b *testing.B) {
	h := NewHasher("bench")
	benchmarkColumn(b, 512, func(e *Engine, p Points) {
		e.Hash(h, p, func(i int) []byte { return []byte{byte(i), byte(i >> 8)} })
	})
}
func BenchmarkClear(b *testing.B) {
	benchmarkColumn(b, 512, func(e *Engine, p Points) { e.ClearCofactor(p) })
}
func BenchmarkMul(b *testing.B) {
	var k fr.Element
	k.SetUint64(7).Inverse(&k)
	s := NewScalar(&k)
	benchmarkColumn(b, 512, func(e *Engine, p Points) { e.Mul(p, s) })
}
func BenchmarkAddBase(b *testing.B) {
	scalars := make([]fr.Element, 512)
	for i := range scalars {
		scalars[i].SetUint64(uint64(i + 2)).Inverse(&scalars[i])
	}
	benchmarkColumn(b, 512, func(e *Engine, p Points) { e.AddBase(p, scalars) })
}
