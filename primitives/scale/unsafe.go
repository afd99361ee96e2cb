package scale

import (
	"reflect"
	"unsafe"
)

// Plans address fields as base pointer plus offset. Everything that depends on the
// memory layout of Go values is in this file.

// littleEndian tells whether integers in memory equal their encoding.
var littleEndian = func() bool {
	x := uint16(1)
	return *(*byte)(unsafe.Pointer(&x)) == 1
}()

// sliceHeader is the layout of every slice.
type sliceHeader struct {
	data unsafe.Pointer
	len  int
	cap  int
}

// eface is the layout of an empty interface. For types that are not pointer-shaped,
// data points at the value.
type eface struct {
	typ  unsafe.Pointer
	data unsafe.Pointer
}

// typeWord is the type word of interface values whose dynamic type is t.
func typeWord(t reflect.Type) unsafe.Pointer {
	v := reflect.Zero(t).Interface()
	return (*eface)(unsafe.Pointer(&v)).typ
}

// pointerShaped reports whether an interface stores t itself in its data word.
func pointerShaped(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return true
	case reflect.Struct:
		return t.NumField() == 1 && pointerShaped(t.Field(0).Type)
	case reflect.Array:
		return t.Len() == 1 && pointerShaped(t.Elem())
	}
	return false
}

// makeAny builds an interface value with the given type word around p.
func makeAny(typ, p unsafe.Pointer) any {
	var v any
	e := (*eface)(unsafe.Pointer(&v))
	e.typ, e.data = typ, p
	return v
}

// bytesAt views n bytes of memory at p.
func bytesAt(p unsafe.Pointer, n int) []byte { return unsafe.Slice((*byte)(p), n) }

// noescape hides p from escape analysis, so that encoding a value does not move it to
// the heap. It is only used for encoding: plans read through the pointer and never keep
// it, and custom encoders are value methods, which get a copy.
//
//go:nosplit
//go:nocheckptr
func noescape(p unsafe.Pointer) unsafe.Pointer {
	x := uintptr(p)
	return *(*unsafe.Pointer)(unsafe.Pointer(&x))
}

// ifaceToAny reads the non-empty interface value at p as an empty one. All non-empty
// interfaces share one layout, whatever their methods.
func ifaceToAny(p unsafe.Pointer) any { return *(*interface{ M() })(p) }
