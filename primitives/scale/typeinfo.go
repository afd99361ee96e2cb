package scale

import (
	"fmt"
	"reflect"
	"sync"
)

// TypeInfo is what a Go type says about its SCALE type, through a value method
// ScaleType() TypeInfo or as the first argument of RegisterEnum.
type TypeInfo struct {
	Path          string        // "frame_system::AccountInfo"; empty = no path
	Params        []Param       // type parameters in order
	FieldTypeName string        // typeName of the only field of a named non-struct type
	Variants      []VariantInfo // field-less enum over uint8
	Def           *TypeDef      // full definition; required for types with a custom codec
}

// A Param is a type parameter; the zero Type stands for None. Param and VariantInfo are
// names for plain structs so that lists of them may be written without field names.
type Param = struct {
	Name string
	Type Type
}

// VariantInfo is one variant of a field-less enum.
type VariantInfo = struct {
	Index uint8
	Name  string
}

// Kind is the kind of a type definition, numbered as in metadata (spec/wire.md §6.2).
type Kind uint8

// The kinds of type definitions.
const (
	KindComposite Kind = iota
	KindVariant
	KindSequence
	KindArray
	KindTuple
	KindPrimitive
	KindCompact
)

// Primitive is a primitive type, numbered as in metadata.
type Primitive uint8

// The primitive types.
const (
	Bool Primitive = iota
	Char
	Str
	U8
	U16
	U32
	U64
	PrimU128
	PrimU256
	I8
	I16
	I32
	I64
	I128
	I256
)

// A TypeDef describes a SCALE type one level deep; children are references.
type TypeDef struct {
	Path      string // segments joined with "::"
	Params    []Param
	Kind      Kind
	Fields    []Field      // KindComposite
	Variants  []VariantDef // KindVariant, in declaration order
	Elem      Type         // KindSequence, KindArray, KindCompact
	Len       uint32       // KindArray
	Elems     []Type       // KindTuple
	Primitive Primitive    // KindPrimitive
}

// A Field of a composite or a variant. Empty Name or TypeName mean None.
type Field struct {
	Name     string
	Type     Type
	TypeName string
}

// A VariantDef is one variant of an enum.
type VariantDef struct {
	Name   string
	Index  uint8
	Fields []Field
}

// Type refers to a SCALE type: one backed by a Go type, or a synthetic one. It is
// comparable; equal values are the same type. The zero Type means "no type".
type Type struct {
	rt  reflect.Type
	def *TypeDef
}

// TypeOf refers to the SCALE type of the Go type T.
func TypeOf[T any]() Type { return typeFrom(reflect.TypeFor[T]()) }

// Synthetic wraps a definition that no Go type stands for, such as a pallet's Call enum.
// The definition may be completed after the call (recursive types need that).
func Synthetic(def *TypeDef) Type { return Type{def: def} }

// typeFrom normalises boxes away: *T has the SCALE type of T.
func typeFrom(t reflect.Type) Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return Type{rt: t}
}

// IsZero reports whether t refers to no type.
func (t Type) IsZero() bool { return t == Type{} }

// GoType is the Go type behind t, or nil.
func (t Type) GoType() reflect.Type { return t.rt }

// String names t for error messages.
func (t Type) String() string {
	switch {
	case t.def != nil && t.def.Path != "":
		return t.def.Path
	case t.def != nil:
		return fmt.Sprintf("synthetic type of kind %d", t.def.Kind)
	case t.rt != nil:
		return t.rt.String()
	}
	return "no type"
}

// Def describes t. It fails for Go types that have no SCALE form.
func (t Type) Def() (*TypeDef, error) {
	switch {
	case t.def != nil:
		return t.def, nil
	case t.rt != nil:
		return describe(t.rt)
	}
	return nil, fmt.Errorf("scale: no type")
}

// FieldsOf describes the fields of the struct type T, as an enum variant or a call with
// these arguments shows them.
func FieldsOf[T any]() ([]Field, error) { return variantFields(reflect.TypeFor[T]()) }

// compactTypes gives every Compact<T> made for a ",compact" field one identity.
var compactTypes sync.Map // Type → *TypeDef

func compactType(inner Type) Type {
	def, ok := compactTypes.Load(inner)
	if !ok {
		def, _ = compactTypes.LoadOrStore(inner, &TypeDef{Kind: KindCompact, Elem: inner})
	}
	return Synthetic(def.(*TypeDef))
}
