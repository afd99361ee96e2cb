package scale

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"reflect"
	"unsafe"
)

// Compact is Compact<T> where it stands on its own, for instance inside a vector or an
// option. T is an unsigned integer, U128, or a named type over one. For struct fields
// the tag option ",compact" is shorter.
type Compact[T any] struct{ Value T }

// AppendCompact appends the compact form of v (spec/wire.md §1.2).
func AppendCompact(dst []byte, v uint64) []byte {
	switch {
	case v < 1<<6:
		return append(dst, byte(v<<2))
	case v < 1<<14:
		return append(dst, byte(v<<2)|1, byte(v>>6))
	case v < 1<<30:
		return binary.LittleEndian.AppendUint32(dst, uint32(v<<2)|2)
	}
	n := (bits.Len64(v) + 7) / 8
	dst = append(dst, byte(n-4)<<2|3)
	for range n {
		dst = append(dst, byte(v))
		v >>= 8
	}
	return dst
}

// AppendCompactU128 appends the compact form of v.
func AppendCompactU128(dst []byte, v U128) []byte {
	if v.hi == 0 {
		return AppendCompact(dst, v.lo)
	}
	n := 8 + (bits.Len64(v.hi)+7)/8
	dst = append(dst, byte(n-4)<<2|3)
	dst = binary.LittleEndian.AppendUint64(dst, v.lo)
	for hi := v.hi; hi != 0; hi >>= 8 {
		dst = append(dst, byte(hi))
	}
	return dst
}

// CompactSize is the number of bytes of the compact form of v.
func CompactSize(v uint64) int {
	switch {
	case v < 1<<6:
		return 1
	case v < 1<<14:
		return 2
	case v < 1<<30:
		return 4
	}
	return 1 + (bits.Len64(v)+7)/8
}

// Compact reads a Compact<u64>.
func (d *Decoder) Compact() (uint64, error) { return d.compact(64) }

// compact reads a compact integer of at most width bits (8, 16, 32 or 64).
func (d *Decoder) compact(width int) (uint64, error) {
	if d.off < len(d.b) && d.b[d.off]&3 == 0 { // one byte: by far the most frequent
		d.off++
		return uint64(d.b[d.off-1] >> 2), nil
	}
	v, err := d.CompactU128()
	if err != nil {
		return 0, err
	}
	if v.hi != 0 || bits.Len64(v.lo) > width {
		return 0, d.at(ErrOverflow)
	}
	return v.lo, nil
}

// CompactU128 reads a Compact<u128>.
func (d *Decoder) CompactU128() (U128, error) {
	rest := d.b[d.off:]
	if len(rest) == 0 {
		return U128{}, d.at(ErrUnexpectedEnd)
	}
	var v U128
	var size int
	var minimal bool
	switch rest[0] & 3 {
	case 0:
		v.lo, size, minimal = uint64(rest[0]>>2), 1, true
	case 1:
		if len(rest) < 2 {
			return U128{}, d.at(ErrUnexpectedEnd)
		}
		v.lo, size = uint64(binary.LittleEndian.Uint16(rest)>>2), 2
		minimal = v.lo >= 1<<6
	case 2:
		if len(rest) < 4 {
			return U128{}, d.at(ErrUnexpectedEnd)
		}
		v.lo, size = uint64(binary.LittleEndian.Uint32(rest)>>2), 4
		minimal = v.lo >= 1<<14
	default:
		n := int(rest[0]>>2) + 4
		if n > 16 {
			return U128{}, d.at(ErrOverflow)
		}
		if len(rest) < 1+n {
			return U128{}, d.at(ErrUnexpectedEnd)
		}
		var buf [16]byte
		copy(buf[:], rest[1:1+n])
		v = U128{lo: binary.LittleEndian.Uint64(buf[:]), hi: binary.LittleEndian.Uint64(buf[8:])}
		size = 1 + n
		minimal = buf[n-1] != 0 && (n > 4 || v.lo >= 1<<30)
	}
	if !minimal {
		return U128{}, d.at(ErrNonMinimal)
	}
	d.off += size
	return v, nil
}

func (Compact[T]) scaleContainer() container {
	inner := reflect.TypeFor[T]()
	return container{
		self: reflect.TypeFor[Compact[T]](),
		plan: func(*builder) (*plan, error) { return compactPlan(inner) },
		def: func() (*TypeDef, error) {
			return &TypeDef{Kind: KindCompact, Elem: typeFrom(inner)}, nil
		},
	}
}

// compactPlan is the plan of Compact<t> for t an unsigned integer, U128, or a named type
// over one.
func compactPlan(t reflect.Type) (*plan, error) {
	p := &plan{typ: t, fixed: -1, min: 1}
	if isU128(t) {
		p.append = func(dst []byte, v unsafe.Pointer) ([]byte, error) {
			return AppendCompactU128(dst, *(*U128)(v)), nil
		}
		p.decode = func(d *Decoder, v unsafe.Pointer) (err error) {
			*(*U128)(v), err = d.CompactU128()
			return err
		}
		return p, nil
	}
	switch t.Kind() {
	case reflect.Uint8:
		compactInto[uint8](p, 8)
	case reflect.Uint16:
		compactInto[uint16](p, 16)
	case reflect.Uint32:
		compactInto[uint32](p, 32)
	case reflect.Uint64:
		compactInto[uint64](p, 64)
	default:
		return nil, fmt.Errorf("scale: %v cannot be compact", t)
	}
	return p, nil
}

func compactInto[T uint8 | uint16 | uint32 | uint64](p *plan, width int) {
	p.append = func(dst []byte, v unsafe.Pointer) ([]byte, error) {
		return AppendCompact(dst, uint64(*(*T)(v))), nil
	}
	p.decode = func(d *Decoder, v unsafe.Pointer) error {
		x, err := d.compact(width)
		if err != nil {
			return err
		}
		*(*T)(v) = T(x)
		return nil
	}
}
