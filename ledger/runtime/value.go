package runtime

import "github.com/gocess/gocess/primitives/scale"

// Value is a plain entry that reads as its default when absent.
type Value[V any] struct{ item[V] }

// NewValue declares a plain entry with modifier Default.
func NewValue[V any](pallet, name string, opts ...Option[V]) *Value[V] {
	return &Value[V]{newItem(pallet, name, false, opts)}
}

// Key is the full storage key.
func (v *Value[V]) Key() []byte { return v.Prefix() }

// Get returns the stored value or the default.
func (v *Value[V]) Get(ctx *Context) V {
	value, _ := v.get(ctx, v.prefix)
	return value
}

// Put stores value.
func (v *Value[V]) Put(ctx *Context, value V) { v.put(ctx, v.prefix, value) }

// Delete removes the entry, which then reads as the default.
func (v *Value[V]) Delete(ctx *Context) { ctx.Delete(v.prefix) }

// Exists says whether a value is stored.
func (v *Value[V]) Exists(ctx *Context) bool { return ctx.Get(v.prefix) != nil }

// Mutate changes the value in place.
func (v *Value[V]) Mutate(ctx *Context, fn func(*V)) {
	value := v.Get(ctx)
	fn(&value)
	v.Put(ctx, value)
}

func (v *Value[V]) entry() (entryShape, error) { return v.shape(scale.Type{}) }

// OptionalValue is a plain entry that may be absent.
type OptionalValue[V any] struct{ item[V] }

// NewOptionalValue declares a plain entry with modifier Optional.
func NewOptionalValue[V any](pallet, name string) *OptionalValue[V] {
	return &OptionalValue[V]{newItem[V](pallet, name, true, nil)}
}

// Key is the full storage key.
func (v *OptionalValue[V]) Key() []byte { return v.Prefix() }

// Get returns the stored value and whether there is one.
func (v *OptionalValue[V]) Get(ctx *Context) (V, bool) { return v.get(ctx, v.prefix) }

// Put stores value.
func (v *OptionalValue[V]) Put(ctx *Context, value V) { v.put(ctx, v.prefix, value) }

// Delete removes the entry.
func (v *OptionalValue[V]) Delete(ctx *Context) { ctx.Delete(v.prefix) }

// Exists says whether a value is stored.
func (v *OptionalValue[V]) Exists(ctx *Context) bool { return ctx.Get(v.prefix) != nil }

func (v *OptionalValue[V]) entry() (entryShape, error) { return v.shape(scale.Type{}) }
