package scale

import (
	"fmt"
	"math"
	"reflect"
)

// typed is implemented by types that carry a metadata path.
type typed interface{ ScaleType() TypeInfo }

// infoOf asks t for its TypeInfo; ok is false when it has none.
func infoOf(t reflect.Type) (info TypeInfo, ok bool) {
	if t.Kind() == reflect.Interface || !t.Implements(reflect.TypeFor[typed]()) {
		return TypeInfo{}, false
	}
	return reflect.Zero(t).Interface().(typed).ScaleType(), true
}

// describe gives the definition of a Go type.
func describe(t reflect.Type) (*TypeDef, error) {
	if c, ok := containerOf(t); ok {
		return c.def()
	}
	if t.Kind() == reflect.Interface {
		return describeEnum(t)
	}
	if err := checkPromoted(t); err != nil {
		return nil, err
	}
	info, hasInfo := infoOf(t)
	if info.Def != nil {
		def := *info.Def
		if def.Path == "" {
			def.Path = info.Path
		}
		if def.Params == nil {
			def.Params = info.Params
		}
		return &def, nil
	}
	if custom, err := isCustom(t); err != nil {
		return nil, err
	} else if custom {
		return nil, fmt.Errorf("scale: %v has its own codec: its ScaleType must give Def", t)
	}
	def, err := describeKind(t, hasInfo, info)
	if err != nil {
		return nil, err
	}
	if !hasInfo {
		return def, nil
	}
	if def.Kind != KindVariant && (t.Kind() != reflect.Struct || isU128(t)) {
		// A newtype: the path belongs to a composite around the underlying type.
		def = &TypeDef{Kind: KindComposite, Fields: []Field{{
			Type: Type{rt: underlying(t)}, TypeName: info.FieldTypeName}}}
	}
	def.Path, def.Params = info.Path, info.Params
	return def, nil
}

func describeKind(t reflect.Type, hasInfo bool, info TypeInfo) (*TypeDef, error) {
	switch k := t.Kind(); k {
	case reflect.Struct:
		if isU128(t) {
			return &TypeDef{Kind: KindPrimitive, Primitive: PrimU128}, nil
		}
		fields, err := variantFields(t)
		if err != nil {
			return nil, err
		}
		if hasInfo {
			return &TypeDef{Kind: KindComposite, Fields: fields}, nil
		}
		def := &TypeDef{Kind: KindTuple}
		for _, f := range fields {
			def.Elems = append(def.Elems, f.Type)
		}
		return def, nil
	case reflect.Slice:
		return &TypeDef{Kind: KindSequence, Elem: typeFrom(t.Elem())}, nil
	case reflect.Array:
		if uint64(t.Len()) > math.MaxUint32 {
			return nil, fmt.Errorf("scale: %v is too long", t)
		}
		return &TypeDef{Kind: KindArray, Elem: typeFrom(t.Elem()), Len: uint32(t.Len())}, nil
	case reflect.Uint8:
		if len(info.Variants) > 0 {
			def := &TypeDef{Kind: KindVariant}
			for _, v := range info.Variants {
				def.Variants = append(def.Variants, VariantDef{Name: v.Name, Index: v.Index})
			}
			return def, nil
		}
		return &TypeDef{Kind: KindPrimitive, Primitive: U8}, nil
	default:
		if p, ok := primitives[k]; ok {
			return &TypeDef{Kind: KindPrimitive, Primitive: p}, nil
		}
		return nil, fmt.Errorf("scale: %v has no SCALE form", t)
	}
}

var primitives = map[reflect.Kind]Primitive{
	reflect.Bool: Bool, reflect.String: Str,
	reflect.Uint16: U16, reflect.Uint32: U32, reflect.Uint64: U64,
	reflect.Int8: I8, reflect.Int16: I16, reflect.Int32: I32, reflect.Int64: I64,
}

// underlying strips the name off a non-struct type.
func underlying(t reflect.Type) reflect.Type {
	switch t.Kind() {
	case reflect.Slice:
		return reflect.SliceOf(t.Elem())
	case reflect.Array:
		return reflect.ArrayOf(t.Len(), t.Elem())
	case reflect.Struct: // only U128 gets here
		return reflect.TypeFor[U128]()
	default:
		return basicTypes[t.Kind()]
	}
}

var basicTypes = map[reflect.Kind]reflect.Type{
	reflect.Bool: reflect.TypeFor[bool](), reflect.String: reflect.TypeFor[string](),
	reflect.Uint8: reflect.TypeFor[uint8](), reflect.Uint16: reflect.TypeFor[uint16](),
	reflect.Uint32: reflect.TypeFor[uint32](), reflect.Uint64: reflect.TypeFor[uint64](),
	reflect.Int8: reflect.TypeFor[int8](), reflect.Int16: reflect.TypeFor[int16](),
	reflect.Int32: reflect.TypeFor[int32](), reflect.Int64: reflect.TypeFor[int64](),
}

// variantFields describes the fields of a struct.
func variantFields(t reflect.Type) ([]Field, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("scale: %v is not a struct", t)
	}
	list, err := structFields(t)
	if err != nil {
		return nil, err
	}
	fields := make([]Field, len(list))
	for i, f := range list {
		ft := typeFrom(f.typ)
		if f.compact {
			if _, err := compactPlan(f.typ); err != nil {
				return nil, fmt.Errorf("scale: %v.%s: %w", t, f.goName, err)
			}
			ft = compactType(ft)
		}
		fields[i] = Field{Name: f.name, Type: ft, TypeName: f.typeName}
	}
	return fields, nil
}

// describeEnum describes an interface registered with RegisterEnum.
func describeEnum(t reflect.Type) (*TypeDef, error) {
	e, ok := enumFor(t)
	if !ok {
		return nil, fmt.Errorf("scale: %v: %w", t, ErrUnregistered)
	}
	if e.info.Def != nil {
		return e.info.Def, nil
	}
	def := &TypeDef{Path: e.info.Path, Params: e.info.Params, Kind: KindVariant}
	for _, v := range e.order {
		fields, err := variantFields(v.typ)
		if err != nil {
			return nil, err
		}
		def.Variants = append(def.Variants, VariantDef{Name: v.name, Index: v.index, Fields: fields})
	}
	return def, nil
}
