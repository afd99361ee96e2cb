package scale

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"unsafe"

	"github.com/holiman/uint256"
)

// U256 is primitive_types::U256, the number of the EVM: four 64-bit limbs, lowest first.
// Text and JSON are 0x-hex, as Ethereum clients write it; decimal is read, too.
type U256 [4]uint64

// ErrU256 reports text or a number that is not an integer in 0…2²⁵⁶−1.
var ErrU256 = errors.New("not an unsigned 256-bit integer")

// U256From64 converts v.
func U256From64(v uint64) U256 { return U256{v} }

// U256FromU128 converts v.
func U256FromU128(v U128) U256 { return U256{v.lo, v.hi} }

// U256FromInt converts v.
func U256FromInt(v *uint256.Int) U256 { return U256(*v) }

// U256FromBig converts b; ok is false when b is nil, negative or too large.
func U256FromBig(b *big.Int) (v U256, ok bool) {
	if b == nil || b.Sign() < 0 {
		return U256{}, false
	}
	i, overflow := uint256.FromBig(b)
	if overflow {
		return U256{}, false
	}
	return U256(*i), true
}

// ParseU256 reads a decimal number or one in 0x-hex.
func ParseU256(s string) (U256, error) {
	b, ok := new(big.Int), false
	if len(s) > 2 && s[:2] == "0x" && len(s) <= 2+64 && isDigits(s[2:], 16) {
		b, ok = b.SetString(s[2:], 16)
	} else if len(s) > 0 && len(s) <= 78 && isDigits(s, 10) {
		b, ok = b.SetString(s, 10)
	}
	if ok {
		if v, ok := U256FromBig(b); ok {
			return v, nil
		}
	}
	return U256{}, fmt.Errorf("scale: %.80q: %w", s, ErrU256)
}

func isDigits(s string, base int) bool {
	for _, c := range []byte(s) {
		hex := base == 16 && (c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F')
		if (c < '0' || c > '9') && !hex {
			return false
		}
	}
	return true
}

// Int converts v for arithmetic.
func (v U256) Int() *uint256.Int { return (*uint256.Int)(&v) }

// Big converts v.
func (v U256) Big() *big.Int { return v.Int().ToBig() }

// U128 returns the low 128 bits and whether v fits them.
func (v U256) U128() (U128, bool) { return U128{v[0], v[1]}, v[2]|v[3] == 0 }

// Cmp is -1, 0 or 1 as v is less than, equal to or greater than w.
func (v U256) Cmp(w U256) int { return v.Int().Cmp(w.Int()) }

// IsZero reports v = 0.
func (v U256) IsZero() bool { return v == U256{} }

// String is 0x-hex without leading zeros.
func (v U256) String() string { return v.Int().Hex() }

// MarshalText gives 0x-hex.
func (v U256) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads decimal or 0x-hex.
func (v *U256) UnmarshalText(b []byte) (err error) {
	*v, err = ParseU256(string(b))
	return err
}

// UnmarshalJSON reads a string or an integer number.
func (v *U256) UnmarshalJSON(b []byte) (err error) {
	s := string(b)
	if len(b) > 0 && b[0] == '"' {
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	}
	*v, err = ParseU256(s)
	return err
}

func (U256) scaleContainer() container {
	return container{
		self: reflect.TypeFor[U256](),
		plan: func(*builder) (*plan, error) { return wordsPlan(4), nil },
		def: func() (*TypeDef, error) {
			return &TypeDef{
				Path: "primitive_types::U256", Kind: KindComposite,
				Fields: []Field{{Type: TypeOf[[4]uint64](), TypeName: "[u64; 4]"}},
			}, nil
		},
	}
}

// wordsPlan is the plan of n 64-bit words, lowest first.
func wordsPlan(n int) *plan {
	if littleEndian {
		return flatPlan(8 * n)
	}
	return &plan{
		fixed: 8 * n,
		min:   8 * n,
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			for _, w := range unsafe.Slice((*uint64)(p), n) {
				dst = binary.LittleEndian.AppendUint64(dst, w)
			}
			return dst, nil
		},
		decode: func(d *Decoder, p unsafe.Pointer) error {
			b, err := d.Bytes(8 * n)
			if err != nil {
				return err
			}
			words := unsafe.Slice((*uint64)(p), n)
			for i := range words {
				words[i] = binary.LittleEndian.Uint64(b[8*i:])
			}
			return nil
		},
	}
}
