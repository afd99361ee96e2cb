package metadata

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gocess/gocess/primitives/scale"
)

func (e *valueEncoder) primitive(dst []byte, kind PrimitiveKind, v any) ([]byte, error) {
	switch scale.Primitive(kind) {
	case scale.Bool:
		b, ok := v.(bool)
		if !ok {
			return dst, misfit("true or false", v)
		}
		return scale.AppendBool(dst, b), nil
	case scale.Str:
		s, ok := v.(string)
		if !ok {
			return dst, misfit("text", v)
		}
		return scale.AppendString(dst, s)
	case scale.Char:
		s, ok := v.(string)
		r, n := utf8.DecodeRuneInString(s)
		if !ok || n == 0 || n != len(s) || r == utf8.RuneError {
			return dst, misfit("one character", v)
		}
		return scale.AppendUint32(dst, uint32(r)), nil
	}
	size, signed := intForm(kind)
	x, err := integerOf(v)
	if err != nil {
		return dst, err
	}
	return appendInteger(dst, x, size, signed)
}

func (e *valueEncoder) compact(dst []byte, elem TypeID, v any) ([]byte, error) {
	t, err := e.m.unwrap(elem)
	if err != nil {
		return dst, err
	}
	if u, ok := t.Def.(Tuple); ok && len(u.Elems) == 0 {
		return dst, wantNothing(v)
	}
	p, ok := t.Def.(Primitive)
	if !ok || scale.Primitive(p.Kind) < scale.U8 || scale.Primitive(p.Kind) > scale.PrimU128 {
		return dst, fmt.Errorf("%s cannot be compact", e.m.TypeName(elem))
	}
	x, err := integerOf(v)
	if err != nil {
		return dst, err
	}
	size, _ := intForm(p.Kind)
	n, ok := scale.U128FromBig(x)
	if !ok || n.BitLen() > 8*size {
		return dst, misfit(p.Kind.String(), v)
	}
	return scale.AppendCompactU128(dst, n), nil
}

func (e *valueEncoder) bits(dst []byte, def BitSequence, v any) ([]byte, error) {
	lsb, err := e.m.bitOrder(def)
	if err != nil {
		return dst, err
	}
	s, _ := v.(string)
	digits, ok := strings.CutPrefix(s, "0b")
	if !ok || strings.Trim(digits, "01") != "" {
		return dst, misfit("bits such as 0b0110", v)
	}
	b := make([]byte, (len(digits)+7)/8)
	for i := range digits {
		b[i/8] |= (digits[i] - '0') << bitShift(i, lsb)
	}
	return append(scale.AppendCompact(dst, uint64(len(digits))), b...), nil
}

// bytesOf reads bytes from 0x-hex, other text, bytes or a list of numbers.
func bytesOf(v any) ([]byte, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case []byte:
		return x, nil
	case string:
		digits, isHex := strings.CutPrefix(x, "0x")
		if !isHex {
			return []byte(x), nil
		}
		b, err := hex.DecodeString(digits)
		if err != nil {
			return nil, misfit("0x and an even number of hex digits", v)
		}
		return b, nil
	case []any:
		b := make([]byte, 0, len(x))
		for _, y := range x {
			n, err := integerOf(y)
			if err != nil || !n.IsUint64() || n.Uint64() > 255 {
				return nil, misfit("bytes", v)
			}
			b = append(b, byte(n.Uint64()))
		}
		return b, nil
	}
	return nil, misfit("bytes", v)
}
