package metadata

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
)

// plain reduces a Go value to what the encoder knows: nil, bool, string, []byte, []any,
// map[string]any, Object, or a number. Types that write themselves as text, such as
// accounts, hashes and U128, are taken as that text.
func plain(v any) (any, error) {
	switch v.(type) {
	case nil, bool, string, []byte, []any, map[string]any, Object, json.Number, float64,
		uint64, int64, int, *big.Int:
		return v, nil
	}
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer && r.IsNil() {
		return nil, nil
	}
	if x, ok := v.(encoding.TextMarshaler); ok {
		b, err := x.MarshalText()
		return string(b), err
	}
	switch r.Kind() {
	case reflect.Pointer:
		return plain(r.Elem().Interface())
	case reflect.Bool:
		return r.Bool(), nil
	case reflect.String:
		return r.String(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return r.Uint(), nil
	case reflect.Float32:
		return r.Float(), nil
	case reflect.Slice, reflect.Array:
		if r.Type().Elem().Kind() == reflect.Uint8 {
			b := make([]byte, r.Len())
			reflect.Copy(reflect.ValueOf(b), r)
			return b, nil
		}
		list := make([]any, r.Len())
		for i := range list {
			list[i] = r.Index(i).Interface()
		}
		return list, nil
	case reflect.Map:
		if r.Type().Key().Kind() == reflect.String {
			m := make(map[string]any, r.Len())
			for _, k := range r.MapKeys() {
				m[k.String()] = r.MapIndex(k).Interface()
			}
			return m, nil
		}
	}
	return nil, misfit("a plain value", v)
}

// objectOf reads an object's members; ok is false when v is none.
func objectOf(v any) (members map[string]any, ok bool, err error) {
	switch x := v.(type) {
	case map[string]any:
		return x, true, nil
	case Object:
		members = make(map[string]any, len(x))
		for _, m := range x {
			if _, dup := members[m.Name]; dup {
				return nil, false, fmt.Errorf("%w: member %.40q occurs twice", ErrValue, m.Name)
			}
			members[m.Name] = m.Value
		}
		return members, true, nil
	}
	return nil, false, nil
}

// maxSafeFloat is the largest integer below which every integer is a float64.
const maxSafeFloat = 1 << 53

// maxDigits bounds the text of a number: 256 bits have 78 digits.
const maxDigits = 80

// integerOf reads an integer.
func integerOf(v any) (*big.Int, error) {
	v, err := plain(v)
	if err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case int:
		return big.NewInt(int64(x)), nil
	case int64:
		return big.NewInt(x), nil
	case uint64:
		return new(big.Int).SetUint64(x), nil
	case *big.Int:
		if x != nil {
			return x, nil
		}
	case float64:
		if x == math.Trunc(x) && math.Abs(x) <= maxSafeFloat {
			return big.NewInt(int64(x)), nil
		}
	case json.Number:
		return integerText(string(x))
	case string:
		return integerText(x)
	}
	return nil, misfit("an integer", v)
}

func integerText(s string) (*big.Int, error) {
	digits, base := s, 10
	if rest, ok := strings.CutPrefix(s, "0x"); ok {
		digits, base = rest, 16
	}
	if digits == "" || len(digits) > maxDigits || strings.ContainsAny(digits, "+_") || base == 16 && digits[0] == '-' {
		return nil, misfit("an integer", s)
	}
	x, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, misfit("an integer", s)
	}
	return x, nil
}

// appendInteger appends x in size bytes, little-endian, if it fits.
func appendInteger(dst []byte, x *big.Int, size int, signed bool) ([]byte, error) {
	width := uint(8 * size)
	low, high := new(big.Int), new(big.Int).Lsh(big.NewInt(1), width)
	if signed {
		high.Rsh(high, 1)
		low.Neg(high)
	}
	if x.Cmp(low) < 0 || x.Cmp(high) >= 0 {
		return dst, fmt.Errorf("%w: %s does not fit %d bits", ErrValue, x, width)
	}
	if x.Sign() < 0 {
		x = new(big.Int).Add(x, new(big.Int).Lsh(big.NewInt(1), width))
	}
	b := x.FillBytes(make([]byte, size))
	slices.Reverse(b)
	return append(dst, b...), nil
}
