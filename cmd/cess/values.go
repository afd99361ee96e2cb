package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gocess/gocess/primitives/metadata"
)

// format is how accounts look in dynamic values.
var format = metadata.Format{Account: accountText, ParseAccount: parseAccount}

// rewriter changes the strings of a value that looks like JSON, knowing the
// type of each. It leaves what does not fit its type for the codec to refuse.
type rewriter struct {
	m    *metadata.Metadata
	leaf func(def metadata.Def, text string) string
}

// maxDepth bounds the nesting of values, as the codec does.
const maxDepth = 256

func (r rewriter) value(id metadata.TypeID, v any, depth int) any {
	t, err := r.m.Type(id)
	if err != nil || v == nil || depth > maxDepth {
		return v
	}
	switch def := t.Def.(type) {
	case metadata.Composite:
		return r.fields(def.Fields, v, depth)
	case metadata.Enum:
		return r.enum(t, def, v, depth)
	case metadata.Sequence:
		return r.list(def, def.Elem, v, depth)
	case metadata.Array:
		return r.list(def, def.Elem, v, depth)
	case metadata.Tuple:
		if list, ok := v.([]any); ok && len(list) == len(def.Elems) {
			out := make([]any, len(list))
			for i, x := range list {
				out[i] = r.value(def.Elems[i], x, depth+1)
			}
			return out
		}
	case metadata.Compact:
		if s, ok := v.(string); ok {
			return r.leaf(metadata.Primitive{Kind: 7}, s) // any integer
		}
	case metadata.Primitive:
		if s, ok := v.(string); ok {
			return r.leaf(def, s)
		}
	}
	return v
}

func (r rewriter) list(def metadata.Def, elem metadata.TypeID, v any, depth int) any {
	switch x := v.(type) {
	case string:
		if isU8(r.m, elem) {
			return r.leaf(def, x)
		}
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = r.value(elem, x[i], depth+1)
		}
		return out
	}
	return v
}

func (r rewriter) fields(fields []metadata.Field, v any, depth int) any {
	if len(fields) == 1 && fields[0].Name.IsNone() {
		return r.value(fields[0].Type, v, depth+1)
	}
	typeOf := func(name string) (metadata.TypeID, bool) {
		for i, f := range fields {
			if f.Name.Or(fmt.Sprint(i)) == name {
				return f.Type, true
			}
		}
		return 0, false
	}
	return r.members(v, depth, func(name string, x any) any {
		if id, ok := typeOf(name); ok {
			return r.value(id, x, depth+1)
		}
		return x
	}, func(list []any) any {
		if len(list) != len(fields) {
			return list
		}
		out := make([]any, len(list))
		for i, x := range list {
			out[i] = r.value(fields[i].Type, x, depth+1)
		}
		return out
	})
}

