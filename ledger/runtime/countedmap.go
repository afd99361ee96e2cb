package runtime

// CountedMap is an OptionalMap that keeps the number of its entries in a second
// item, `CounterForX`.
type CountedMap[K, V any] struct {
	*OptionalMap[K, V]
	// Counter is the number of entries; a storage item of its own.
	Counter *Value[uint32]
}

// NewCountedMap declares a counted map with modifier Optional; its pallet lists
// both the map and its Counter.
func NewCountedMap[K, V any](pallet, name string, h Hasher) *CountedMap[K, V] {
	return &CountedMap[K, V]{
		OptionalMap: NewOptionalMap[K, V](pallet, name, h),
		Counter:     NewValue[uint32](pallet, "CounterFor"+name),
	}
}

// Put stores value under k and counts a new entry.
func (m *CountedMap[K, V]) Put(ctx *Context, k K, value V) {
	if !m.Contains(ctx, k) {
		m.Counter.Mutate(ctx, func(n *uint32) { *n++ })
	}
	m.OptionalMap.Put(ctx, k, value)
}

// Delete removes k, if present, from the map and the count.
func (m *CountedMap[K, V]) Delete(ctx *Context, k K) {
	if m.Contains(ctx, k) {
		m.Counter.Mutate(ctx, func(n *uint32) { *n-- })
		m.OptionalMap.Delete(ctx, k)
	}
}

// Count is the number of entries.
func (m *CountedMap[K, V]) Count(ctx *Context) uint32 { return m.Counter.Get(ctx) }
