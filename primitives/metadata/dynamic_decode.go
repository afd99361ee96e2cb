package metadata

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gocess/gocess/primitives/scale"
)

type valueDecoder struct {
	m     *Metadata
	f     Format
	d     *scale.Decoder
	depth int
}

// value decodes one node. Every node costs budget, so that no registry, however twisted,
// can make a short input long to decode.
func (v *valueDecoder) value(id TypeID) (any, error) {
	t, err := v.m.Type(id)
	if err != nil {
		return nil, err
	}
	if err := v.d.Reserve(nodeCost); err != nil {
		return nil, err
	}
	if v.depth++; v.depth > maxValueDepth {
		return nil, scale.ErrDepth
	}
	defer func() { v.depth-- }()
	switch def := t.Def.(type) {
	case Composite:
		return v.composite(t, def)
	case Enum:
		return v.enum(t, def)
	case Sequence:
		n, err := v.d.Length(0)
		if err != nil {
			return nil, err
		}
		return v.list(def.Elem, n)
	case Array:
		return v.list(def.Elem, int(def.Len))
	case Tuple:
		if len(def.Elems) == 0 {
			return nil, nil
		}
		list := make([]any, 0, len(def.Elems))
		for _, e := range def.Elems {
			x, err := v.value(e)
			if err != nil {
				return nil, err
			}
			list = append(list, x)
		}
		return list, nil
	case Primitive:
		return v.primitive(def.Kind)
	case Compact:
		return v.compact(def.Elem)
	case BitSequence:
		return v.bits(def)
	}
	return nil, fmt.Errorf("type %d has no definition", id)
}

func (v *valueDecoder) composite(t *Type, def Composite) (any, error) {
	if t.isPath(accountPath) && v.f.Account != nil {
		if b, err := v.d.Bytes(32); err != nil {
			return nil, err
		} else {
			return v.f.Account([32]byte(b)), nil
		}
	}
	if t.isPath(u256Path) {
		return v.primitive(PrimitiveKind(scale.PrimU256))
	}
	return v.fields(def.Fields)
}

// fields decodes the content of a struct or a variant.
func (v *valueDecoder) fields(fields []Field) (any, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	if len(fields) == 1 && fields[0].Name.IsNone() {
		return v.value(fields[0].Type)
	}
	var object Object
	var list []any
	for i, f := range fields {
		x, err := v.value(f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name.Or(fmt.Sprint(i)), err)
		}
		if allUnnamed(fields) {
			list = append(list, x)
		} else {
			object = append(object, Member{f.Name.Or(fmt.Sprint(i)), x})
		}
	}
	if list != nil {
		return list, nil
	}
	return object, nil
}

func allUnnamed(fields []Field) bool {
	return !slices.ContainsFunc(fields, func(f Field) bool { return f.Name.IsSome() })
}

func (v *valueDecoder) enum(t *Type, def Enum) (any, error) {
	index, err := v.d.Byte()
	if err != nil {
		return nil, err
	}
	variant, ok := def.Indexed(index)
	if !ok {
		return nil, fmt.Errorf("%w (%d)", scale.ErrUnknownVariant, index)
	}
	inner, isOption := t.isOption()
	if isOption && index == 0 {
		return nil, nil
	}
	if len(variant.Fields) == 0 {
		return variant.Name, nil
	}
	x, err := v.fields(variant.Fields)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variant.Name, err)
	}
	if isOption && !v.m.nullable(inner) {
		return x, nil
	}
	return Object{{variant.Name, x}}, nil
}

// list decodes n elements.
func (v *valueDecoder) list(elem TypeID, n int) (any, error) {
	if v.m.isU8(elem) {
		b, err := v.d.Bytes(n)
		if err != nil {
			return nil, err
		}
		if err := v.d.Reserve(2 * n); err != nil {
			return nil, err
		}
		return fmt.Sprintf("0x%x", b), nil
	}
	room := min(n, v.d.Remaining())
	if err := v.d.Reserve(nodeCost * room); err != nil {
		return nil, err
	}
	list := make([]any, 0, room)
	for i := range n {
		x, err := v.value(elem)
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		list = append(list, x)
	}
	return list, nil
}

