package wire

import (
	"errors"
	"fmt"
	"reflect"

	"google.golang.org/protobuf/encoding/protowire"
)

var (
	errDepth   = errors.New("nested too deeply")
	errType    = errors.New("wrong wire type")
	errTwice   = errors.New("singular field occurs twice")
	errTooMany = errors.New("list is too long")
)

func (p *plan) decode(b []byte, v reflect.Value, depth int) error {
	if depth == 0 {
		return errDepth
	}
	var seen uint64 // singular fields met, by position in the plan
	for len(b) > 0 {
		number, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		i := p.find(number)
		if i < 0 {
			if n = protowire.ConsumeFieldValue(number, typ, b); n < 0 {
				return protowire.ParseError(n)
			}
			b = b[n:]
			continue
		}
		f := &p.fields[i]
		if f.kind < kindInts {
			if seen>>i&1 == 1 {
				return fmt.Errorf("field %d: %w", number, errTwice)
			}
			seen |= 1 << i
		}
		n, err := f.decode(b, typ, v.Field(f.index), depth)
		if err != nil {
			return fmt.Errorf("field %d: %w", number, err)
		}
		b = b[n:]
	}
	return nil
}

func (p *plan) find(number protowire.Number) int {
	for i := range p.fields {
		if p.fields[i].number == number {
			return i
		}
	}
	return -1
}

// decode reads one occurrence of the field and returns the bytes consumed.
func (f *field) decode(b []byte, typ protowire.Type, v reflect.Value, depth int) (int, error) {
	if typ == protowire.VarintType && (f.kind == kindInt || f.kind == kindBool || f.kind == kindInts) {
		x, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return 0, protowire.ParseError(n)
		}
		switch f.kind {
		case kindBool:
			v.SetBool(x != 0)
		case kindInts:
			return n, f.addInt(v, x)
		default:
			if v.OverflowInt(int64(x)) {
				return 0, fmt.Errorf("integer %d is out of range", int64(x))
			}
			v.SetInt(int64(x))
		}
		return n, nil
	}
	if typ != protowire.BytesType || f.kind == kindInt || f.kind == kindBool {
		return 0, errType
	}
	content, n := protowire.ConsumeBytes(b)
	if n < 0 {
		return 0, protowire.ParseError(n)
	}
	content = content[:len(content):len(content)]
	switch f.kind {
	case kindBytes:
		v.SetBytes(content)
	case kindMessage:
		m := reflect.New(v.Type().Elem())
		v.Set(m)
		return n, f.sub().decode(content, m.Elem(), depth-1)
	case kindInts:
		for len(content) > 0 {
			x, k := protowire.ConsumeVarint(content)
			if k < 0 {
				return 0, protowire.ParseError(k)
			}
			if err := f.addInt(v, x); err != nil {
				return 0, err
			}
			content = content[k:]
		}
	case kindByteses:
		list := v.Addr().Interface().(*[][]byte)
		if len(*list) == f.max {
			return 0, errTooMany
		}
		*list = append(*list, content)
	case kindMessages:
		at := v.Len()
		if at == f.max {
			return 0, errTooMany
		}
		v.Grow(1)
		v.SetLen(at + 1)
		return n, f.sub().decode(content, v.Index(at), depth-1)
	}
	return n, nil
}

func (f *field) addInt(v reflect.Value, x uint64) error {
	list := v.Addr().Interface().(*[]int64)
	if len(*list) == f.max {
		return errTooMany
	}
	*list = append(*list, int64(x))
	return nil
}
