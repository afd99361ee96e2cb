package runtime

import (
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Call is a dispatchable: a struct whose fields are its arguments.
type Call interface {
	// Dispatch runs the call. An error undoes everything it wrote.
	Dispatch(ctx *Context, origin Origin) error
}

// callInfoer is implemented by calls whose cost depends on their arguments.
type callInfoer interface{ DispatchInfo() substrate.DispatchInfo }

// callEnum is a pallet's Call enum.
type callEnum struct {
	*variants
	params []scale.Param
}

// callVariant couples a call's codec with its cost.
type callVariant struct {
	variant
	cost Cost
}

// Calls lists a pallet's calls under the Rust path of their enum.
func Calls(path string, calls ...callVariant) callEnum {
	list := make([]variant, len(calls))
	for i, c := range calls {
		list[i] = c.variant
		if _, dup := callCosts.LoadOrStore(c.goType, c.cost); dup {
			panic(fmt.Sprintf("runtime: call %v is declared twice", c.goType))
		}
	}
	return callEnum{newVariants(path, list), []scale.Param{{Name: "T"}}}
}

// With is the enum with further calls, for a later version of the pallet.
func (e callEnum) With(calls ...callVariant) callEnum {
	more := Calls("", calls...)
	return callEnum{newVariants(e.path, slices.Concat(e.list, more.list)), e.params}
}

// WithParams replaces the enum's type parameters, for the few pallets whose
// Call has others than T.
func (e callEnum) WithParams(params ...scale.Param) callEnum {
	e.params = params
	return e
}

// NewCall declares a call with its wire index, its name in metadata
// and its cost.
func NewCall[T Call](index uint8, name string, cost Cost) callVariant {
	return callVariant{newVariant[T](index, name), cost}
}

// callCosts maps a call's Go type to its declared Cost; written while packages
// initialise.
var callCosts sync.Map

// RuntimeCall is any call of the chain as extrinsics carry it:
// pallet index ‖ call index ‖ arguments.
type RuntimeCall struct{ Call Call }

// AppendScale appends the wire form.
func (c RuntimeCall) AppendScale(dst []byte) ([]byte, error) {
	at, ok := callPlaces.of(c.Call)
	if !ok {
		return nil, fmt.Errorf("encode call: %T is not a call of any registered pallet", c.Call)
	}
	return at.append(dst, c.Call)
}

// DecodeScale reads the wire form.
func (c *RuntimeCall) DecodeScale(d *scale.Decoder) error {
	v, err := decodeVariant(d, "call", func(p *Pallet) *variants { return p.Calls.variants })
	if err != nil {
		return err
	}
	c.Call = v.(Call)
	return nil
}

// ScaleType is the outer enum over all registered pallets that have calls.
func (RuntimeCall) ScaleType() scale.TypeInfo {
	return outerEnum("RuntimeCall", newestPallets(), (*Pallet).callType)
}

// Path are the names of the call's pallet and of the call itself; both are
// empty for a call of no registered pallet.
func (c RuntimeCall) Path() (pallet, call string) {
	if at, ok := callPlaces.of(c.Call); ok {
		return at.pallet.Name, at.v.name
	}
	return "", ""
}

// Name is the pallet's name and the call's, as in `Balances.transfer_keep_alive`.
func (c RuntimeCall) Name() string {
	pallet, call := c.Path()
	if pallet == "" {
		return fmt.Sprintf("%T", c.Call)
	}
	return pallet + "." + call
}

// Info is the call's declared cost.
func (c RuntimeCall) Info() substrate.DispatchInfo {
	if i, ok := c.Call.(callInfoer); ok {
		return i.DispatchInfo()
	}
	if cost, ok := callCosts.Load(reflect.TypeOf(c.Call)); ok {
		return cost.(Cost).info()
	}
	return substrate.DispatchInfo{}
}

func (p *Pallet) callType() scale.Type {
	if p.Calls.variants == nil {
		return scale.Type{}
	}
	return p.Calls.typ(p.Calls.params)
}

// places finds the pallet and variant of a Go type, for one kind of enum.
type places struct {
	enum  func(*Pallet) *variants
	mu    sync.RWMutex
	found map[reflect.Type]place // guarded by mu
}

var callPlaces = &places{enum: func(p *Pallet) *variants { return p.Calls.variants }}

func (ps *places) of(v any) (place, bool) {
	t := reflect.TypeOf(v)
	if t == nil {
		return place{}, false
	}
	ps.mu.RLock()
	at, ok := ps.found[t]
	ps.mu.RUnlock()
	if ok {
		return at, true
	}
	for _, p := range allPallets() {
		if ps.enum(p) == nil {
			continue
		}
		for j := range ps.enum(p).list {
			if v := &ps.enum(p).list[j]; v.goType == t {
				at = place{p, v}
				ps.mu.Lock()
				if ps.found == nil {
					ps.found = make(map[reflect.Type]place)
				}
				ps.found[t] = at
				ps.mu.Unlock()
				return at, true
			}
		}
	}
	return place{}, false
}

// outerEnum builds RuntimeCall, RuntimeEvent and RuntimeError of a set of pallets.
func outerEnum(name string, pallets *palletSet, inner func(*Pallet) scale.Type) scale.TypeInfo {
	def := &scale.TypeDef{Path: "cess_node_runtime::" + name, Kind: scale.KindVariant}
	for _, p := range pallets {
		if p == nil {
			continue
		}
		if t := inner(p); !t.IsZero() {
			def.Variants = append(def.Variants, scale.VariantDef{
				Index: p.Index, Name: p.Name,
				Fields: []scale.Field{{Type: t}},
			})
		}
	}
	return scale.TypeInfo{Def: def}
}
