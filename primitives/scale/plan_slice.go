package scale

import (
	"fmt"
	"reflect"
	"unsafe"
)

// slice is the plan of []T, bounded when max is given.
func (b *builder) slice(t reflect.Type, max func() int) (*plan, error) {
	if t.Elem().Kind() == reflect.Uint8 {
		elem, err := b.plan(t.Elem())
		if err != nil {
			return nil, err
		}
		if elem.flat {
			return byteSlice(max), nil
		}
	}
	elem, err := b.plan(t.Elem())
	if err != nil {
		return nil, err
	}
	s := slicePlan{typ: t, elem: elem, stride: t.Elem().Size(), max: max}
	return &plan{fixed: -1, min: 1, append: s.append, decode: s.decode}, nil
}

// checkBound enforces a bounded vector's length.
func checkBound(n int, max func() int) error {
	if max == nil {
		return nil
	}
	if m := max(); n > m {
		return fmt.Errorf("%w (%d > %d)", ErrTooLong, n, m)
	}
	return nil
}

func byteSlice(max func() int) *plan {
	return &plan{
		fixed: -1,
		min:   1,
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			s := *(*[]byte)(p)
			if err := checkBound(len(s), max); err != nil {
				return dst, err
			}
			return append(AppendCompact(dst, uint64(len(s))), s...), nil
		},
		decode: func(d *Decoder, p unsafe.Pointer) error {
			b, err := d.byteVec()
			if err != nil {
				return err
			}
			if err := checkBound(len(b), max); err != nil {
				return err
			}
			if len(b) > 0 {
				*(*[]byte)(p) = append(make([]byte, 0, len(b)), b...)
			}
			return nil
		},
	}
}

type slicePlan struct {
	typ    reflect.Type
	elem   *plan
	stride uintptr
	max    func() int
}

func (s *slicePlan) append(dst []byte, p unsafe.Pointer) (_ []byte, err error) {
	h := (*sliceHeader)(p)
	if err := checkBound(h.len, s.max); err != nil {
		return dst, err
	}
	dst = AppendCompact(dst, uint64(h.len))
	if s.elem.flat && h.len > 0 {
		return append(dst, bytesAt(h.data, h.len*int(s.stride))...), nil
	}
	for i := range h.len {
		if dst, err = s.elem.append(dst, unsafe.Add(h.data, uintptr(i)*s.stride)); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (s *slicePlan) decode(d *Decoder, p unsafe.Pointer) error {
	n, err := d.Length(s.elem.min)
	if err != nil {
		return err
	}
	if err := checkBound(n, s.max); err != nil {
		return err
	}
	if n == 0 {
		return nil
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	// Elements of no size still cost a turn of the loop: charge at least one byte each.
	cost := max(s.stride, 1)
	if uint64(n) > uint64(d.budget)/uint64(cost) {
		return d.at(ErrBudget)
	}
	d.budget -= n * int(cost)
	v := reflect.NewAt(s.typ, p).Elem()
	v.Grow(n)
	v.SetLen(n)
	data := (*sliceHeader)(p).data
	if s.elem.flat {
		b, err := d.Bytes(n * int(s.stride))
		if err != nil {
			return err
		}
		copy(bytesAt(data, len(b)), b)
		return nil
	}
	for i := range n {
		if err := s.elem.decode(d, unsafe.Add(data, uintptr(i)*s.stride)); err != nil {
			return err
		}
	}
	return nil
}
