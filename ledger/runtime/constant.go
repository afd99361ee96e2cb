package runtime

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gocess/gocess/primitives/scale"
)

// Constant is a value fixed at genesis. Those made by NewConstant appear in
// metadata; those made by NewParameter are rules that upstream compiles in and
// a chain spec here may set.
type Constant[T any] struct {
	pallet, name string
	value        T
	hidden       bool
}

// NewConstant declares a metadata constant with its default.
func NewConstant[T any](pallet, name string, value T) *Constant[T] {
	return &Constant[T]{pallet: pallet, name: name, value: value}
}

// NewParameter declares a chain parameter that metadata does not show.
func NewParameter[T any](pallet, name string, value T) *Constant[T] {
	return &Constant[T]{pallet: pallet, name: name, value: value, hidden: true}
}

// Get returns the constant's value on this chain.
func (c *Constant[T]) Get(ctx *Context) T { return c.Of(ctx.rt) }

// Of returns the constant's value on the chain that rt runs.
func (c *Constant[T]) Of(rt *Runtime) T {
	if v, ok := rt.constants[c]; ok {
		return v.(T)
	}
	return c.value
}

// Default is the value on a chain that does not set the constant.
func (c *Constant[T]) Default() T { return c.value }

// ConstantItem is a Constant of any type.
type ConstantItem interface {
	fullName() string
	shortName() string
	isHidden() bool
	typ() scale.Type
	parse(raw json.RawMessage) (any, error)
	encoded(rt *Runtime) ([]byte, error)
}

func (c *Constant[T]) fullName() string  { return c.pallet + "." + c.name }
func (c *Constant[T]) shortName() string { return c.name }
func (c *Constant[T]) isHidden() bool    { return c.hidden }
func (c *Constant[T]) typ() scale.Type   { return scale.TypeOf[T]() }

func (c *Constant[T]) parse(raw json.RawMessage) (any, error) {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.DisallowUnknownFields()
	var v T
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("constant %s: %w", c.fullName(), err)
	}
	return v, nil
}

func (c *Constant[T]) encoded(rt *Runtime) ([]byte, error) { return scale.Marshal(c.Of(rt)) }
