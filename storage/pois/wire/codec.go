package wire

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrMalformed reports bytes that are no encoding of the message.
var ErrMalformed = errors.New("pois wire: malformed message")

// Marshal gives the canonical proto3 encoding of a message of this package: fields ascending by number, defaults
// omitted, repeated integers packed. Hashes and signatures are always over this form.
func Marshal[M any](m *M) []byte {
	v := reflect.ValueOf(m).Elem()
	return planOf(v.Type()).append(nil, v)
}

// Unmarshal decodes a message. It accepts fields in any order and skips unknown ones, as proto3 readers do, but refuses
// repeated occurrences of a singular field and lists longer than the protocol allows, so memory stays proportional to
// the input. Byte fields of the result alias b.
func Unmarshal[M any](b []byte) (*M, error) {
	m := new(M)
	v := reflect.ValueOf(m).Elem()
	if err := planOf(v.Type()).decode(b, v, maxDepth); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMalformed, v.Type().Name(), err)
	}
	return m, nil
}

// maxDepth bounds nesting; the deepest honest message is a witness chain of 4 links inside a request.
const maxDepth = 12

type kind uint8

const (
	kindInt kind = iota // int32, int64
	kindBool
	kindBytes
	kindMessage // pointer to struct
	kindInts    // []int64
	kindByteses // [][]byte
	kindMessages
)

type field struct {
	number protowire.Number
	index  int
	kind   kind
	max    int // longest list
	sub    func() *plan
}

// plan is how a struct type maps to fields, in ascending order of their numbers.
type plan struct{ fields []field }

var plans sync.Map // reflect.Type → *plan

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := new(plan)
	for i := range t.NumField() {
		f := t.Field(i)
		parts := strings.Split(f.Tag.Get("pb"), ",")
		number, err := strconv.Atoi(parts[0])
		if err != nil {
			panic("pois wire: field without number: " + t.Name() + "." + f.Name) // a mistake in this package's source
		}
		out := field{number: protowire.Number(number), index: i, max: 1}
		if len(parts) > 1 {
			out.max, _ = strconv.Atoi(strings.TrimPrefix(parts[1], "max="))
		}
		out.kind = kindOf(f.Type)
		if out.kind == kindMessage || out.kind == kindMessages {
			elem := f.Type.Elem()
			out.sub = sync.OnceValue(func() *plan { return planOf(elem) })
		}
		p.fields = append(p.fields, out)
	}
	got, _ := plans.LoadOrStore(t, p)
	return got.(*plan)
}

func kindOf(t reflect.Type) kind {
	switch t.Kind() {
	case reflect.Bool:
		return kindBool
	case reflect.Pointer:
		return kindMessage
	case reflect.Slice:
		switch t.Elem().Kind() {
		case reflect.Uint8:
			return kindBytes
		case reflect.Int64:
			return kindInts
		case reflect.Slice:
			return kindByteses
		default:
			return kindMessages
		}
	default:
		return kindInt
	}
}

func (p *plan) append(b []byte, v reflect.Value) []byte {
	for _, f := range p.fields {
		x := v.Field(f.index)
		switch f.kind {
		case kindInt:
			if n := x.Int(); n != 0 {
				b = protowire.AppendTag(b, f.number, protowire.VarintType)
				b = protowire.AppendVarint(b, uint64(n))
			}
		case kindBool:
			if x.Bool() {
				b = protowire.AppendTag(b, f.number, protowire.VarintType)
				b = protowire.AppendVarint(b, 1)
			}
		case kindBytes:
			if x.Len() > 0 {
				b = protowire.AppendTag(b, f.number, protowire.BytesType)
				b = protowire.AppendBytes(b, x.Bytes())
			}
		case kindMessage:
			if !x.IsNil() {
				b = f.appendMessage(b, x.Elem())
			}
		case kindInts:
			if x.Len() > 0 {
				b = appendInts(b, f.number, x.Interface().([]int64))
			}
		case kindByteses:
			for _, e := range x.Interface().([][]byte) {
				b = protowire.AppendTag(b, f.number, protowire.BytesType)
				b = protowire.AppendBytes(b, e)
			}
		case kindMessages:
			for i := range x.Len() {
				b = f.appendMessage(b, x.Index(i))
			}
		}
	}
	return b
}

// appendMessage writes the length in place: it reserves one byte and moves the content if it needs more.
func (f *field) appendMessage(b []byte, v reflect.Value) []byte {
	b = protowire.AppendTag(b, f.number, protowire.BytesType)
	start := len(b)
	b = append(b, 0)
	b = f.sub().append(b, v)
	n := len(b) - start - 1
	if extra := protowire.SizeVarint(uint64(n)) - 1; extra > 0 {
		b = append(b, make([]byte, extra)...)
		copy(b[start+1+extra:], b[start+1:start+1+n])
	}
	protowire.AppendVarint(b[:start], uint64(n))
	return b
}

func appendInts(b []byte, number protowire.Number, values []int64) []byte {
	size := 0
	for _, n := range values {
		size += protowire.SizeVarint(uint64(n))
	}
	b = protowire.AppendTag(b, number, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(size))
	for _, n := range values {
		b = protowire.AppendVarint(b, uint64(n))
	}
	return b
}
