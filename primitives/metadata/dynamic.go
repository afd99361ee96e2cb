package metadata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// The dynamic codec converts between SCALE and values that look like JSON, by type id:
//
//   - bool is bool; u8…u64 decode to uint64 and i8…i64 to int64; the wider integers decode
//     to decimal strings. Numbers may be given as any Go integer, an integral float64, a
//     json.Number, or a decimal or 0x-hex string.
//   - str is string. Vec<u8> and [u8; N] decode to 0x-hex; they may be given as 0x-hex, as
//     other text (its bytes), as []byte or as a list of numbers.
//   - A struct with named fields is an Object; given, it may also be a map or, in field
//     order, a list. Fields of type Option may be left out. A single unnamed field is
//     transparent; several make a list, none makes nil.
//   - An enum is {"Variant": content}, or "Variant" when it has no content.
//   - Option is nil or the value; {"Some": value} where the value itself may be nil.
//   - AccountId32 is text by Format. A MultiAddress may be given as plain account text.
//
// Values decoded from a type encode to the same bytes again.

// ErrValue reports a value that does not fit its type.
var ErrValue = errors.New("value does not fit its type")

// Bounds of the dynamic codec, whatever the metadata says.
const (
	maxValueDepth = 256
	nodeCost      = 16 // memory budget charged per decoded node
)

// Format says how accounts are written. A nil function means 0x-hex.
type Format struct {
	Account      func([32]byte) string
	ParseAccount func(string) ([32]byte, error)
}

// Object is a struct, or an enum with one member. Members keep their order.
type Object []Member

// Member is a named value; a plain struct, so that objects may be written without field
// names.
type Member = struct {
	Name  string
	Value any
}

// Get returns the value of a member.
func (o Object) Get(name string) (any, bool) {
	for _, m := range o {
		if m.Name == name {
			return m.Value, true
		}
	}
	return nil, false
}

// MarshalJSON writes the members in order.
func (o Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.Value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// DecodeValue decodes the whole of b as a value of the given type.
func (m *Metadata) DecodeValue(id TypeID, b []byte, f Format) (any, error) {
	d := scale.NewDecoder(b)
	v, err := m.DecodeValueFrom(d, id, f)
	if err != nil {
		return nil, err
	}
	if err := d.Finish(); err != nil {
		return nil, fmt.Errorf("metadata: decode %s: %w", m.TypeName(id), err)
	}
	return v, nil
}

// DecodeValueFrom decodes the next value of d, within d's memory budget.
func (m *Metadata) DecodeValueFrom(d *scale.Decoder, id TypeID, f Format) (any, error) {
	v, err := (&valueDecoder{m: m, f: f, d: d}).value(id)
	if err != nil {
		return nil, fmt.Errorf("metadata: decode %s: %w", m.TypeName(id), err)
	}
	return v, nil
}

// EncodeValue encodes v as a value of the given type.
func (m *Metadata) EncodeValue(id TypeID, v any, f Format) ([]byte, error) {
	return m.AppendValue(nil, id, v, f)
}

// AppendValue appends the encoding of v as a value of the given type.
func (m *Metadata) AppendValue(dst []byte, id TypeID, v any, f Format) ([]byte, error) {
	out, err := (&valueEncoder{m: m, f: f}).value(dst, id, v)
	if err != nil {
		return dst, fmt.Errorf("metadata: encode %s: %w", m.TypeName(id), err)
	}
	return out, nil
}

// Paths with a form of their own.
const (
	accountPath = "sp_core::crypto::AccountId32"
	addressPath = "sp_runtime::multiaddress::MultiAddress"
	u256Path    = "primitive_types::U256"
)

// isPath compares a type's path with a joined one.
func (t *Type) isPath(path string) bool { return len(t.Path) > 0 && joinPath(t.Path) == path }

// isOption reports whether t is Option and of which type.
func (t *Type) isOption() (TypeID, bool) {
	e, ok := t.Def.(Enum)
	if !ok || len(t.Path) != 1 || t.Path[0] != "Option" || len(e.Variants) != 2 {
		return 0, false
	}
	none, ok1 := e.Indexed(0)
	some, ok2 := e.Indexed(1)
	if !ok1 || !ok2 || len(none.Fields) != 0 || len(some.Fields) != 1 {
		return 0, false
	}
	return some.Fields[0].Type, true
}

// isU8 reports whether id is the primitive u8.
func (m *Metadata) isU8(id TypeID) bool {
	t, err := m.Type(id)
	if err != nil || len(t.Path) > 0 {
		return false
	}
	p, ok := t.Def.(Primitive)
	return ok && p.Kind == PrimitiveKind(scale.U8)
}

// unwrap follows newtypes to the type inside.
func (m *Metadata) unwrap(id TypeID) (*Type, error) {
	for range maxValueDepth {
		t, err := m.Type(id)
		if err != nil {
			return nil, err
		}
		switch d := t.Def.(type) {
		case Composite:
			if len(d.Fields) == 1 {
				id = d.Fields[0].Type
				continue
			}
		case Tuple:
			if len(d.Elems) == 1 {
				id = d.Elems[0]
				continue
			}
		}
		return t, nil
	}
	return nil, fmt.Errorf("metadata: type %d wraps itself", id)
}

// nullable reports whether values of the type may decode to nil: options, and types
// without content.
func (m *Metadata) nullable(id TypeID) bool {
	for range maxValueDepth {
		t, err := m.Type(id)
		if err != nil {
			return false
		}
		switch d := t.Def.(type) {
		case Composite:
			if len(d.Fields) == 1 && d.Fields[0].Name.IsNone() {
				id = d.Fields[0].Type
				continue
			}
			return len(d.Fields) == 0
		case Tuple:
			return len(d.Elems) == 0
		case Compact:
			id = d.Elem
			continue
		case Enum:
			_, ok := t.isOption()
			return ok
		}
		return false
	}
	return false
}
