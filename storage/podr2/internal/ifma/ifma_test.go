package ifma

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"pgregory.net/rapid"
)

func needIFMA(t testing.TB) {
	if !Available {
		t.Skip("this processor has no AVX-512 IFMA")
	}
}

var (
	p8  = fp.Modulus()
	p20 = func() *big.Int {
		p := new(big.Int).Lsh(big.NewInt(3), 1022)
		for p.SetBit(p, 0, 1); !p.ProbablyPrime(20); p.Add(p, big.NewInt(2)) {
		}
		return p
	}()
)

// value draws a number below bound·p/16, often an extreme one.
func value(t *rapid.T, p *big.Int, sixteenths int64) *big.Int {
	limit := new(big.Int).Mul(p, big.NewInt(sixteenths))
	limit.Rsh(limit, 4)
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return new(big.Int)
	case 1:
		return limit.Sub(limit, big.NewInt(1))
	case 2:
		return new(big.Int).Mod(p, limit)
	}
	x := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 140).Draw(t, "bytes"))
	return x.Mod(x, limit)
}

func draw8(t *rapid.T, sixteenths int64) (v Vec8, values [Lanes]*big.Int) {
	for i := range values {
		values[i] = value(t, p8, sixteenths)
		var limbs [8]uint64
		SplitLimbs(limbs[:], values[i])
		for j := range limbs {
			v[j][i] = limbs[j]
		}
	}
	return v, values
}

func lane8(t *rapid.T, v *Vec8, i int) *big.Int {
	var limbs [8]uint64
	for j := range limbs {
		limbs[j] = v[j][i]
		if limbs[j]>>52 != 0 {
			t.Fatalf("limb %d of lane %d is %#x", j, i, limbs[j])
		}
	}
	return JoinLimbs(limbs[:])
}

// check compares a lane with a value modulo p, and with a bound in 1/1024 of p.
func check(t *rapid.T, what string, got, want, p *big.Int, bound int64) {
	difference := new(big.Int).Sub(got, want)
	if difference.Mod(difference, p).Sign() != 0 {
		t.Fatalf("%s: %x, want %x modulo p", what, got, want)
	}
	limit := new(big.Int).Mul(p, big.NewInt(bound))
	if new(big.Int).Lsh(got, 10).Cmp(limit) >= 0 {
		t.Fatalf("%s: %x is not below %d/1024 p", what, got, bound)
	}
}

func TestVec8(t *testing.T) {
	needIFMA(t)
	m := NewModulus8(p8)
	rInverse := new(big.Int).ModInverse(new(big.Int).Lsh(big.NewInt(1), 416), p8)
	rapid.Check(t, func(t *rapid.T) {
		x, xs := draw8(t, 16*4096)
		y, ys := draw8(t, 16*4096)
		var z Vec8
		Mul8(&z, &x, &y, m)
		for i := range Lanes {
			want := new(big.Int).Mul(xs[i], ys[i])
			check(t, "product", lane8(t, &z, i), want.Mul(want, rInverse), p8, 1025)
		}
		n := rapid.IntRange(1, 5).Draw(t, "n")
		Square8(&z, &x, m, n)
		for i := range Lanes {
			want := new(big.Int).Set(xs[i])
			for range n {
				want.Mul(want, want)
				want.Mul(want, rInverse)
				want.Mod(want, p8)
			}
			check(t, "square", lane8(t, &z, i), want, p8, 1025)
		}
		Add8(&z, &x, &y)
		for i := range Lanes {
			if want := new(big.Int).Add(xs[i], ys[i]); lane8(t, &z, i).Cmp(want) != 0 {
				t.Fatal("sum")
			}
		}
		y, ys = draw8(t, 16*8)
		Sub8(&z, &x, &y, m)
		for i := range Lanes {
			want := new(big.Int).Sub(xs[i], ys[i])
			if want.Add(want, new(big.Int).Lsh(p8, 3)); lane8(t, &z, i).Cmp(want) != 0 {
				t.Fatal("difference")
			}
		}
		x, xs = draw8(t, 16*2)
		y, ys = draw8(t, 16*3)
		b, bs := draw8(t, 16*3)
		SubReduce8(&z, &x, &y, &b, m)
		for i := range Lanes {
			want := new(big.Int).Sub(xs[i], ys[i])
			check(t, "reduced difference", lane8(t, &z, i), want.Sub(want, bs[i]), p8, 2*1024+2)
		}
		// Results may replace arguments.
		a := x
		Mul8(&a, &a, &a, m)
		Square8(&z, &x, m, 1)
		if a != z {
			t.Fatal("product in place")
		}
		a = x
		SubReduce8(&a, &a, &y, &b, m)
		SubReduce8(&z, &x, &y, &b, m)
		if a != z {
			t.Fatal("difference in place")
		}
	})
}

