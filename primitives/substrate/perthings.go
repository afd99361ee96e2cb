package substrate

import (
	"github.com/gocess/gocess/primitives/scale"
)

// Parts of one in which fractions are counted.
const (
	perbillOne     = 1_000_000_000
	permillOne     = 1_000_000
	percentOne     = 100
	perU16One      = 65_535
	perquintillOne = 1_000_000_000_000_000_000
)

// Perbill is a fraction in parts of 10⁹, 0…1.
type Perbill uint32

// Permill is a fraction in parts of 10⁶, 0…1.
type Permill uint32

// Percent is a fraction in parts of 100, 0…1.
type Percent uint8

// PerU16 is a fraction in parts of 65535, 0…1.
type PerU16 uint16

// Perquintill is a fraction in parts of 10¹⁸, 0…1.
type Perquintill uint64

// PerbillOf is p/q rounded down, at most one; one when q is zero, as in Substrate.
func PerbillOf(p, q scale.U128) Perbill { return Perbill(ratio(p, q, perbillOne)) }

// PermillOf is p/q rounded down, at most one; one when q is zero.
func PermillOf(p, q scale.U128) Permill { return Permill(ratio(p, q, permillOne)) }

// PercentOf is p/q rounded down, at most one; one when q is zero.
func PercentOf(p, q scale.U128) Percent { return Percent(ratio(p, q, percentOne)) }

// PerquintillOf is p/q rounded down, at most one; one when q is zero.
func PerquintillOf(p, q scale.U128) Perquintill { return Perquintill(ratio(p, q, perquintillOne)) }

// MulFloor is ⌊p·v⌋.
func (p Perbill) MulFloor(v scale.U128) scale.U128 { return mulFloor(v, uint64(p), perbillOne) }

// MulCeil is ⌈p·v⌉.
func (p Perbill) MulCeil(v scale.U128) scale.U128 { return mulCeil(v, uint64(p), perbillOne) }

// Mul is p·v rounded to the nearest integer, ties down: Rust's operator *.
func (p Perbill) Mul(v scale.U128) scale.U128 { return mulNearest(v, uint64(p), perbillOne) }

// MulFloor is ⌊p·v⌋.
func (p Permill) MulFloor(v scale.U128) scale.U128 { return mulFloor(v, uint64(p), permillOne) }

// MulCeil is ⌈p·v⌉.
func (p Permill) MulCeil(v scale.U128) scale.U128 { return mulCeil(v, uint64(p), permillOne) }

// Mul is p·v rounded to the nearest integer, ties down: Rust's operator *.
func (p Permill) Mul(v scale.U128) scale.U128 { return mulNearest(v, uint64(p), permillOne) }

// MulFloor is ⌊p·v⌋.
func (p Percent) MulFloor(v scale.U128) scale.U128 { return mulFloor(v, uint64(p), percentOne) }

// MulCeil is ⌈p·v⌉.
func (p Percent) MulCeil(v scale.U128) scale.U128 { return mulCeil(v, uint64(p), percentOne) }

// Mul is p·v rounded to the nearest integer, ties down: Rust's operator *.
func (p Percent) Mul(v scale.U128) scale.U128 { return mulNearest(v, uint64(p), percentOne) }

// MulFloor is ⌊p·v⌋.
func (p Perquintill) MulFloor(v scale.U128) scale.U128 {
	return mulFloor(v, uint64(p), perquintillOne)
}

// MulCeil is ⌈p·v⌉.
func (p Perquintill) MulCeil(v scale.U128) scale.U128 { return mulCeil(v, uint64(p), perquintillOne) }

// Mul is p·v rounded to the nearest integer, ties down: Rust's operator *.
func (p Perquintill) Mul(v scale.U128) scale.U128 { return mulNearest(v, uint64(p), perquintillOne) }

func ratio(p, q scale.U128, one uint64) uint64 {
	if q.IsZero() || !p.Less(q) {
		return one
	}
	parts, _ := scale.MulDiv(p, scale.U128From64(one), q)
	n, _ := parts.Uint64()
	return n
}

// The products cannot overflow: a fraction above one, which only a malformed value has,
// counts as one.

func mulFloor(v scale.U128, parts, one uint64) scale.U128 {
	q, _ := scale.MulDiv(v, scale.U128From64(min(parts, one)), scale.U128From64(one))
	return q
}

func mulCeil(v scale.U128, parts, one uint64) scale.U128 {
	q, _ := scale.MulDivUp(v, scale.U128From64(min(parts, one)), scale.U128From64(one))
	return q
}

func mulNearest(v scale.U128, parts, one uint64) scale.U128 {
	parts = min(parts, one)
	floor := mulFloor(v, parts, one)
	// remainder = (v mod one)·parts mod one decides the rounding
	rest, _ := scale.U128From64(v.Mod64(one)).MulOverflow(scale.U128From64(parts))
	if rest.Mod64(one) > one/2 {
		floor, _ = floor.AddOverflow(scale.U128From64(1))
	}
	return floor
}

// ScaleType implements the convention of package scale.
func (Perbill) ScaleType() scale.TypeInfo { return perThing("Perbill", "u32") }

// ScaleType implements the convention of package scale.
func (Permill) ScaleType() scale.TypeInfo { return perThing("Permill", "u32") }

// ScaleType implements the convention of package scale.
func (Percent) ScaleType() scale.TypeInfo { return perThing("Percent", "u8") }

// ScaleType implements the convention of package scale.
func (PerU16) ScaleType() scale.TypeInfo { return perThing("PerU16", "u16") }

// ScaleType implements the convention of package scale.
func (Perquintill) ScaleType() scale.TypeInfo { return perThing("Perquintill", "u64") }

func perThing(name, inner string) scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_arithmetic::per_things::" + name, FieldTypeName: inner}
}

// FixedU128 is a fixed-point number in parts of 10¹⁸.
type FixedU128 struct {
	Inner scale.U128 `scale:"_" type:"u128"`
}

// ScaleType implements the convention of package scale.
func (FixedU128) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_arithmetic::fixed_point::FixedU128"}
}
