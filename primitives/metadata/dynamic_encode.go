package metadata

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gocess/gocess/primitives/scale"
)

type valueEncoder struct {
	m     *Metadata
	f     Format
	depth int
}

func (e *valueEncoder) value(dst []byte, id TypeID, v any) ([]byte, error) {
	t, err := e.m.Type(id)
	if err != nil {
		return dst, err
	}
	if e.depth++; e.depth > maxValueDepth {
		return dst, scale.ErrDepth
	}
	defer func() { e.depth-- }()
	if v, err = plain(v); err != nil {
		return dst, err
	}
	switch def := t.Def.(type) {
	case Composite:
		return e.composite(dst, t, def, v)
	case Enum:
		return e.enum(dst, t, def, v)
	case Sequence:
		if e.m.isU8(def.Elem) {
			b, err := bytesOf(v)
			if err != nil {
				return dst, err
			}
			return scale.AppendBytes(dst, b), nil
		}
		list, ok := v.([]any)
		if !ok && v != nil {
			return dst, misfit("a list", v)
		}
		return e.list(scale.AppendCompact(dst, uint64(len(list))), def.Elem, list)
	case Array:
		return e.array(dst, def, v)
	case Tuple:
		return e.tuple(dst, def, v)
	case Primitive:
		return e.primitive(dst, def.Kind, v)
	case Compact:
		return e.compact(dst, def.Elem, v)
	case BitSequence:
		return e.bits(dst, def, v)
	}
	return dst, fmt.Errorf("type %d has no definition", id)
}

func misfit(want string, v any) error {
	text := fmt.Sprintf("%v", v)
	if len(text) > 60 {
		text = text[:60] + "…"
	}
	return fmt.Errorf("%w: want %s, got %T %s", ErrValue, want, v, text)
}

func (e *valueEncoder) composite(dst []byte, t *Type, def Composite, v any) ([]byte, error) {
	if t.isPath(accountPath) {
		return e.account(dst, v)
	}
	if t.isPath(u256Path) {
		return e.primitive(dst, PrimitiveKind(scale.PrimU256), v)
	}
	return e.fields(dst, def.Fields, v)
}

func (e *valueEncoder) account(dst []byte, v any) ([]byte, error) {
	if s, ok := v.(string); ok && !strings.HasPrefix(s, "0x") && e.f.ParseAccount != nil {
		id, err := e.f.ParseAccount(s)
		if err != nil {
			return dst, fmt.Errorf("%w: account: %w", ErrValue, err)
		}
		return append(dst, id[:]...), nil
	}
	b, err := bytesOf(v)
	if err != nil || len(b) != 32 {
		return dst, misfit("an account", v)
	}
	return append(dst, b...), nil
}

// fields encodes the content of a struct or a variant.
func (e *valueEncoder) fields(dst []byte, fields []Field, v any) (_ []byte, err error) {
	if len(fields) == 0 {
		return dst, wantNothing(v)
	}
	if len(fields) == 1 && fields[0].Name.IsNone() {
		return e.value(dst, fields[0].Type, v)
	}
	object, isObject, err := objectOf(v)
	if err != nil {
		return dst, err
	}
	list, isList := v.([]any)
	switch {
	case isList && len(list) != len(fields):
		return dst, fmt.Errorf("%w: want %d fields %s, got %d", ErrValue, len(fields), fieldNames(fields), len(list))
	case !isList && !isObject:
		return dst, misfit("an object with "+fieldNames(fields), v)
	}
	used := 0
	for i, f := range fields {
		name := f.Name.Or(fmt.Sprint(i))
		var x any
		if isList {
			x = list[i]
		} else if given, ok := object[name]; ok {
			x = given
			used++
		} else if _, optional := e.m.Types[f.Type].isOption(); !optional {
			return dst, fmt.Errorf("%w: field %s is missing", ErrValue, name)
		}
		if dst, err = e.value(dst, f.Type, x); err != nil {
			return dst, fmt.Errorf("%s: %w", name, err)
		}
	}
	if isObject && used != len(object) {
		return dst, fmt.Errorf("%w: unknown fields; known are %s", ErrValue, fieldNames(fields))
	}
	return dst, nil
}

// wantNothing accepts what an empty struct or tuple may be given as.
func wantNothing(v any) error {
	switch x := v.(type) {
	case nil:
		return nil
	case []any:
		if len(x) == 0 {
			return nil
		}
	case map[string]any:
		if len(x) == 0 {
			return nil
		}
	case Object:
		if len(x) == 0 {
			return nil
		}
	}
	return misfit("nothing", v)
}

func (e *valueEncoder) enum(dst []byte, t *Type, def Enum, v any) ([]byte, error) {
	if inner, ok := t.isOption(); ok {
		if v == nil {
			return append(dst, 0), nil
		}
		if !e.m.nullable(inner) {
			return e.value(append(dst, 1), inner, v)
		}
	}
	var name string
	var content any
	object, isObject, err := objectOf(v)
	if err != nil {
		return dst, err
	}
	s, isString := v.(string)
	if isString {
		name = s
		if _, ok := def.Named(s); !ok && t.isPath(addressPath) {
			name, content = "Id", v
		}
	} else if isObject && len(object) == 1 {
		for name, content = range object {
		}
	} else if _, isBytes := v.([]byte); isBytes && t.isPath(addressPath) {
		name, content = "Id", v
	} else {
		return dst, misfit(`{"Variant": …}`, v)
	}
	variant, ok := def.Named(name)
	if !ok {
		return dst, fmt.Errorf("%w: no variant %.40q; known are %s", ErrValue, name, variantNames(def))
	}
	dst, err = e.fields(append(dst, variant.Index), variant.Fields, content)
	if err != nil {
		return dst, fmt.Errorf("%s: %w", name, err)
	}
	return dst, nil
}

// variantNames lists the first variants of an enum.
func variantNames(def Enum) string {
	const most = 12
	var names []string
	for i, v := range def.Variants {
		if i == most {
			names = append(names, "…")
			break
		}
		names = append(names, v.Name)
	}
	return strings.Join(names, ", ")
}

func (e *valueEncoder) list(dst []byte, elem TypeID, list []any) (_ []byte, err error) {
	for i, x := range list {
		if dst, err = e.value(dst, elem, x); err != nil {
			return dst, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return dst, nil
}

func (e *valueEncoder) array(dst []byte, def Array, v any) ([]byte, error) {
	if e.m.isU8(def.Elem) {
		b, err := bytesOf(v)
		if err != nil {
			return dst, err
		}
		if uint64(len(b)) != uint64(def.Len) {
			return dst, fmt.Errorf("%w: want %d bytes, got %d", ErrValue, def.Len, len(b))
		}
		return append(dst, b...), nil
	}
	list, ok := v.([]any)
	if !ok || uint64(len(list)) != uint64(def.Len) {
		return dst, misfit(fmt.Sprintf("a list of %d", def.Len), v)
	}
	return e.list(dst, def.Elem, list)
}

func (e *valueEncoder) tuple(dst []byte, def Tuple, v any) (_ []byte, err error) {
	if len(def.Elems) == 0 {
		return dst, wantNothing(v)
	}
	list, ok := v.([]any)
	if !ok || len(list) != len(def.Elems) {
		return dst, misfit(fmt.Sprintf("a list of %d", len(def.Elems)), v)
	}
	for i, x := range list {
		if dst, err = e.value(dst, def.Elems[i], x); err != nil {
			return dst, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return dst, nil
}

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
