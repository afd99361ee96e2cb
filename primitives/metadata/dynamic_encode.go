package metadata

import (
	"fmt"
	"strings"

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
