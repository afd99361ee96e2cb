package scale_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/primitives/scale"
)

func TestU128AgainstBig(t *testing.T) {
	limit := new(big.Int).Lsh(big.NewInt(1), 128)
	fits := func(x *big.Int) bool { return x.Sign() >= 0 && x.Cmp(limit) < 0 }
	wrap := func(x *big.Int) *big.Int { return new(big.Int).Mod(x, limit) }
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := u128s().Draw(t, "a"), u128s().Draw(t, "b"), u128s().Draw(t, "c")
		x, y, z := a.Big(), b.Big(), c.Big()
		expect := func(what string, got scale.U128, want *big.Int) {
			t.Helper()
			if got.Big().Cmp(want) != 0 {
				t.Fatalf("%s of %v, %v, %v = %v, want %v", what, a, b, c, got, want)
			}
		}
		sum, diff, prod := new(big.Int).Add(x, y), new(big.Int).Sub(x, y), new(big.Int).Mul(x, y)
		for _, op := range []struct {
			what     string
			checked  func(scale.U128) (scale.U128, bool)
			saturate func(scale.U128) scale.U128
			want     *big.Int
		}{
			{"sum", a.AddOverflow, a.SaturatingAdd, sum},
			{"difference", a.SubUnderflow, a.SaturatingSub, diff},
			{"product", a.MulOverflow, a.SaturatingMul, prod},
		} {
			got, over := op.checked(b)
			expect(op.what, got, wrap(op.want))
			if over == fits(op.want) {
				t.Fatalf("%s of %v and %v: overflow %v", op.what, a, b, over)
			}
			clamped := op.want
			if clamped.Sign() < 0 {
				clamped = new(big.Int)
			} else if !fits(clamped) {
				clamped = scale.MaxU128.Big()
			}
			expect("saturating "+op.what, op.saturate(b), clamped)
		}
		if !b.IsZero() {
			q, r := a.DivMod(b)
			expect("quotient", q, new(big.Int).Div(x, y))
			expect("remainder", r, new(big.Int).Mod(x, y))
			expect("Div", a.Div(b), new(big.Int).Div(x, y))
			if n, ok := b.Uint64(); ok {
				expect("Div64", a.Div64(n), new(big.Int).Div(x, y))
				expect("Mod64", scale.U128From64(a.Mod64(n)), new(big.Int).Mod(x, y))
			}
		}
		q, ok := scale.MulDiv(a, b, c)
		up, upOK := scale.MulDivUp(a, b, c)
		if c.IsZero() {
			if ok || upOK {
				t.Fatal("division by zero is ok")
			}
		} else {
			want, rest := new(big.Int).DivMod(prod, z, new(big.Int))
			if ok != fits(want) {
				t.Fatalf("MulDiv(%v, %v, %v): ok %v", a, b, c, ok)
			}
			if ok {
				expect("MulDiv", q, want)
			}
			if rest.Sign() > 0 {
				want.Add(want, big.NewInt(1))
			}
			if upOK != fits(want) {
				t.Fatalf("MulDivUp(%v, %v, %v): ok %v", a, b, c, upOK)
			}
			if upOK {
				expect("MulDivUp", up, want)
			}
		}
		n := uint(rapid.IntRange(0, 130).Draw(t, "shift"))
		expect("Rsh", a.Rsh(n), new(big.Int).Rsh(x, n))
		expect("Lsh", a.Lsh(n), wrap(new(big.Int).Lsh(x, n)))
		if a.Cmp(b) != x.Cmp(y) || a.Less(b) != (x.Cmp(y) < 0) || a.Min(b).Big().Cmp(x) > 0 || a.Max(b).Big().Cmp(y) < 0 {
			t.Fatalf("order of %v and %v", a, b)
		}
		if a.BitLen() != x.BitLen() {
			t.Fatalf("BitLen(%v) = %d", a, a.BitLen())
		}
	})
}

func TestU128Text(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := u128s().Draw(t, "v")
		if v.String() != v.Big().String() {
			t.Fatalf("%s, want %s", v, v.Big())
		}
		back, err := scale.ParseU128(v.String())
		if err != nil || back != v {
			t.Fatalf("%v parses as %v, %v", v, back, err)
		}
		if b, ok := scale.U128FromBig(v.Big()); !ok || b != v {
			t.Fatalf("%v from big is %v", v, b)
		}
		w := scale.U256FromU128(v)
		parsed, err := scale.ParseU256(w.String())
		if err != nil || parsed != w {
			t.Fatalf("%v parses as %v, %v", w, parsed, err)
		}
		if x, ok := w.U128(); !ok || x != v {
			t.Fatalf("%v back is %v", v, x)
		}
	})
	for _, bad := range []string{"", "-1", "+1", " 1", "1_0", "0x1", "340282366920938463463374607431768211456", "99999999999999999999999999999999999999999", "१"} {
		if v, err := scale.ParseU128(bad); err == nil {
			t.Errorf("%q parses as %v", bad, v)
		}
	}
	if v, err := scale.ParseU128("340282366920938463463374607431768211455"); err != nil || v != scale.MaxU128 {
		t.Errorf("the largest u128 parses as %v, %v", v, err)
	}
}
