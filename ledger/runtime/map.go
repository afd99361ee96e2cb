package runtime

import (
	"bytes"
	"fmt"
	"iter"

	"github.com/gocess/gocess/primitives/scale"
)

// mapping is the part that maps of one key share.
type mapping[K, V any] struct {
	item[V]
	hasher Hasher
	keys   *scale.Codec[K]
}

func newMapping[K, V any](pallet, name string, h Hasher, optional bool, opts []Option[V]) mapping[K, V] {
	return mapping[K, V]{newItem(pallet, name, optional, opts), h, scale.CodecFor[K]()}
}

// Key is the full storage key of k.
func (m *mapping[K, V]) Key(k K) []byte {
	var scratch [64]byte
	encoded := mustAppend(scratch[:0], m.keys, k)
	full := make([]byte, 0, len(m.prefix)+hashLen(m.hasher)+len(encoded))
	return appendHashed(append(full, m.prefix...), m.hasher, encoded)
}

// DecodeKey recovers k from a full storage key of this item.
func (m *mapping[K, V]) DecodeKey(full []byte) (K, error) {
	rest, err := m.suffix(full)
	if err != nil || len(rest) < hashLen(m.hasher) {
		var zero K
		return zero, fmt.Errorf("%s.%s: not a key of this item: %x", m.pallet, m.name, full)
	}
	return m.keys.Decode(rest[hashLen(m.hasher):])
}

func (i *item[V]) suffix(full []byte) ([]byte, error) {
	if !bytes.HasPrefix(full, i.prefix) {
		return nil, fmt.Errorf("%s.%s: foreign key %x", i.pallet, i.name, full)
	}
	return full[len(i.prefix):], nil
}

// Put stores value under k.
func (m *mapping[K, V]) Put(ctx *Context, k K, value V) { m.put(ctx, m.Key(k), value) }

// Delete removes k.
func (m *mapping[K, V]) Delete(ctx *Context, k K) { ctx.Delete(m.Key(k)) }

// Contains says whether k is stored.
func (m *mapping[K, V]) Contains(ctx *Context, k K) bool { return ctx.Get(m.Key(k)) != nil }

// Iter lists all stored pairs in the order of their storage keys, which is not
// the order of K. The loop body may change the map.
func (m *mapping[K, V]) Iter(ctx *Context) iter.Seq2[K, V] { return m.IterAfter(ctx, nil) }

// IterAfter lists the pairs whose storage key is greater than the full key
// start, so that long lists can be walked in steps.
func (m *mapping[K, V]) IterAfter(ctx *Context, start []byte) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		ctx.Scan(m.prefix, start, func(key, value []byte) bool {
			k, err := m.DecodeKey(key)
			if err != nil {
				panic(stateError{err})
			}
			v, err := m.decode(ctx, value)
			if err != nil {
				panic(stateError{err})
			}
			return yield(k, v)
		})
	}
}

func (m *mapping[K, V]) entry() (entryShape, error) {
	return m.shape(scale.TypeOf[K](), m.hasher)
}

func mustEncode[T any](c *scale.Codec[T], v T) []byte { return mustAppend(nil, c, v) }

func mustAppend[T any](dst []byte, c *scale.Codec[T], v T) []byte {
	b, err := c.Append(dst, v)
	if err != nil {
		panic(fmt.Sprintf("runtime: encode key: %v", err))
	}
	return b
}

// Map is a map whose absent entries read as a default.
type Map[K, V any] struct{ mapping[K, V] }

// NewMap declares a map with modifier Default.
func NewMap[K, V any](pallet, name string, h Hasher, opts ...Option[V]) *Map[K, V] {
	return &Map[K, V]{newMapping[K](pallet, name, h, false, opts)}
}

// Get returns the value of k or the default.
func (m *Map[K, V]) Get(ctx *Context, k K) V {
	v, _ := m.get(ctx, m.Key(k))
	return v
}

// Mutate changes the value of k in place; an error leaves it as it was.
func (m *Map[K, V]) Mutate(ctx *Context, k K, fn func(*V) error) error {
	key := m.Key(k)
	v, _ := m.get(ctx, key)
	if err := fn(&v); err != nil {
		return err
	}
	m.put(ctx, key, v)
	return nil
}

// OptionalMap is a map whose entries may be absent.
type OptionalMap[K, V any] struct{ mapping[K, V] }

// NewOptionalMap declares a map with modifier Optional.
func NewOptionalMap[K, V any](pallet, name string, h Hasher) *OptionalMap[K, V] {
	return &OptionalMap[K, V]{newMapping[K, V](pallet, name, h, true, nil)}
}

// Get returns the value of k and whether there is one.
func (m *OptionalMap[K, V]) Get(ctx *Context, k K) (V, bool) { return m.get(ctx, m.Key(k)) }

// Mutate changes the value of k in place. It returns absent when there is
// none; an error of fn leaves the value as it was.
func (m *OptionalMap[K, V]) Mutate(ctx *Context, k K, absent error, fn func(*V) error) error {
	key := m.Key(k)
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

// Entry is the place of one key in a Map, for code that reads and writes it:
// the storage key is made once.
type Entry[K, V any] struct {
	of  *Map[K, V]
	key []byte
}

// At is the place of k.
func (m *Map[K, V]) At(k K) Entry[K, V] { return Entry[K, V]{m, m.Key(k)} }

// Get returns the stored value or the default.
func (e Entry[K, V]) Get(ctx *Context) V {
	v, _ := e.of.get(ctx, e.key)
	return v
}

// Put stores value.
func (e Entry[K, V]) Put(ctx *Context, value V) { e.of.put(ctx, e.key, value) }

// Delete removes the entry.
func (e Entry[K, V]) Delete(ctx *Context) { ctx.Delete(e.key) }
