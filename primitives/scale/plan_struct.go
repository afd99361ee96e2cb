package scale

import (
	"fmt"
	"reflect"
	"unsafe"
)

// A step of a struct plan: a run of memory copied as it is, or one field's plan.
type step struct {
	offset uintptr
	flat   int // bytes to copy; 0 = use plan
	plan   *plan
	name   string
}

// structure is the plan of a struct: neighbouring flat fields merge into one copy.
func (b *builder) structure(t reflect.Type) (*plan, error) {
	fields, err := structFields(t)
	if err != nil {
		return nil, err
	}
	out := &plan{flat: true}
	var steps []step
	for _, f := range fields {
		fp, err := b.field(f)
		if err != nil {
			return nil, fmt.Errorf("%w (field %s of %v)", err, f.goName, t)
		}
		out.min += fp.min
		if fp.fixed < 0 || out.fixed < 0 {
			out.fixed = -1
		} else {
			out.fixed += fp.fixed
		}
		if !fp.flat {
			out.flat = false
			steps = append(steps, step{offset: f.offset, plan: fp, name: f.goName})
			continue
		}
		if fp.fixed == 0 {
			continue
		}
		if n := len(steps); n > 0 && steps[n-1].flat > 0 && steps[n-1].offset+uintptr(steps[n-1].flat) == f.offset {
			steps[n-1].flat += fp.fixed
			continue
		}
		steps = append(steps, step{offset: f.offset, flat: fp.fixed, name: f.goName})
	}
	// Flat as a whole only without padding: then arrays and slices of it copy at once.
	out.flat = out.flat && out.fixed == int(t.Size())
	if out.flat {
		return flatPlan(out.fixed), nil
	}
	out.append = func(dst []byte, p unsafe.Pointer) (_ []byte, err error) {
		for i := range steps {
			s := &steps[i]
			if s.flat > 0 {
				dst = append(dst, bytesAt(unsafe.Add(p, s.offset), s.flat)...)
			} else if dst, err = s.plan.append(dst, unsafe.Add(p, s.offset)); err != nil {
				return dst, fmt.Errorf("%s: %w", s.name, err)
			}
		}
		return dst, nil
	}
	out.decode = func(d *Decoder, p unsafe.Pointer) error {
		for i := range steps {
			s := &steps[i]
			if s.flat > 0 {
				b, err := d.Bytes(s.flat)
				if err != nil {
					return d.inField(s.name, err)
				}
				copy(bytesAt(unsafe.Add(p, s.offset), s.flat), b)
			} else if err := s.plan.decode(d, unsafe.Add(p, s.offset)); err != nil {
				return d.inField(s.name, err)
			}
		}
		return nil
	}
	return out, nil
}

func (b *builder) field(f structField) (*plan, error) {
	if f.compact {
		return compactPlan(f.typ)
	}
	return b.plan(f.typ)
}