// members applies one of its functions to an object's members or to a list.
func (r rewriter) members(v any, _ int, member func(string, any) any, list func([]any) any) any {
	switch x := v.(type) {
	case metadata.Object:
		out := slices.Clone(x)
		for i := range out {
			out[i].Value = member(out[i].Name, out[i].Value)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for name, value := range x {
			out[name] = member(name, value)
		}
		return out
	case []any:
		return list(x)
	}
	return v
}

func (r rewriter) enum(t *metadata.Type, def metadata.Enum, v any, depth int) any {
	if inner, ok := optionOf(t, def); ok {
		if _, wrapped := v.(metadata.Object); !wrapped {
			return r.value(inner, v, depth+1)
		}
	}
	return r.members(v, depth, func(name string, x any) any {
		if variant, ok := def.Named(name); ok {
			return r.fields(variant.Fields, x, depth+1)
		}
		return x
	}, func(list []any) any { return list })
}

// optionOf says whether t is Option, and of which type.
func optionOf(t *metadata.Type, def metadata.Enum) (metadata.TypeID, bool) {
	some, ok := def.Indexed(1)
	if len(t.Path) != 1 || t.Path[0] != "Option" || !ok || len(some.Fields) != 1 {
		return 0, false
	}
	return some.Fields[0].Type, true
}

func isU8(m *metadata.Metadata, id metadata.TypeID) bool {
	t, err := m.Type(id)
	if err != nil {
		return false
	}
	p, ok := t.Def.(metadata.Primitive)
	return ok && p.Kind.String() == "u8"
}

// present makes a decoded value readable: byte strings that are text show as
// text. It can be given back as it is: text is taken for its bytes.
func present(m *metadata.Metadata, id metadata.TypeID, v any) any {
	return rewriter{m, presentBytes}.value(id, v, 0)
}

// presentBytes shows bytes as text if all of them are printable. Fixed lengths
// of keys and digests stay hex, whatever bytes they happen to have.
func presentBytes(def metadata.Def, text string) string {
	switch d := def.(type) {
	case metadata.Sequence:
	case metadata.Array:
		if d.Len != 4 && d.Len != 8 && d.Len != 64 { // key types, pallet ids, CESS hashes
			return text
		}
	default:
		return text
	}
	b, err := parseHex(text)
	if err != nil || len(b) == 0 || !utf8.Valid(b) || strings.HasPrefix(string(b), "0x") {
		return text
	}
	for _, c := range string(b) {
		if !unicode.IsPrint(c) {
			return text
		}
	}
	return string(b)
}

// acceptAmount turns TCESS into planck where an integer is wanted.
func acceptAmount(def metadata.Def, text string) string {
	if _, ok := def.(metadata.Primitive); ok && (strings.HasSuffix(text, tokenSymbol) || strings.Contains(text, "_")) {
		if v, err := parseAmount(text); err == nil {
			return v.String()
		}
	}
	return text
}

// argument reads the text of an argument or key of the given type. What is
// composed is JSON; the rest is plain text.
func argument(m *metadata.Metadata, id metadata.TypeID, text string) (any, error) {
	v, err := argumentValue(m, id, text, 0)
	if err != nil {
		return nil, err
	}
	return rewriter{m, acceptAmount}.value(id, v, 0), nil
}

func argumentValue(m *metadata.Metadata, id metadata.TypeID, text string, depth int) (any, error) {
	t, err := m.Type(id)
	if err != nil || depth > maxDepth {
		return text, err
	}
	isJSON := strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
	switch def := t.Def.(type) {
	case metadata.Composite:
		if len(def.Fields) == 1 && def.Fields[0].Name.IsNone() {
			return argumentValue(m, def.Fields[0].Type, text, depth+1)
		}
		return parseJSON(m, id, text)
	case metadata.Enum:
		inner, isOption := optionOf(t, def)
		switch {
		case isOption && (text == "none" || text == "null"):
			return nil, nil
		case isOption && !isJSON:
			return argumentValue(m, inner, text, depth+1)
		case isJSON:
			return parseJSON(m, id, text)
		case id == m.Outer.Call && strings.HasPrefix(text, "0x"):
			return encodedCall(m, text)
		}
		return text, nil
	case metadata.Sequence:
		if isU8(m, def.Elem) {
			return text, nil
		}
		return parseJSON(m, id, text)
	case metadata.Array:
		if isU8(m, def.Elem) {
			return text, nil
		}
		return parseJSON(m, id, text)
	case metadata.Tuple:
		return parseJSON(m, id, text)
	case metadata.Primitive:
		if def.Kind.String() == "bool" {
			return parseJSON(m, id, text)
		}
	}
	return text, nil
}

// parseJSON reads one JSON value, keeping numbers exact.
func parseJSON(m *metadata.Metadata, id metadata.TypeID, text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the value")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%.60q: %s is needed as JSON: %w", text, m.TypeName(id), err)
	}
	return v, nil
}

// encodedCall reads a call in hex, as `cess tx --dry-run` prints it.
func encodedCall(m *metadata.Metadata, text string) (any, error) {
	b, err := hex.DecodeString(text[2:])
	if err != nil {
		return nil, err
	}
	call, err := m.DecodeCall(b, format)
	if err != nil {
		return nil, err
	}
	if call.Args == nil {
		return map[string]any{call.Pallet: call.Name}, nil
	}
	return map[string]any{call.Pallet: map[string]any{call.Name: call.Args}}, nil
}
