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
	if any(c) == any(rt.shown) {
		return any(rt.version).(T)
	}
	if v, ok := rt.constants[c]; ok {
		return v.(T)
	}
	return c.value
}

// ConstantValue is a constant and its value in a version of the runtime.
type ConstantValue struct {
	item  ConstantItem
	value any
}

// Is gives the constant a value, for Config.Values.
func (c *Constant[T]) Is(v T) ConstantValue { return ConstantValue{c, v} }

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

// ConstantsKey is the storage key of the constants that the chain's spec sets:
// so the genesis hash binds them, and clients can read those too that metadata
// does not show.
const ConstantsKey = ":gocess:constants"

type namedConstant struct {
	Name  string
	Value []byte
}

func (rt *Runtime) putConstants(ctx *Context) error {
	if len(rt.constants) == 0 {
		return nil
	}
	var list []namedConstant
	for _, p := range rt.pallets {
		for _, c := range p.Constants {
			if _, set := rt.constants[c]; !set {
				continue
			}
			b, err := c.encoded(rt)
			if err != nil {
				return fmt.Errorf("constant %s: %w", c.fullName(), err)
			}
			list = append(list, namedConstant{c.fullName(), b})
		}
	}
	b, err := scale.Marshal(list)
	if err != nil {
		return err
	}
	ctx.Put([]byte(ConstantsKey), b)
	return nil
}

// Decode returns the constant's value on a chain that has stored under
// ConstantsKey; nil means that the chain sets none.
func (c *Constant[T]) Decode(stored []byte) (T, error) {
	if stored == nil {
		return c.value, nil
	}
	var zero T
	list, err := scale.Unmarshal[[]namedConstant](stored)
	if err != nil {
		return zero, fmt.Errorf("the chain's constants: %w", err)
	}
	for _, n := range list {
		if n.Name != c.fullName() {
			continue
		}
		v, err := scale.Unmarshal[T](n.Value)
		if err != nil {
			return zero, fmt.Errorf("constant %s: %w", c.fullName(), err)
		}
		return v, nil
	}
	return c.value, nil
}
