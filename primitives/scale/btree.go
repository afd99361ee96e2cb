package scale

import (
	"reflect"
	"slices"
	"sort"
	"unsafe"
)

// An Entry is one key of a BTreeMap with its value.
type Entry[K, V any] struct {
	Key   K
	Value V
}

// BTreeMap is BTreeMap<K, V>, kept as a slice sorted by the natural order of the key:
// numbers by value, byte strings and arrays lexicographically, structs field by field,
// enums by index. Copies share their entries: Clone before changing one of them.
type BTreeMap[K, V any] struct{ entries []Entry[K, V] }

// find returns where k is or would be.
func (m *BTreeMap[K, V]) find(k *K) (int, bool) {
	order := orderOf[K]()
	at := unsafe.Pointer(k)
	i := sort.Search(len(m.entries), func(i int) bool {
		return order(unsafe.Pointer(&m.entries[i].Key), at) >= 0
	})
	return i, i < len(m.entries) && order(unsafe.Pointer(&m.entries[i].Key), at) == 0
}

// Get returns the value of k and whether k is present.
func (m BTreeMap[K, V]) Get(k K) (v V, ok bool) {
	if i, ok := m.find(&k); ok {
		return m.entries[i].Value, true
	}
	return v, false
}

// Contains reports whether k is present.
func (m BTreeMap[K, V]) Contains(k K) bool {
	_, ok := m.find(&k)
	return ok
}

// Put sets the value of k.
func (m *BTreeMap[K, V]) Put(k K, v V) {
	i, ok := m.find(&k)
	if ok {
		m.entries[i].Value = v
		return
	}
	m.entries = slices.Insert(m.entries, i, Entry[K, V]{k, v})
}

// Delete removes k and reports whether it was present.
func (m *BTreeMap[K, V]) Delete(k K) bool {
	i, ok := m.find(&k)
	if ok {
		m.entries = slices.Delete(m.entries, i, i+1)
	}
	if len(m.entries) == 0 {
		m.entries = nil
	}
	return ok
}

// Len is the number of keys.
func (m BTreeMap[K, V]) Len() int { return len(m.entries) }

// Range calls yield for every entry in key order until it returns false; it is an
// iterator: for k, v := range m.Range.
func (m BTreeMap[K, V]) Range(yield func(K, V) bool) {
	for _, e := range m.entries {
		if !yield(e.Key, e.Value) {
			return
		}
	}
}

// Entries is a copy of the entries in key order.
func (m BTreeMap[K, V]) Entries() []Entry[K, V] { return slices.Clone(m.entries) }

// Clone returns a map that shares nothing with m but what its values point at.
func (m BTreeMap[K, V]) Clone() BTreeMap[K, V] {
	return BTreeMap[K, V]{entries: slices.Clone(m.entries)}
}

func (BTreeMap[K, V]) scaleContainer() container {
	var zero BTreeMap[K, V]
	return container{
		self: reflect.TypeFor[BTreeMap[K, V]](),
		plan: func(b *builder) (*plan, error) {
			return b.sorted(reflect.TypeOf(zero.entries), reflect.TypeFor[K](), nil)
		},
		def: func() (*TypeDef, error) {
			return &TypeDef{
				Path:   "BTreeMap",
				Params: []Param{{"K", TypeOf[K]()}, {"V", TypeOf[V]()}},
				Kind:   KindComposite,
				Fields: []Field{{Type: TypeOf[[]Entry[K, V]]()}},
			}, nil
		},
	}
}

// sorted is the plan of a slice of type t whose elements start with a key; the keys must
// be strictly ascending.
func (b *builder) sorted(t, key reflect.Type, max func() int) (*plan, error) {
	inner, err := b.slice(t, max)
	if err != nil {
		return nil, err
	}
	order, err := orderFor(key)
	if err != nil {
		return nil, err
	}
	stride := t.Elem().Size()
	p := *inner
	p.decode = func(d *Decoder, at unsafe.Pointer) error {
		if err := inner.decode(d, at); err != nil {
			return err
		}
		h := (*sliceHeader)(at)
		for i := 1; i < h.len; i++ {
			this := unsafe.Add(h.data, uintptr(i)*stride)
			if order(unsafe.Add(this, -int(stride)), this) >= 0 {
				return ErrUnsorted
			}
		}
		return nil
	}
	return &p, nil
}

// BoundedBTreeMap is BoundedBTreeMap<K, V, S>: a BTreeMap of at most B.Max() keys.
type BoundedBTreeMap[K, V any, B Bound] struct{ BTreeMap[K, V] }

// Max is the maximal number of keys.
func (BoundedBTreeMap[K, V, B]) Max() int { return maxOf[B]() }

// Put sets the value of k; it fails when k is new and the map is full.
func (m *BoundedBTreeMap[K, V, B]) Put(k K, v V) bool {
	if m.Len() >= maxOf[B]() && !m.Contains(k) {
		return false
	}
	m.BTreeMap.Put(k, v)
	return true
}

// Clone returns a map that shares nothing with m but what its values point at.
func (m BoundedBTreeMap[K, V, B]) Clone() BoundedBTreeMap[K, V, B] {
	return BoundedBTreeMap[K, V, B]{m.BTreeMap.Clone()}
}

func (BoundedBTreeMap[K, V, B]) scaleContainer() container {
	var zero BTreeMap[K, V]
	return container{
		self: reflect.TypeFor[BoundedBTreeMap[K, V, B]](),
		plan: func(b *builder) (*plan, error) {
			return b.sorted(reflect.TypeOf(zero.entries), reflect.TypeFor[K](), maxOf[B])
		},
		def: func() (*TypeDef, error) {
			return &TypeDef{
				Path:   "bounded_collections::bounded_btree_map::BoundedBTreeMap",
				Params: []Param{{"K", TypeOf[K]()}, {"V", TypeOf[V]()}, {Name: "S"}},
				Kind:   KindComposite,
				Fields: []Field{{Type: TypeOf[BTreeMap[K, V]](), TypeName: "BTreeMap<K, V>"}},
			}, nil
		},
	}
}
