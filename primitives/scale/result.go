package scale

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Result is Result<T, E>: an outcome of type T or a fault of type E. The zero value is
// Ok of T's zero value.
type Result[T, E any] struct {
	ok     T
	fault  E
	failed bool
}

// Ok is the successful result v.
func Ok[T, E any](v T) Result[T, E] { return Result[T, E]{ok: v} }

// Err is the failed result e.
func Err[T, E any](e E) Result[T, E] { return Result[T, E]{fault: e, failed: true} }

// Get returns the outcome and whether the result is one.
func (r Result[T, E]) Get() (T, bool) { return r.ok, !r.failed }

// Fault returns the fault and whether the result is one.
func (r Result[T, E]) Fault() (E, bool) { return r.fault, r.failed }

// IsOk reports whether r is an outcome.
func (r Result[T, E]) IsOk() bool { return !r.failed }

// String shows Ok(v) or Err(e).
func (r Result[T, E]) String() string {
	if r.failed {
		return fmt.Sprintf("Err(%v)", r.fault)
	}
	return fmt.Sprintf("Ok(%v)", r.ok)
}

func (Result[T, E]) scaleContainer() container {
	okType, faultType := reflect.TypeFor[T](), reflect.TypeFor[E]()
	return container{
		self: reflect.TypeFor[Result[T, E]](),
		plan: func(b *builder) (*plan, error) {
			ok, err := b.plan(okType)
			if err != nil {
				return nil, err
			}
			fault, err := b.plan(faultType)
			if err != nil {
				return nil, err
			}
			var zero Result[T, E]
			return resultPlan(ok, fault, unsafe.Offsetof(zero.ok), unsafe.Offsetof(zero.fault), unsafe.Offsetof(zero.failed)), nil
		},
		def: func() (*TypeDef, error) {
			return &TypeDef{
				Path:   "Result",
				Params: []Param{{"T", typeFrom(okType)}, {"E", typeFrom(faultType)}},
				Kind:   KindVariant,
				Variants: []VariantDef{
					{Name: "Ok", Index: 0, Fields: []Field{{Type: typeFrom(okType)}}},
					{Name: "Err", Index: 1, Fields: []Field{{Type: typeFrom(faultType)}}},
				},
			}, nil
		},
	}
}

func resultPlan(ok, fault *plan, okAt, faultAt, failedAt uintptr) *plan {
	return &plan{
		fixed: -1,
		min:   1,
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			if *(*bool)(unsafe.Add(p, failedAt)) {
				return fault.append(append(dst, 1), unsafe.Add(p, faultAt))
			}
			return ok.append(append(dst, 0), unsafe.Add(p, okAt))
		},
		decode: func(d *Decoder, p unsafe.Pointer) error {
			index, err := d.Byte()
			if err != nil {
				return err
			}
			switch index {
			case 0:
				return ok.decode(d, unsafe.Add(p, okAt))
			case 1:
				*(*bool)(unsafe.Add(p, failedAt)) = true
				return fault.decode(d, unsafe.Add(p, faultAt))
			}
			d.off--
			return d.at(fmt.Errorf("%w (%d)", ErrUnknownVariant, index))
		},
	}
}
