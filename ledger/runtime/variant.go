package runtime

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/gocess/gocess/primitives/scale"
)

// variant is one call or event of a pallet: a Go struct with a wire index.
type variant struct {
	index  uint8
	name   string
	goType reflect.Type
	fields func() ([]scale.Field, error)
	append func(dst []byte, v any) ([]byte, error)
	decode func(d *scale.Decoder) (any, error)
}

func newVariant[T any](index uint8, name string) variant {
	return variant{
		index:  index,
		name:   name,
		goType: reflect.TypeFor[T](),
		fields: scale.FieldsOf[T],
		append: func(dst []byte, v any) ([]byte, error) { return scale.Append(dst, v.(T)) },
		decode: func(d *scale.Decoder) (any, error) { return scale.Decode[T](d) },
	}
}

// variants is a pallet's Call or Event enum.
type variants struct {
	path  string
	list  []variant
	index [256]*variant
	once  sync.Once
	def   scale.Type // set by once
}

func newVariants(path string, list []variant) *variants {
	vs := &variants{path: path, list: list}
	for i := range list {
		v := &vs.list[i]
		if vs.index[v.index] != nil {
			panic(fmt.Sprintf("runtime: %s: %s and %s share index %d", path, vs.index[v.index].name, v.name, v.index))
		}
		vs.index[v.index] = v
	}
	return vs
}

// typ is the metadata enum; params as upstream has them. All calls return the
// same type, so that metadata holds it once.
func (vs *variants) typ(params []scale.Param) scale.Type {
	vs.once.Do(func() {
		def := &scale.TypeDef{Path: vs.path, Params: params, Kind: scale.KindVariant}
		for _, v := range vs.list {
			fields, err := v.fields()
			if err != nil {
				panic(fmt.Sprintf("runtime: %s.%s: %v", vs.path, v.name, err))
			}
			def.Variants = append(def.Variants, scale.VariantDef{Index: v.index, Name: v.name, Fields: fields})
		}
		vs.def = scale.Synthetic(def)
	})
	return vs.def
}

// place locates the Go type of a call or event in the runtime.
type place struct {
	pallet *Pallet
	v      *variant
}

func (p place) append(dst []byte, v any) ([]byte, error) {
	return p.v.append(append(dst, p.pallet.Index, p.v.index), v)
}

// decodeVariant reads pallet index ‖ variant index ‖ fields.
func decodeVariant(d *scale.Decoder, what string, enum func(*Pallet) *variants) (any, error) {
	index, err := d.Byte()
	if err != nil {
		return nil, err
	}
	p := palletsOf(d)[index]
	if p == nil || enum(p) == nil {
		return nil, fmt.Errorf("%s: no pallet with index %d", what, index)
	}
	sub, err := d.Byte()
	if err != nil {
		return nil, err
	}
	v := enum(p).index[sub]
	if v == nil {
		return nil, fmt.Errorf("%s: pallet %s has no variant %d", what, p.Name, sub)
	}
	return v.decode(d)
}
