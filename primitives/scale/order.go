package scale

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unsafe"
)

// order compares two values of one type in the natural order that Rust's Ord gives the
// type the metadata names; maps and sets are sorted by it.
type order func(a, b unsafe.Pointer) int

var orders sync.Map // reflect.Type → order

// orderOf is the order of K. Key types are fixed at compile time, so one without an order
// is a programming error; the same error is reported, without a panic, when a map of it
// is encoded or decoded.
func orderOf[K any]() order {
	o, err := orderFor(reflect.TypeFor[K]())
	if err != nil {
		panic(err)
	}
	return o
}

func orderFor(t reflect.Type) (order, error) {
	if o, ok := orders.Load(t); ok {
		return o.(order), nil
	}
	o, err := buildOrder(t)
	if err != nil {
		return nil, err
	}
	orders.Store(t, o)
	return o, nil
}

func compareAs[T cmp.Ordered](a, b unsafe.Pointer) int { return cmp.Compare(*(*T)(a), *(*T)(b)) }

func buildOrder(t reflect.Type) (order, error) {
	if isU128(t) {
		return func(a, b unsafe.Pointer) int { return (*U128)(a).Cmp(*(*U128)(b)) }, nil
	}
	if t == reflect.TypeFor[U256]() {
		return func(a, b unsafe.Pointer) int { return (*U256)(a).Cmp(*(*U256)(b)) }, nil
	}
	if custom, err := isCustom(t); err != nil {
		return nil, err
	} else if custom {
		return encodedOrder(t)
	}
	switch t.Kind() {
	case reflect.Bool:
		return func(a, b unsafe.Pointer) int { return cmp.Compare(*(*uint8)(a), *(*uint8)(b)) }, nil
	case reflect.Uint8:
		return compareAs[uint8], nil
	case reflect.Uint16:
		return compareAs[uint16], nil
	case reflect.Uint32:
		return compareAs[uint32], nil
	case reflect.Uint64:
		return compareAs[uint64], nil
	case reflect.Int8:
		return compareAs[int8], nil
	case reflect.Int16:
		return compareAs[int16], nil
	case reflect.Int32:
		return compareAs[int32], nil
	case reflect.Int64:
		return compareAs[int64], nil
	case reflect.String:
		return func(a, b unsafe.Pointer) int { return strings.Compare(*(*string)(a), *(*string)(b)) }, nil
	case reflect.Array:
		return arrayOrder(t)
	case reflect.Slice:
		return sliceOrder(t)
	case reflect.Struct:
		return structOrder(t)
	}
	return nil, fmt.Errorf("scale: %v has no order and cannot be a key", t)
}

func arrayOrder(t reflect.Type) (order, error) {
	n, stride := t.Len(), t.Elem().Size()
	if t.Elem().Kind() == reflect.Uint8 {
		return func(a, b unsafe.Pointer) int { return bytes.Compare(bytesAt(a, n), bytesAt(b, n)) }, nil
	}
	elem, err := orderFor(t.Elem())
	if err != nil {
		return nil, err
	}
	return func(a, b unsafe.Pointer) int { return compareRun(elem, a, b, n, stride) }, nil
}

func sliceOrder(t reflect.Type) (order, error) {
	elem, err := orderFor(t.Elem())
	if err != nil {
		return nil, err
	}
	stride := t.Elem().Size()
	return func(a, b unsafe.Pointer) int {
		x, y := (*sliceHeader)(a), (*sliceHeader)(b)
		if c := compareRun(elem, x.data, y.data, min(x.len, y.len), stride); c != 0 {
			return c
		}
		return cmp.Compare(x.len, y.len)
	}, nil
}

func compareRun(elem order, a, b unsafe.Pointer, n int, stride uintptr) int {
	for i := range n {
		at := uintptr(i) * stride
		if c := elem(unsafe.Add(a, at), unsafe.Add(b, at)); c != 0 {
			return c
		}
	}
	return 0
}

// structOrder compares field by field in declaration order. Containers that are Go structs
// inside (options, maps) do not occur as keys and are refused.
func structOrder(t reflect.Type) (order, error) {
	if _, ok := containerOf(t); ok {
		return nil, fmt.Errorf("scale: %v has no order and cannot be a key", t)
	}
	list, err := structFields(t)
	if err != nil {
		return nil, err
	}
	type part struct {
		offset uintptr
		order  order
	}
	parts := make([]part, len(list))
	for i, f := range list {
		o, err := orderFor(f.typ)
		if err != nil {
			return nil, err
		}
		parts[i] = part{f.offset, o}
	}
	return func(a, b unsafe.Pointer) int {
		for _, p := range parts {
			if c := p.order(unsafe.Add(a, p.offset), unsafe.Add(b, p.offset)); c != 0 {
				return c
			}
		}
		return 0
	}, nil
}

// encodedOrder compares encodings, for keys with their own codec; one that cannot be
// encoded comes first.
func encodedOrder(t reflect.Type) (order, error) {
	p, err := planFor(t)
	if err != nil {
		return nil, err
	}
	encoding := func(at unsafe.Pointer) []byte {
		b, err := p.append(nil, at)
		if err != nil {
			return nil
		}
		return b
	}
	return func(a, b unsafe.Pointer) int { return bytes.Compare(encoding(a), encoding(b)) }, nil
}
