package scale

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A Variant ties a Go type to a variant of the enum that interface I stands for. Make
// one with V.
type Variant[I any] struct {
	index uint8
	name  string
	typ   reflect.Type
}

// V declares that the concrete struct type T is variant index of enum I.
func V[I, T any](index uint8, name string) Variant[I] {
	return Variant[I]{index: index, name: name, typ: reflect.TypeFor[T]()}
}

// enum is a registered interface.
type enum struct {
	info    TypeInfo
	assign  func(p unsafe.Pointer, v any) // stores v in the interface variable at p
	order   []*variant                    // as registered
	byIndex [256]*variant
	byType  map[unsafe.Pointer]*variant // by type word
}

type variant struct {
	index  uint8
	name   string
	typ    reflect.Type
	word   unsafe.Pointer
	direct bool // interfaces hold the value itself, not a pointer to it
	plan   atomic.Pointer[plan]
}

var enums sync.Map // reflect.Type of the interface → *enum

func enumFor(t reflect.Type) (*enum, bool) {
	e, ok := enums.Load(t)
	if !ok {
		return nil, false
	}
	return e.(*enum), true
}

// RegisterEnum makes interface I an enum with the given variants, in the order metadata
// lists them. Call it once per interface, from a package-level variable or init. It
// panics on a programming error: I is no interface, a variant does not implement it or
// is not a struct, an index, name or type is used twice.
func RegisterEnum[I any](info TypeInfo, variants ...Variant[I]) Type {
	t := reflect.TypeFor[I]()
	if t.Kind() != reflect.Interface || t.NumMethod() == 0 {
		panic(fmt.Sprintf("scale: enum %v is not an interface with methods", t))
	}
	e := &enum{
		info:   info,
		assign: func(p unsafe.Pointer, v any) { *(*I)(p) = v.(I) },
		byType: make(map[unsafe.Pointer]*variant, len(variants)),
	}
	names := make(map[string]bool, len(variants))
	for _, v := range variants {
		if v.typ == nil || v.typ.Kind() != reflect.Struct || !v.typ.Implements(t) {
			panic(fmt.Sprintf("scale: enum %v: variant %s is not a struct implementing it", t, v.name))
		}
		x := &variant{index: v.index, name: v.name, typ: v.typ, word: typeWord(v.typ), direct: pointerShaped(v.typ)}
		if e.byIndex[x.index] != nil || e.byType[x.word] != nil || names[x.name] {
			panic(fmt.Sprintf("scale: enum %v: variant %d %s declared twice", t, v.index, v.name))
		}
		e.order = append(e.order, x)
		e.byIndex[x.index], e.byType[x.word], names[x.name] = x, x, true
	}
	if _, dup := enums.LoadOrStore(t, e); dup {
		panic(fmt.Sprintf("scale: enum %v registered twice", t))
	}
	return Type{rt: t}
}

// get builds the variant's plan on first use: its type may contain enums registered later.
func (v *variant) get() (*plan, error) {
	if p := v.plan.Load(); p != nil {
		return p, nil
	}
	b := builder{plans: make(map[reflect.Type]*plan)}
	p, err := b.structure(v.typ)
	if err != nil {
		return nil, err
	}
	for t, bp := range b.plans {
		plans.LoadOrStore(t, bp)
	}
	p.typ = v.typ
	v.plan.Store(p)
	return p, nil
}

// enumPlan is the plan of an interface. The registration is looked up at the first value,
// not when the plan is built.
func enumPlan(t reflect.Type) *plan {
	var known atomic.Pointer[enum]
	lookup := func() (*enum, error) {
		if e := known.Load(); e != nil {
			return e, nil
		}
		e, ok := enumFor(t)
		if !ok {
			return nil, fmt.Errorf("%v: %w", t, ErrUnregistered)
		}
		known.Store(e)
		return e, nil
	}
	return &plan{
		fixed: -1,
		min:   1,
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			e, err := lookup()
			if err != nil {
				return dst, err
			}
			return e.append(dst, p)
		},
		decode: func(d *Decoder, p unsafe.Pointer) error {
			e, err := lookup()
			if err != nil {
				return err
			}
			return e.decode(d, p)
		},
	}
}

// append encodes the interface value at p.
func (e *enum) append(dst []byte, p unsafe.Pointer) ([]byte, error) {
	value := ifaceToAny(p)
	if value == nil {
		return dst, ErrNil
	}
	w := (*eface)(unsafe.Pointer(&value))
	v := e.byType[w.typ]
	if v == nil {
		return dst, fmt.Errorf("%T: %w", value, ErrUnregistered)
	}
	vp, err := v.get()
	if err != nil {
		return dst, err
	}
	data := w.data
	if v.direct {
		word := w.data
		data = unsafe.Pointer(&word)
	}
	if dst, err = vp.append(append(dst, v.index), data); err != nil {
		return dst, fmt.Errorf("%s: %w", v.name, err)
	}
	return dst, nil
}

func (e *enum) decode(d *Decoder, p unsafe.Pointer) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	index, err := d.Peek()
	if err != nil {
		return err
	}
	v := e.byIndex[index]
	if v == nil {
		return d.at(fmt.Errorf("%w (%d)", ErrUnknownVariant, index))
	}
	d.off++
	vp, err := v.get()
	if err != nil {
		return err
	}
	if err := d.Reserve(int(v.typ.Size())); err != nil {
		return err
	}
	// The new variable becomes the interface's data: nothing else refers to it.
	data := reflect.New(v.typ).UnsafePointer()
	if err := vp.decode(d, data); err != nil {
		return d.inField(v.name, err)
	}
	if v.direct {
		data = *(*unsafe.Pointer)(data)
	}
	e.assign(p, makeAny(v.word, data))
	return nil
}

// unitEnumPlan is the plan of a field-less enum over uint8.
func unitEnumPlan(t reflect.Type, variants []VariantInfo) (*plan, error) {
	var known [256]bool
	for _, v := range variants {
		if known[v.Index] {
			return nil, fmt.Errorf("scale: enum %v: index %d declared twice", t, v.Index)
		}
		known[v.Index] = true
	}
	return &plan{
		fixed: 1,
		min:   1,
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			v := *(*uint8)(p)
			if !known[v] {
				return dst, fmt.Errorf("%w (%d)", ErrUnknownVariant, v)
			}
			return append(dst, v), nil
		},
		decode: func(d *Decoder, p unsafe.Pointer) error {
			v, err := d.Peek()
			if err != nil {
				return err
			}
			if !known[v] {
				return d.at(fmt.Errorf("%w (%d)", ErrUnknownVariant, v))
			}
			d.off++
			*(*uint8)(p) = v
			return nil
		},
	}, nil
}
