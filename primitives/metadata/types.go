package metadata

import (
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// Type is a portable type.
type Type struct {
	Path   []string
	Params []Param
	Def    Def
	Docs   []string
}

// Param is a type parameter; None where the parameter is not part of the encoding.
type Param struct {
	Name string
	Type scale.Option[TypeID]
}

// Def is the definition of a type: Composite, Enum, Sequence, Array, Tuple, Primitive,
// Compact or BitSequence.
type Def interface{ definition() }

// Composite is a struct.
type Composite struct{ Fields []Field }

// Enum is a tagged union.
type Enum struct{ Variants []Variant }

// Sequence is a vector.
type Sequence struct{ Elem TypeID }

// Array is a fixed number of elements.
type Array struct {
	Len  uint32
	Elem TypeID
}

// Tuple is a list of values; the empty one is the unit.
type Tuple struct{ Elems []TypeID }

// Primitive is a built-in type.
type Primitive struct{ Kind PrimitiveKind }

// Compact is the compact form of an integer, or of a newtype around one.
type Compact struct{ Elem TypeID }

// BitSequence is a vector of bits.
type BitSequence struct{ Store, Order TypeID }

func (Composite) definition()   {}
func (Enum) definition()        {}
func (Sequence) definition()    {}
func (Array) definition()       {}
func (Tuple) definition()       {}
func (Primitive) definition()   {}
func (Compact) definition()     {}
func (BitSequence) definition() {}

var _ = scale.RegisterEnum[Def](scale.TypeInfo{},
	scale.V[Def, Composite](0, "Composite"),
	scale.V[Def, Enum](1, "Variant"),
	scale.V[Def, Sequence](2, "Sequence"),
	scale.V[Def, Array](3, "Array"),
	scale.V[Def, Tuple](4, "Tuple"),
	scale.V[Def, Primitive](5, "Primitive"),
	scale.V[Def, Compact](6, "Compact"),
	scale.V[Def, BitSequence](7, "BitSequence"),
)

// Field is a field of a Composite or a Variant.
type Field struct {
	Name     scale.Option[string]
	Type     TypeID
	TypeName scale.Option[string]
	Docs     []string
}

// Variant is a variant of an Enum; Index is its byte on the wire.
type Variant struct {
	Name   string
	Fields []Field
	Index  uint8
	Docs   []string
}

// Named returns the variant of the given name.
func (e Enum) Named(name string) (*Variant, bool) {
	for i := range e.Variants {
		if e.Variants[i].Name == name {
			return &e.Variants[i], true
		}
	}
	return nil, false
}

// Indexed returns the variant of the given index.
func (e Enum) Indexed(index uint8) (*Variant, bool) {
	for i := range e.Variants {
		if e.Variants[i].Index == index {
			return &e.Variants[i], true
		}
	}
	return nil, false
}

// PrimitiveKind names a primitive type; its numbers are those of package scale.
type PrimitiveKind uint8

var primitiveNames = []scale.VariantInfo{
	{0, "bool"}, {1, "char"}, {2, "str"}, {3, "u8"}, {4, "u16"}, {5, "u32"}, {6, "u64"}, {7, "u128"},
	{8, "u256"}, {9, "i8"}, {10, "i16"}, {11, "i32"}, {12, "i64"}, {13, "i128"}, {14, "i256"},
}

// ScaleType implements the convention of package scale.
func (PrimitiveKind) ScaleType() scale.TypeInfo { return scale.TypeInfo{Variants: primitiveNames} }

func (k PrimitiveKind) String() string {
	if int(k) < len(primitiveNames) {
		return primitiveNames[k].Name
	}
	return fmt.Sprintf("primitive %d", uint8(k))
}

// eachRef calls f for every type id in t, in a fixed order.
func (t *Type) eachRef(f func(*TypeID)) {
	for i := range t.Params {
		if id, ok := t.Params[i].Type.Get(); ok {
			f(&id)
			t.Params[i].Type = scale.Some(id)
		}
	}
	switch d := t.Def.(type) {
	case Composite:
		eachField(d.Fields, f)
	case Enum:
		for i := range d.Variants {
			eachField(d.Variants[i].Fields, f)
		}
	case Sequence:
		f(&d.Elem)
		t.Def = d
	case Array:
		f(&d.Elem)
		t.Def = d
	case Tuple:
		for i := range d.Elems {
			f(&d.Elems[i])
		}
	case Compact:
		f(&d.Elem)
		t.Def = d
	case BitSequence:
		f(&d.Store)
		f(&d.Order)
		t.Def = d
	}
}

func eachField(fields []Field, f func(*TypeID)) {
	for i := range fields {
		f(&fields[i].Type)
	}
}

// eachRef calls f for every type id outside the registry.
func (m *Metadata) eachRef(f func(*TypeID)) {
	option := func(o *scale.Option[TypeID]) {
		if id, ok := o.Get(); ok {
			f(&id)
			*o = scale.Some(id)
		}
	}
	for i := range m.Pallets {
		p := &m.Pallets[i]
		if s, ok := p.Storage.Get(); ok {
			for j := range s.Entries {
				s.Entries[j].eachRef(f)
			}
		}
		option(&p.Calls)
		option(&p.Event)
		for j := range p.Constants {
			f(&p.Constants[j].Type)
		}
		option(&p.Error)
	}
	x := &m.Extrinsic
	for _, id := range []*TypeID{&x.Type, &x.Address, &x.Call, &x.Signature, &x.Extra, &m.Runtime,
		&m.Outer.Call, &m.Outer.Event, &m.Outer.Error} {
		f(id)
	}
	for i := range x.Extensions {
		f(&x.Extensions[i].Type)
		f(&x.Extensions[i].Additional)
	}
	for i := range m.APIs {
		for j := range m.APIs[i].Methods {
			method := &m.APIs[i].Methods[j]
			for k := range method.Args {
				f(&method.Args[k].Type)
			}
			f(&method.Output)
		}
	}
	for i := range m.Custom {
		f(&m.Custom[i].Type)
	}
}

func (e *StorageEntry) eachRef(f func(*TypeID)) {
	switch s := e.Type.(type) {
	case PlainStorage:
		f(&s.Value)
		e.Type = s
	case MapStorage:
		f(&s.Key)
		f(&s.Value)
		e.Type = s
	}
}
