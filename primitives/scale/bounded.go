package scale

import "reflect"

// A Bound is the maximal length of a bounded container, carried by a zero-size type:
//
//	type maxFileName struct{}
//	func (maxFileName) Max() int { return 63 }
//
// Max is called on every encoding and decoding, so that it may follow the chain spec; a
// ledger must only change it between blocks.
type Bound interface{ Max() int }

func maxOf[B Bound]() int {
	var b B
	return b.Max()
}

// BoundedVec is BoundedVec<T, S>: at most B.Max() elements, enforced when encoding and
// decoding. It converts to and from []T.
type BoundedVec[T any, B Bound] []T

// WeakBoundedVec is WeakBoundedVec<T, S>. Unlike Substrate's, its bound is enforced when
// encoding, too.
type WeakBoundedVec[T any, B Bound] []T

// Max is the maximal length.
func (BoundedVec[T, B]) Max() int { return maxOf[B]() }

// Max is the maximal length.
func (WeakBoundedVec[T, B]) Max() int { return maxOf[B]() }

// TryPush appends x and reports whether there was room for it.
func (v *BoundedVec[T, B]) TryPush(x T) bool {
	if len(*v) >= maxOf[B]() {
		return false
	}
	*v = append(*v, x)
	return true
}

// TryPush appends x and reports whether there was room for it.
func (v *WeakBoundedVec[T, B]) TryPush(x T) bool {
	if len(*v) >= maxOf[B]() {
		return false
	}
	*v = append(*v, x)
	return true
}

func (BoundedVec[T, B]) scaleContainer() container {
	self := reflect.TypeFor[BoundedVec[T, B]]()
	return boundedContainer(self, "bounded_collections::bounded_vec::BoundedVec", maxOf[B])
}

func (WeakBoundedVec[T, B]) scaleContainer() container {
	self := reflect.TypeFor[WeakBoundedVec[T, B]]()
	return boundedContainer(self, "bounded_collections::weak_bounded_vec::WeakBoundedVec", maxOf[B])
}

func boundedContainer(self reflect.Type, path string, max func() int) container {
	return container{
		self: self,
		plan: func(b *builder) (*plan, error) { return b.slice(self, max) },
		def: func() (*TypeDef, error) {
			return &TypeDef{
				Path:   path,
				Params: []Param{{"T", typeFrom(self.Elem())}, {Name: "S"}},
				Kind:   KindComposite,
				Fields: []Field{{Type: Type{rt: reflect.SliceOf(self.Elem())}, TypeName: "Vec<T>"}},
			}, nil
		},
	}
}
