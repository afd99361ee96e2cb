package runtime

import (
	"iter"

	"github.com/gocess/gocess/primitives/scale"
)

// OptionalTripleMap is a map of three keys whose entries may be absent.
type OptionalTripleMap[K1, K2, K3, V any] struct {
	item[V]
	hashers [3]Hasher
	keys1   *scale.Codec[K1]
	keys2   *scale.Codec[K2]
	keys3   *scale.Codec[K3]
}

// NewOptionalTripleMap declares a map of three keys with modifier Optional.
func NewOptionalTripleMap[K1, K2, K3, V any](pallet, name string, h1, h2, h3 Hasher) *OptionalTripleMap[K1, K2, K3, V] {
	return &OptionalTripleMap[K1, K2, K3, V]{
		newItem[V](pallet, name, true, nil), [3]Hasher{h1, h2, h3},
		scale.CodecFor[K1](), scale.CodecFor[K2](), scale.CodecFor[K3](),
	}
}

// Key is the full storage key of (k1, k2, k3).
func (m *OptionalTripleMap[K1, K2, K3, V]) Key(k1 K1, k2 K2, k3 K3) []byte {
	key := appendHashed(m.PrefixOf(k1), m.hashers[1], mustEncode(m.keys2, k2))
	return appendHashed(key, m.hashers[2], mustEncode(m.keys3, k3))
}

// PrefixOf is what all keys of k1 start with.
func (m *OptionalTripleMap[K1, K2, K3, V]) PrefixOf(k1 K1) []byte {
	return appendHashed(m.Prefix(), m.hashers[0], mustEncode(m.keys1, k1))
}

// DecodeKey recovers (k1, k2, k3) from a full storage key of this item.
func (m *OptionalTripleMap[K1, K2, K3, V]) DecodeKey(full []byte) (k1 K1, k2 K2, k3 K3, err error) {
	rest, err := m.suffix(full)
	if err != nil {
		return k1, k2, k3, err
	}
	if k1, rest, err = hashedKey[K1](rest, m.hashers[0]); err != nil {
		return k1, k2, k3, errShortKey(m.pallet, m.name, full)
	}
	if k2, rest, err = hashedKey[K2](rest, m.hashers[1]); err != nil {
		return k1, k2, k3, errShortKey(m.pallet, m.name, full)
	}
	if k3, rest, err = hashedKey[K3](rest, m.hashers[2]); err != nil || len(rest) > 0 {
		return k1, k2, k3, errShortKey(m.pallet, m.name, full)
	}
	return k1, k2, k3, nil
}

// hashedKey reads one key with its hash in front and returns what follows.
func hashedKey[K any](b []byte, h Hasher) (k K, rest []byte, err error) {
	if len(b) < hashLen(h) {
		return k, nil, ErrOther
	}
	k, n, err := scale.UnmarshalPrefix[K](b[hashLen(h):])
	if err != nil {
		return k, nil, err
	}
	return k, b[hashLen(h)+n:], nil
}

// Get returns the value of (k1, k2, k3) and whether there is one.
func (m *OptionalTripleMap[K1, K2, K3, V]) Get(ctx *Context, k1 K1, k2 K2, k3 K3) (V, bool) {
	return m.get(ctx, m.Key(k1, k2, k3))
}

// Put stores value under (k1, k2, k3).
func (m *OptionalTripleMap[K1, K2, K3, V]) Put(ctx *Context, k1 K1, k2 K2, k3 K3, value V) {
	m.put(ctx, m.Key(k1, k2, k3), value)
}

// Delete removes (k1, k2, k3).
func (m *OptionalTripleMap[K1, K2, K3, V]) Delete(ctx *Context, k1 K1, k2 K2, k3 K3) {
	ctx.Delete(m.Key(k1, k2, k3))
}

// Pair is the rest of a triple map's key.
type Pair[A, B any] struct {
	First  A
	Second B
}

// IterPrefix lists the entries of k1 in the order of their storage keys. The
// loop body may change the map.
func (m *OptionalTripleMap[K1, K2, K3, V]) IterPrefix(ctx *Context, k1 K1) iter.Seq2[Pair[K2, K3], V] {
	return func(yield func(Pair[K2, K3], V) bool) {
		ctx.Scan(m.PrefixOf(k1), nil, func(key, value []byte) bool {
			_, k2, k3, err := m.DecodeKey(key)
			if err != nil {
				panic(stateError{err})
			}
			v, err := m.decode(ctx, value)
			if err != nil {
				panic(stateError{err})
			}
			return yield(Pair[K2, K3]{k2, k3}, v)
		})
	}
}

func (m *OptionalTripleMap[K1, K2, K3, V]) entry() (entryShape, error) {
	return m.shape(scale.TypeOf[tripleKey[K1, K2, K3]](), m.hashers[:]...)
}

// tripleKey is the tuple that metadata shows as a triple map's key.
type tripleKey[K1, K2, K3 any] struct {
	First  K1 `scale:"_"`
	Second K2 `scale:"_"`
	Third  K3 `scale:"_"`
}