func (v *valueDecoder) primitive(kind PrimitiveKind) (any, error) {
	switch scale.Primitive(kind) {
	case scale.Bool:
		return v.d.Bool()
	case scale.Str:
		return v.d.String()
	case scale.Char:
		n, err := v.d.Uint32()
		if err != nil {
			return nil, err
		}
		if n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return nil, scale.ErrUTF8
		}
		return string(rune(n)), nil
	}
	size, signed := intForm(kind)
	b, err := v.d.Bytes(size)
	if err != nil {
		return nil, err
	}
	x := littleEndian(b, signed)
	switch {
	case size > 8:
		return x.String(), nil
	case signed:
		return x.Int64(), nil
	}
	return x.Uint64(), nil
}

// intForm gives the size in bytes of an integer type.
func intForm(kind PrimitiveKind) (size int, signed bool) {
	k := scale.Primitive(kind)
	if k >= scale.I8 {
		return 1 << (k - scale.I8), true
	}
	return 1 << (k - scale.U8), false
}

// littleEndian reads an integer of any size.
func littleEndian(b []byte, signed bool) *big.Int {
	be := slices.Clone(b)
	slices.Reverse(be)
	x := new(big.Int).SetBytes(be)
	if signed && len(b) > 0 && b[len(b)-1]&0x80 != 0 {
		x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return x
}

func (v *valueDecoder) compact(elem TypeID) (any, error) {
	t, err := v.m.unwrap(elem)
	if err != nil {
		return nil, err
	}
	if u, ok := t.Def.(Tuple); ok && len(u.Elems) == 0 {
		return nil, nil // Compact<()> takes no byte
	}
	p, ok := t.Def.(Primitive)
	size, signed := 0, false
	if ok && scale.Primitive(p.Kind) >= scale.U8 {
		size, signed = intForm(p.Kind)
	}
	if size == 0 || signed || size > 16 {
		return nil, fmt.Errorf("%s cannot be compact", v.m.TypeName(elem))
	}
	x, err := v.d.CompactU128()
	if err != nil {
		return nil, err
	}
	if x.BitLen() > 8*size {
		return nil, scale.ErrOverflow
	}
	if size == 16 {
		return x.String(), nil
	}
	n, _ := x.Uint64()
	return n, nil
}

// bits decodes a bit sequence over u8 to text: 0b0110, first bit first.
func (v *valueDecoder) bits(def BitSequence) (any, error) {
	lsb, err := v.m.bitOrder(def)
	if err != nil {
		return nil, err
	}
	n, err := v.d.Length(0)
	if err != nil {
		return nil, err
	}
	b, err := v.d.Bytes((n + 7) / 8)
	if err != nil {
		return nil, err
	}
	if err := v.d.Reserve(n); err != nil {
		return nil, err
	}
	var s strings.Builder
	s.WriteString("0b")
	for i := range n {
		s.WriteByte('0' + b[i/8]>>bitShift(i, lsb)&1)
	}
	return s.String(), nil
}

// bitOrder checks that a bit sequence is over u8, as all on Substrate chains are, and
// tells whether its first bit is the lowest.
func (m *Metadata) bitOrder(def BitSequence) (lsb bool, err error) {
	t, err := m.Type(def.Order)
	if err != nil {
		return false, err
	}
	switch path := joinPath(t.Path); {
	case !m.isU8(def.Store):
		return false, fmt.Errorf("bit sequence over %s is not supported", m.TypeName(def.Store))
	case path == "bitvec::order::Lsb0":
		return true, nil
	case path == "bitvec::order::Msb0":
		return false, nil
	default:
		return false, fmt.Errorf("bit order %q is not supported", path)
	}
}

func bitShift(i int, lsb bool) int {
	if lsb {
		return i % 8
	}
	return 7 - i%8
}
