package scale

import (
	"reflect"
	"slices"
	"sort"
	"unsafe"
)

// BTreeSet is BTreeSet<T>, kept as a slice sorted by the natural order of T (see
// BTreeMap). Copies share their elements: Clone before changing one of them.
type BTreeSet[T any] struct{ items []T }

// SetOf makes a set of the given elements.
func SetOf[T any](items ...T) BTreeSet[T] {
	var s BTreeSet[T]
	for _, x := range items {
		s.Put(x)
	}
	return s
}

func (s *BTreeSet[T]) find(x *T) (int, bool) {
	order := orderOf[T]()
	at := unsafe.Pointer(x)
	i := sort.Search(len(s.items), func(i int) bool { return order(unsafe.Pointer(&s.items[i]), at) >= 0 })
	return i, i < len(s.items) && order(unsafe.Pointer(&s.items[i]), at) == 0
}

// Contains reports whether x is an element.
func (s BTreeSet[T]) Contains(x T) bool {
	_, ok := s.find(&x)
	return ok
}

// Put adds x and reports whether it was new.
func (s *BTreeSet[T]) Put(x T) bool {
	i, ok := s.find(&x)
	if !ok {
		s.items = slices.Insert(s.items, i, x)
	}
	return !ok
}

// Delete removes x and reports whether it was an element.
func (s *BTreeSet[T]) Delete(x T) bool {
	i, ok := s.find(&x)
	if ok {
		s.items = slices.Delete(s.items, i, i+1)
	}
	if len(s.items) == 0 {
		s.items = nil
	}
	return ok
}

// Len is the number of elements.
func (s BTreeSet[T]) Len() int { return len(s.items) }

// Range calls yield for every element in order until it returns false; it is an iterator.
func (s BTreeSet[T]) Range(yield func(T) bool) {
	for _, x := range s.items {
		if !yield(x) {
			return
		}
	}
}

// Items is a copy of the elements in order.
func (s BTreeSet[T]) Items() []T { return slices.Clone(s.items) }

// Clone returns a set that shares nothing with s but what its elements point at.
func (s BTreeSet[T]) Clone() BTreeSet[T] { return BTreeSet[T]{items: slices.Clone(s.items)} }

func (BTreeSet[T]) scaleContainer() container {
	return container{
		self: reflect.TypeFor[BTreeSet[T]](),
		plan: func(b *builder) (*plan, error) {
			return b.sorted(reflect.TypeFor[[]T](), reflect.TypeFor[T](), nil)
		},
		def: func() (*TypeDef, error) {
			return &TypeDef{
				Path: "BTreeSet", Params: []Param{{"T", TypeOf[T]()}}, Kind: KindComposite,
				Fields: []Field{{Type: TypeOf[[]T]()}},
			}, nil
		},
	}
}