func TestVec20(t *testing.T) {
	needIFMA(t)
	m := NewModulus20(p20)
	rInverse := new(big.Int).ModInverse(new(big.Int).Lsh(big.NewInt(1), 1040), p20)
	rapid.Check(t, func(t *rapid.T) {
		var x, y, z Vec20
		var xs, ys [Lanes]*big.Int
		for i := range Lanes {
			xs[i], ys[i] = value(t, p20, 32), value(t, p20, 32)
			var a, b [20]uint64
			SplitLimbs(a[:], xs[i])
			SplitLimbs(b[:], ys[i])
			for j := range a {
				x[j][i], y[j][i] = a[j], b[j]
			}
		}
		Mul20(&z, &x, &y, m)
		for i := range Lanes {
			var limbs [20]uint64
			for j := range limbs {
				if limbs[j] = z[j][i]; limbs[j]>>52 != 0 {
					t.Fatalf("limb %d of lane %d is %#x", j, i, limbs[j])
				}
			}
			want := new(big.Int).Mul(xs[i], ys[i])
			check(t, "product", JoinLimbs(limbs[:]), want.Mul(want, rInverse), p20, 1025)
		}
		a := x
		Mul20(&a, &a, &a, m)
		Mul20(&z, &x, &x, m)
		if a != z {
			t.Fatal("product in place")
		}
	})
	var table [16]Vec20
	for i := range table {
		for j := range table[i] {
			for k := range table[i][j] {
				table[i][j][k] = uint64(i<<16 | j<<8 | k)
			}
		}
	}
	for i := range table {
		var z Vec20
		if Select20(&z, &table, uint64(i)); z != table[i] {
			t.Errorf("selected entry %d is wrong", i)
		}
	}
}

func TestLimbs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 130).Draw(t, "x"))
		var limbs [20]uint64
		SplitLimbs(limbs[:], x)
		if JoinLimbs(limbs[:]).Cmp(x) != 0 {
			t.Fatalf("%x", x)
		}
	})
}

func BenchmarkMul8(b *testing.B) {
	needIFMA(b)
	m := NewModulus8(p8)
	var x, y Vec8
	for b.Loop() {
		Mul8(&x, &x, &y, m)
	}
}

func BenchmarkSquare8(b *testing.B) {
	needIFMA(b)
	m := NewModulus8(p8)
	var x Vec8
	for b.Loop() {
		Square8(&x, &x, m, 100)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(100*b.N), "ns/square")
}

func BenchmarkSubReduce8(b *testing.B) {
	needIFMA(b)
	m := NewModulus8(p8)
	var x, y Vec8
	for b.Loop() {
		SubReduce8(&x, &x, &y, &y, m)
	}
}

func BenchmarkMul20(b *testing.B) {
	needIFMA(b)
	m := NewModulus20(p20)
	var x, y Vec20
	for b.Loop() {
		Mul20(&x, &x, &y, m)
	}
}

func BenchmarkMul8Column(b *testing.B) {
	needIFMA(b)
	m := NewModulus8(p8)
	x := make([]Vec8, 64)
	var y Vec8
	for b.Loop() {
		for i := range x {
			Mul8(&x[i], &x[i], &y, m)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(64*b.N), "ns/mul")
}
