package runtime

import (
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// StorageItem is the declaration of one storage entry, of any kind.
type StorageItem interface {
	// Pallet and Name are the two names that the key prefix hashes.
	Pallet() string
	Name() string
	// Prefix is the 32 bytes that all keys of the item start with.
	Prefix() []byte
	entry() (entryShape, error)
}

// entryShape is what metadata says about an item.
type entryShape struct {
	optional bool
	hashers  []Hasher // empty for a plain value
	key      scale.Type
	value    scale.Type
	fallback []byte
}

// item is the part that all kinds share.
type item[V any] struct {
	pallet, name string
	prefix       []byte
	optional     bool
	codec        *scale.Codec[V]
	fallback     *V
}

// Option tunes the declaration of a storage item.
type Option[V any] func(*item[V])

// Default sets the value that an absent entry reads as; without it, the zero
// value of V.
func Default[V any](v V) Option[V] { return func(i *item[V]) { i.fallback = &v } }

func newItem[V any](pallet, name string, optional bool, opts []Option[V]) item[V] {
	i := item[V]{
		pallet: pallet, name: name,
		prefix:   storagePrefix(pallet, name),
		optional: optional,
		codec:    scale.CodecFor[V](),
	}
	for _, opt := range opts {
		opt(&i)
	}
	return i
}

func (i *item[V]) Pallet() string { return i.pallet }
func (i *item[V]) Name() string   { return i.name }

// Prefix is shared: callers append to a copy only.
func (i *item[V]) Prefix() []byte { return i.prefix[:len(i.prefix):len(i.prefix)] }

// DecodeValue decodes a stored value.
func (i *item[V]) DecodeValue(b []byte) (V, error) { return i.decodeIn(nil, b) }

// decode is DecodeValue by the rules of the runtime that executes: it alone says
// what a call in a value means.
func (i *item[V]) decode(ctx *Context, b []byte) (V, error) { return i.decodeIn(ctx.rt, b) }

func (i *item[V]) decodeIn(rt *Runtime, b []byte) (V, error) {
	v, err := i.codec.DecodeIn(scopeOf(rt), b)
	if err != nil {
		return v, fmt.Errorf("decode %s.%s: %w", i.pallet, i.name, err)
	}
	return v, nil
}

// DefaultValue is what an absent entry reads as.
func (i *item[V]) DefaultValue() V {
	if i.fallback != nil {
		// Decode a fresh copy: values may hold slices that callers append to.
		if b, err := i.codec.Append(nil, *i.fallback); err == nil {
			if v, err := i.codec.Decode(b); err == nil {
				return v
			}
		}
	}
	var zero V
	return zero
}

func (i *item[V]) get(ctx *Context, key []byte) (V, bool) {
	b := ctx.Get(key)
	if b == nil {
		if i.optional {
			var zero V
			return zero, false
		}
		return i.DefaultValue(), false
	}
	v, err := i.decode(ctx, b)
	if err != nil {
		// Only this codec writes the item, so stored bytes that do not decode
		// mean a damaged database.
		panic(stateError{err})
	}
	return v, true
}

func (i *item[V]) put(ctx *Context, key []byte, v V) {
	b, err := i.codec.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("runtime: encode %s.%s: %v", i.pallet, i.name, err))
	}
	ctx.Put(key, b)
}

func (i *item[V]) shape(key scale.Type, hashers ...Hasher) (entryShape, error) {
	s := entryShape{optional: i.optional, hashers: hashers, key: key, value: scale.TypeOf[V]()}
	if i.optional {
		s.fallback = []byte{0}
		return s, nil
	}
	b, err := i.codec.Append(nil, i.DefaultValue())
	if err != nil {
		return s, fmt.Errorf("default of %s.%s: %w", i.pallet, i.name, err)
	}
	s.fallback = b
	return s, nil
}
