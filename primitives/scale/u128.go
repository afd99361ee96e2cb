package scale

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"reflect"
)

// U128 is an unsigned 128-bit integer: balances in Planck, and everything the chain calls
// u128. It is a value: comparable with == and usable as a map key. Text and JSON are
// decimal; JSON is a string because JavaScript numbers are too small.
//
// Go's memory order (low word first) equals the encoding on little-endian machines.
type U128 struct{ lo, hi uint64 }

// MaxU128 is 2¹²⁸−1.
var MaxU128 = U128{lo: ^uint64(0), hi: ^uint64(0)}

// ErrU128 reports text or a number that is not an integer in 0…2¹²⁸−1.
var ErrU128 = errors.New("not an unsigned 128-bit integer")

// U128From64 converts v.
func U128From64(v uint64) U128 { return U128{lo: v} }

// U128FromParts makes hi·2⁶⁴ + lo.
func U128FromParts(hi, lo uint64) U128 { return U128{lo: lo, hi: hi} }

// U128FromBig converts b; ok is false when b is nil, negative or too large.
func U128FromBig(b *big.Int) (v U128, ok bool) {
	if b == nil || b.Sign() < 0 || b.BitLen() > 128 {
		return U128{}, false
	}
	var buf [16]byte
	b.FillBytes(buf[:])
	for i := range 8 {
		v.hi = v.hi<<8 | uint64(buf[i])
		v.lo = v.lo<<8 | uint64(buf[8+i])
	}
	return v, true
}

// ParseU128 reads a decimal number without sign, spaces or separators.
func ParseU128(s string) (U128, error) {
	if s == "" || len(s) > 39 {
		return U128{}, fmt.Errorf("scale: %.50q: %w", s, ErrU128)
	}
	var v U128
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return U128{}, fmt.Errorf("scale: %q: %w", s, ErrU128)
		}
		m, o1 := v.MulOverflow(U128{lo: 10})
		a, o2 := m.AddOverflow(U128{lo: uint64(c - '0')})
		if o1 || o2 {
			return U128{}, fmt.Errorf("scale: %q: %w", s, ErrU128)
		}
		v = a
	}
	return v, nil
}

// Parts returns the high and the low 64 bits.
func (v U128) Parts() (hi, lo uint64) { return v.hi, v.lo }

// Uint64 returns v and whether it fits.
func (v U128) Uint64() (uint64, bool) { return v.lo, v.hi == 0 }

// Big converts v.
func (v U128) Big() *big.Int {
	b := new(big.Int).SetUint64(v.hi)
	return b.Lsh(b, 64).Or(b, new(big.Int).SetUint64(v.lo))
}

// BitLen is the number of bits of v; 0 for zero.
func (v U128) BitLen() int {
	if v.hi != 0 {
		return 64 + bits.Len64(v.hi)
	}
	return bits.Len64(v.lo)
}

// String is the decimal form.
func (v U128) String() string {
	if v.hi == 0 && v.lo == 0 {
		return "0"
	}
	var buf [39]byte
	i := len(buf)
	for v.hi != 0 || v.lo != 0 {
		var r uint64
		v, r = v.divMod64(1e18)
		last := v.hi == 0 && v.lo == 0
		for n := 0; n < 18 && (r != 0 || !last); n++ {
			i--
			buf[i] = byte('0' + r%10)
			r /= 10
		}
	}
	return string(buf[i:])
}

// MarshalText gives the decimal form.
func (v U128) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the decimal form.
func (v *U128) UnmarshalText(b []byte) (err error) {
	*v, err = ParseU128(string(b))
	return err
}

// MarshalJSON gives the decimal form as a string.
func (v U128) MarshalJSON() ([]byte, error) { return []byte(`"` + v.String() + `"`), nil }

// UnmarshalJSON reads a decimal string or an integer number.
func (v *U128) UnmarshalJSON(b []byte) (err error) {
	s := string(b)
	if len(b) > 0 && b[0] == '"' {
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	}
	*v, err = ParseU128(s)
	return err
}

// isU128 reports whether t is U128 or a named type over it.
func isU128(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.ConvertibleTo(reflect.TypeFor[U128]())
}

func (U128) scaleContainer() container {
	return container{
		self: reflect.TypeFor[U128](),
		plan: func(*builder) (*plan, error) { return wordsPlan(2), nil },
		def: func() (*TypeDef, error) {
			return &TypeDef{Kind: KindPrimitive, Primitive: PrimU128}, nil
		},
	}
}
