package scale

import (
	"fmt"
	"reflect"
	"sync"
	"unsafe"
)

// A plan encodes and decodes values of one Go type at a given address. Decode targets
// are zeroed memory.
type plan struct {
	typ    reflect.Type
	append func(dst []byte, p unsafe.Pointer) ([]byte, error)
	decode func(d *Decoder, p unsafe.Pointer) error
	fixed  int  // encoded size when constant, else -1
	min    int  // lower bound of the encoded size
	flat   bool // the value's memory is its encoding, and every bit pattern is valid
}

var plans sync.Map // reflect.Type → *plan, complete ones only

// planFor returns the plan of t. Two goroutines may build the same plan at the same
// time; either result serves.
func planFor(t reflect.Type) (*plan, error) {
	if p, ok := plans.Load(t); ok {
		return p.(*plan), nil
	}
	b := builder{plans: make(map[reflect.Type]*plan)}
	p, err := b.plan(t) // not of b.plans if another goroutine was faster
	if err != nil {
		return nil, err
	}
	for t, p := range b.plans {
		plans.LoadOrStore(t, p)
	}
	return p, nil
}

// A builder builds a plan and those it refers to. A recursive type finds its own
// unfinished plan, whose functions are filled in before anybody calls them.
type builder struct{ plans map[reflect.Type]*plan }

func (b *builder) plan(t reflect.Type) (*plan, error) {
	if p, ok := b.plans[t]; ok {
		return p, nil
	}
	if p, ok := plans.Load(t); ok {
		return p.(*plan), nil
	}
	p := &plan{typ: t, fixed: -1}
	b.plans[t] = p
	built, err := b.build(t)
	if err != nil {
		return nil, err
	}
	*p = *built
	p.typ = t
	return p, nil
}

// A container is a generic type of this package that knows its own plan and definition.
// self guards against the method having been promoted from an embedded field.
type container struct {
	self reflect.Type
	plan func(*builder) (*plan, error)
	def  func() (*TypeDef, error)
}

type containerType interface{ scaleContainer() container }

func containerOf(t reflect.Type) (container, bool) {
	if t.Kind() == reflect.Interface || !t.Implements(reflect.TypeFor[containerType]()) {
		return container{}, false
	}
	if t.Kind() == reflect.Pointer {
		return container{}, false
	}
	c := reflect.Zero(t).Interface().(containerType).scaleContainer()
	return c, c.self == t
}

func (b *builder) build(t reflect.Type) (*plan, error) {
	if c, ok := containerOf(t); ok {
		return c.plan(b)
	}
	if t.Kind() == reflect.Pointer {
		return b.box(t)
	}
	if t.Kind() == reflect.Interface {
		return enumPlan(t), nil
	}
	if err := checkPromoted(t); err != nil {
		return nil, err
	}
	if custom, err := isCustom(t); err != nil {
		return nil, err
	} else if custom {
		return customPlan(t), nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return boolPlan, nil
	case reflect.Uint8:
		if info, ok := infoOf(t); ok && len(info.Variants) > 0 {
			return unitEnumPlan(t, info.Variants)
		}
		return flatPlan(1), nil
	case reflect.Int8:
		return flatPlan(1), nil
	case reflect.Uint16, reflect.Int16:
		return intPlan[uint16](), nil
	case reflect.Uint32, reflect.Int32:
		return intPlan[uint32](), nil
	case reflect.Uint64, reflect.Int64:
		return intPlan[uint64](), nil
	case reflect.String:
		return stringPlan, nil
	case reflect.Slice:
		return b.slice(t, nil)
	case reflect.Array:
		return b.array(t)
	case reflect.Struct:
		if isU128(t) {
			return wordsPlan(2), nil
		}
		return b.structure(t)
	}
	return nil, fmt.Errorf("scale: %v has no SCALE form", t)
}

// checkPromoted refuses structs that would inherit the codec or the path of an embedded
// field: they would silently lose their other fields.
func checkPromoted(t reflect.Type) error {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.Anonymous {
			continue
		}
		pt := reflect.PointerTo(f.Type)
		if f.Type.Kind() == reflect.Interface || f.Type.Kind() == reflect.Pointer {
			pt = f.Type
		}
		if pt.Implements(appenderType) || pt.Implements(decoderType) || pt.Implements(reflect.TypeFor[typed]()) {
			return fmt.Errorf("scale: %v embeds %v, whose codec would replace its own; name the field", t, f.Type)
		}
	}
	return nil
}
