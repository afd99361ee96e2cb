package substrate_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// An era contains the block it was made for and survives the wire.
func TestEraProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		period := rapid.Uint64Range(0, 1<<17).Draw(t, "period")
		current := rapid.Uint64Range(0, 1<<40).Draw(t, "current")
		e := substrate.MortalEra(period, current)
		back, err := scale.Unmarshal[substrate.Era](scale.MustMarshal(e))
		if err != nil || back != e {
			t.Fatalf("%v became %v, %v", e, back, err)
		}
		birth, death := e.Birth(current), e.Death(current)
		if birth > current || current >= death || death-birth != e.Period() {
			t.Fatalf("%v at %d lives %d…%d", e, current, birth, death)
		}
		// every block of the life agrees on the birth: it is what signatures bind
		at := rapid.Uint64Range(birth, death-1).Draw(t, "at")
		if e.Birth(at) != birth {
			t.Fatalf("%v: birth %d at %d, %d at %d", e, birth, current, e.Birth(at), at)
		}
	})
}

func TestPerThings(t *testing.T) {
	div := func(a, b *big.Int, up int) *big.Int { // up: 0 floor, 1 ceil, 2 nearest, ties down
		q, r := new(big.Int).DivMod(a, b, new(big.Int))
		twice := new(big.Int).Lsh(r, 1)
		if up == 1 && r.Sign() > 0 || up == 2 && twice.Cmp(b) > 0 {
			q.Add(q, big.NewInt(1))
		}
		return q
	}
	rapid.Check(t, func(t *rapid.T) {
		v := scale.U128FromParts(rapid.Uint64().Draw(t, "hi"), rapid.Uint64().Draw(t, "lo"))
		w := scale.U128FromParts(rapid.Uint64().Draw(t, "hi"), rapid.Uint64().Draw(t, "lo"))
		share := rapid.Uint64().Draw(t, "share")
		for _, p := range []struct {
			one              int64
			floor, ceil, mul func(scale.U128) scale.U128
			parts            uint64
			of               uint64
		}{
			{1e9, substrate.Perbill(share % (1e9 + 1)).MulFloor, substrate.Perbill(share % (1e9 + 1)).MulCeil, substrate.Perbill(share % (1e9 + 1)).Mul, share % (1e9 + 1), uint64(substrate.PerbillOf(v, w))},
			{1e6, substrate.Permill(share % (1e6 + 1)).MulFloor, substrate.Permill(share % (1e6 + 1)).MulCeil, substrate.Permill(share % (1e6 + 1)).Mul, share % (1e6 + 1), uint64(substrate.PermillOf(v, w))},
			{100, substrate.Percent(share % 101).MulFloor, substrate.Percent(share % 101).MulCeil, substrate.Percent(share % 101).Mul, share % 101, uint64(substrate.PercentOf(v, w))},
			{1e18, substrate.Perquintill(share % (1e18 + 1)).MulFloor, substrate.Perquintill(share % (1e18 + 1)).MulCeil, substrate.Perquintill(share % (1e18 + 1)).Mul, share % (1e18 + 1), uint64(substrate.PerquintillOf(v, w))},
		} {
			one := big.NewInt(p.one)
			product := new(big.Int).Mul(v.Big(), new(big.Int).SetUint64(p.parts))
			for up, f := range []func(scale.U128) scale.U128{p.floor, p.ceil, p.mul} {
				if got, want := f(v).Big(), div(product, one, up); got.Cmp(want) != 0 {
					t.Fatalf("%d/%d of %v, rounding %d = %v, want %v", p.parts, p.one, v, up, got, want)
				}
			}
			want := one
			if !w.IsZero() && v.Less(w) {
				want = div(new(big.Int).Mul(v.Big(), one), w.Big(), 0)
			}
			if new(big.Int).SetUint64(p.of).Cmp(want) != 0 {
				t.Fatalf("%v/%v in parts of %d = %d, want %v", v, w, p.one, p.of, want)
			}
		}
	})
	if got := substrate.Perbill(2e9).MulFloor(scale.MaxU128); got != scale.MaxU128 {
		t.Errorf("a malformed fraction gives %v", got)
	}
}

func TestWeightSaturates(t *testing.T) {
	w := substrate.Weight{RefTime: 10, ProofSize: 5}
	if got := w.Add(substrate.MaxWeight); got != substrate.MaxWeight {
		t.Errorf("sum = %v", got)
	}
	if got := w.Sub(substrate.Weight{RefTime: 3, ProofSize: 9}); got != (substrate.Weight{RefTime: 7}) {
		t.Errorf("difference = %v", got)
	}
	if got := substrate.MaxWeight.Mul(3); got != substrate.MaxWeight {
		t.Errorf("product = %v", got)
	}
	if !w.AnyGreater(substrate.Weight{RefTime: 10, ProofSize: 4}) || w.AnyGreater(w) {
		t.Error("AnyGreater is wrong")
	}
	db := substrate.RuntimeDbWeight{Read: 25, Write: 100}
	if got := db.ReadsWrites(2, 3); got.RefTime != 350 {
		t.Errorf("2 reads and 3 writes cost %v", got)
	}
}
