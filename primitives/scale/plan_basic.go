package scale

import (
	"encoding/binary"
	"reflect"
	"unicode/utf8"
	"unsafe"
)

// flatPlan copies size bytes of memory: byte-sized integers, byte arrays, and on
// little-endian machines everything made of integers without padding.
func flatPlan(size int) *plan {
	return &plan{
		fixed: size,
		min:   size,
		flat:  true,
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			return append(dst, bytesAt(p, size)...), nil
		},
		decode: func(d *Decoder, p unsafe.Pointer) error {
			b, err := d.Bytes(size)
			if err != nil {
				return err
			}
			copy(bytesAt(p, size), b)
			return nil
		},
	}
}

func intPlan[T uint16 | uint32 | uint64]() *plan {
	size := int(unsafe.Sizeof(T(0)))
	if littleEndian {
		return flatPlan(size)
	}
	return &plan{
		fixed: size,
		min:   size,
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			return binary.LittleEndian.AppendUint64(dst, uint64(*(*T)(p)))[:len(dst)+size], nil
		},
		decode: func(d *Decoder, p unsafe.Pointer) error {
			b, err := d.Bytes(size)
			if err != nil {
				return err
			}
			var buf [8]byte
			copy(buf[:], b)
			*(*T)(p) = T(binary.LittleEndian.Uint64(buf[:]))
			return nil
		},
	}
}

var boolPlan = &plan{
	fixed: 1,
	min:   1,
	append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
		return AppendBool(dst, *(*bool)(p)), nil
	},
	decode: func(d *Decoder, p unsafe.Pointer) (err error) {
		*(*bool)(p), err = d.Bool()
		return err
	},
}

var stringPlan = &plan{
	fixed: -1,
	min:   1,
	append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
		s := *(*string)(p)
		if !utf8.ValidString(s) {
			return dst, ErrUTF8
		}
		return append(AppendCompact(dst, uint64(len(s))), s...), nil
	},
	decode: func(d *Decoder, p unsafe.Pointer) (err error) {
		*(*string)(p), err = d.String()
		return err
	},
}

// box is the plan of *T: Box<T>.
func (b *builder) box(t reflect.Type) (*plan, error) {
	elem := t.Elem()
	inner, err := b.plan(elem)
	if err != nil {
		return nil, err
	}
	size := int(elem.Size())
	return &plan{
		fixed: -1,
		min:   inner.min,
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			target := *(*unsafe.Pointer)(p)
			if target == nil {
				return dst, ErrNil
			}
			return inner.append(dst, target)
		},
		decode: func(d *Decoder, p unsafe.Pointer) error {
			if err := d.enter(); err != nil {
				return err
			}
			defer d.leave()
			if err := d.Reserve(size); err != nil {
				return err
			}
			target := reflect.New(elem).UnsafePointer()
			if err := inner.decode(d, target); err != nil {
				return err
			}
			*(*unsafe.Pointer)(p) = target
			return nil
		},
	}, nil
}

// array is the plan of [N]T.
func (b *builder) array(t reflect.Type) (*plan, error) {
	elem, err := b.plan(t.Elem())
	if err != nil {
		return nil, err
	}
	n, stride := t.Len(), t.Elem().Size()
	if elem.flat && elem.fixed == int(stride) {
		return flatPlan(n * elem.fixed), nil
	}
	p := &plan{fixed: -1, min: n * elem.min}
	if elem.fixed >= 0 {
		p.fixed = n * elem.fixed
	}
	p.append = func(dst []byte, base unsafe.Pointer) (_ []byte, err error) {
		for i := range n {
			if dst, err = elem.append(dst, unsafe.Add(base, uintptr(i)*stride)); err != nil {
				return dst, err
			}
		}
		return dst, nil
	}
	p.decode = func(d *Decoder, base unsafe.Pointer) error {
		for i := range n {
			if err := elem.decode(d, unsafe.Add(base, uintptr(i)*stride)); err != nil {
				return err
			}
		}
		return nil
	}
	return p, nil
}
