package scale

import (
	"encoding/json"
	"fmt"
	"reflect"
	"unsafe"
)

// Option is Option<T>. The zero value is None. Options of comparable types compare with
// ==. In JSON None is null.
type Option[T any] struct {
	value T
	some  bool
}

// Some is the option that holds v.
func Some[T any](v T) Option[T] { return Option[T]{value: v, some: true} }

// None is the empty option.
func None[T any]() Option[T] { return Option[T]{} }

// Get returns the value and whether there is one.
func (o Option[T]) Get() (T, bool) { return o.value, o.some }

// IsSome reports whether o holds a value.
func (o Option[T]) IsSome() bool { return o.some }

// IsNone reports whether o is empty.
func (o Option[T]) IsNone() bool { return !o.some }

// Or returns the value, or fallback when there is none.
func (o Option[T]) Or(fallback T) T {
	if o.some {
		return o.value
	}
	return fallback
}

// String shows Some(v) or None.
func (o Option[T]) String() string {
	if !o.some {
		return "None"
	}
	return fmt.Sprintf("Some(%v)", o.value)
}

// MarshalJSON gives null or the value's JSON.
func (o Option[T]) MarshalJSON() ([]byte, error) {
	if !o.some {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads null or a value.
func (o *Option[T]) UnmarshalJSON(b []byte) error {
	*o = Option[T]{}
	if string(b) == "null" {
		return nil
	}
	if err := json.Unmarshal(b, &o.value); err != nil {
		return err
	}
	o.some = true
	return nil
}

func (Option[T]) scaleContainer() container {
	self, inner := reflect.TypeFor[Option[T]](), reflect.TypeFor[T]()
	return container{
		self: self,
		plan: func(b *builder) (*plan, error) {
			elem, err := b.plan(inner)
			if err != nil {
				return nil, err
			}
			var zero Option[T]
			return optionPlan(elem, unsafe.Offsetof(zero.value), unsafe.Offsetof(zero.some)), nil
		},
		def: func() (*TypeDef, error) {
			return &TypeDef{
				Path: "Option", Params: []Param{{"T", typeFrom(inner)}}, Kind: KindVariant,
				Variants: []VariantDef{
					{Name: "None", Index: 0},
					{Name: "Some", Index: 1, Fields: []Field{{Type: typeFrom(inner)}}},
				},
			}, nil
		},
	}
}

func optionPlan(elem *plan, value, some uintptr) *plan {
	return &plan{
		fixed: -1,
		min:   1,
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			if !*(*bool)(unsafe.Add(p, some)) {
				return append(dst, 0), nil
			}
			return elem.append(append(dst, 1), unsafe.Add(p, value))
		},
		decode: func(d *Decoder, p unsafe.Pointer) error {
			index, err := d.Byte()
			if err != nil || index == 0 {
				return err
			}
			if index != 1 {
				d.off--
				return d.at(fmt.Errorf("%w (%d)", ErrUnknownVariant, index))
			}
			*(*bool)(unsafe.Add(p, some)) = true
			return elem.decode(d, unsafe.Add(p, value))
		},
	}
}
