package runtime

import (
	"fmt"
	"iter"

	"github.com/gocess/gocess/primitives/scale"
)

// doubleMapping is the part that maps of two keys share.
type doubleMapping[K1, K2, V any] struct {
	item[V]
	hasher1, hasher2 Hasher
	keys1            *scale.Codec[K1]
	keys2            *scale.Codec[K2]
}

func newDoubleMapping[K1, K2, V any](pallet, name string, h1, h2 Hasher, optional bool, opts []Option[V]) doubleMapping[K1, K2, V] {
	return doubleMapping[K1, K2, V]{
		newItem(pallet, name, optional, opts), h1, h2, scale.CodecFor[K1](), scale.CodecFor[K2](),
	}
}

// Key is the full storage key of (k1, k2).
func (m *doubleMapping[K1, K2, V]) Key(k1 K1, k2 K2) []byte {
	return appendHashed(m.PrefixOf(k1), m.hasher2, mustEncode(m.keys2, k2))
}

// PrefixOf is what all keys of k1 start with.
func (m *doubleMapping[K1, K2, V]) PrefixOf(k1 K1) []byte {
	return appendHashed(m.Prefix(), m.hasher1, mustEncode(m.keys1, k1))
}

// DecodeKey recovers (k1, k2) from a full storage key of this item.
func (m *doubleMapping[K1, K2, V]) DecodeKey(full []byte) (k1 K1, k2 K2, err error) {
	rest, err := m.suffix(full)
	if err != nil {
		return k1, k2, err
	}
	if len(rest) < hashLen(m.hasher1) {
		return k1, k2, errShortKey(m.pallet, m.name, full)
	}
	k1, n, err := scale.UnmarshalPrefix[K1](rest[hashLen(m.hasher1):])
	if err != nil {
		return k1, k2, err
	}
	rest = rest[hashLen(m.hasher1)+n:]
	if len(rest) < hashLen(m.hasher2) {
		return k1, k2, errShortKey(m.pallet, m.name, full)
	}
	k2, err = m.keys2.Decode(rest[hashLen(m.hasher2):])
	return k1, k2, err
}

// Put stores value under (k1, k2).
func (m *doubleMapping[K1, K2, V]) Put(ctx *Context, k1 K1, k2 K2, value V) {
	m.put(ctx, m.Key(k1, k2), value)
}

// Delete removes (k1, k2).
func (m *doubleMapping[K1, K2, V]) Delete(ctx *Context, k1 K1, k2 K2) { ctx.Delete(m.Key(k1, k2)) }

// Contains says whether (k1, k2) is stored.
func (m *doubleMapping[K1, K2, V]) Contains(ctx *Context, k1 K1, k2 K2) bool {
	return ctx.Get(m.Key(k1, k2)) != nil
}

// IterPrefix lists the entries of k1 in the order of their storage keys. The
// loop body may change the map.
func (m *doubleMapping[K1, K2, V]) IterPrefix(ctx *Context, k1 K1) iter.Seq2[K2, V] {
	return func(yield func(K2, V) bool) {
		ctx.Scan(m.PrefixOf(k1), nil, func(key, value []byte) bool {
			_, k2, err := m.DecodeKey(key)
			if err != nil {
				panic(stateError{err})
			}
			v, err := m.decode(ctx, value)
			if err != nil {
				panic(stateError{err})
			}
			return yield(k2, v)
		})
	}
}

func (m *doubleMapping[K1, K2, V]) entry() (entryShape, error) {
	return m.shape(scale.TypeOf[pairKey[K1, K2]](), m.hasher1, m.hasher2)
}

// pairKey is the tuple that metadata shows as a double map's key.
type pairKey[K1, K2 any] struct {
	First  K1 `scale:"_"`
	Second K2 `scale:"_"`
}

// DoubleMap is a map of two keys whose absent entries read as a default.
type DoubleMap[K1, K2, V any] struct{ doubleMapping[K1, K2, V] }

// NewDoubleMap declares a map of two keys with modifier Default.
func NewDoubleMap[K1, K2, V any](pallet, name string, h1, h2 Hasher, opts ...Option[V]) *DoubleMap[K1, K2, V] {
	return &DoubleMap[K1, K2, V]{newDoubleMapping[K1, K2](pallet, name, h1, h2, false, opts)}
}

// Get returns the value of (k1, k2) or the default.
func (m *DoubleMap[K1, K2, V]) Get(ctx *Context, k1 K1, k2 K2) V {
	v, _ := m.get(ctx, m.Key(k1, k2))
	return v
}

// OptionalDoubleMap is a map of two keys whose entries may be absent.
type OptionalDoubleMap[K1, K2, V any] struct{ doubleMapping[K1, K2, V] }

// NewOptionalDoubleMap declares a map of two keys with modifier Optional.
func NewOptionalDoubleMap[K1, K2, V any](pallet, name string, h1, h2 Hasher) *OptionalDoubleMap[K1, K2, V] {
	return &OptionalDoubleMap[K1, K2, V]{newDoubleMapping[K1, K2, V](pallet, name, h1, h2, true, nil)}
}

// Get returns the value of (k1, k2) and whether there is one.
func (m *OptionalDoubleMap[K1, K2, V]) Get(ctx *Context, k1 K1, k2 K2) (V, bool) {
	return m.get(ctx, m.Key(k1, k2))
}

// Mutate changes the value of (k1, k2) in place. It returns absent when there
// is none; an error of fn leaves the value as it was.
func (m *OptionalDoubleMap[K1, K2, V]) Mutate(ctx *Context, k1 K1, k2 K2, absent error, fn func(*V) error) error {
	key := m.Key(k1, k2)
	v, ok := m.get(ctx, key)
	if !ok {
		return absent
	}
	if err := fn(&v); err != nil {
		return err
	}
	m.put(ctx, key, v)
	return nil
}

func errShortKey(pallet, name string, key []byte) error {
	return fmt.Errorf("%s.%s: short key %x", pallet, name, key)
}
