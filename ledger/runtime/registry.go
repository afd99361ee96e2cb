package runtime

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gocess/gocess/primitives/scale"
)

// palletSet finds a pallet by its wire index.
type palletSet [256]*Pallet

// registry is every pallet of the program, of all versions of the runtime. What
// encodes calls and events needs no version, for a Go type has one place on the
// wire whatever the version. What decodes them outside of a runtime, as tools do,
// takes the pallet that was registered last.
var registry struct {
	newest atomic.Pointer[palletSet] // never changed, only replaced

	mu  sync.RWMutex // guards everything below, and replacing newest
	all []*Pallet
}

// Register makes pallets known to the call and event codecs. It is called while
// packages initialise, older versions of a pallet first; pallets of different
// names with one index are a programming error.
func Register(pallets ...*Pallet) {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	set := *newestPallets()
	for _, p := range pallets {
		known := set[p.Index]
		if known != nil && known.Name != p.Name {
			panic(fmt.Sprintf("runtime: pallets %s and %s share index %d", known.Name, p.Name, p.Index))
		}
		if !slices.Contains(registry.all, p) {
			registry.all = append(registry.all, p)
			set[p.Index] = p
		}
	}
	registry.newest.Store(&set)
}

// newestPallets are the pallets of no particular version.
func newestPallets() *palletSet {
	if set := registry.newest.Load(); set != nil {
		return set
	}
	return new(palletSet)
}

func palletAt(index uint8) *Pallet { return newestPallets()[index] }

// allPallets lists every pallet of every version.
func allPallets() []*Pallet {
	registry.mu.RLock()
	defer registry.mu.RUnlock()
	return registry.all[:len(registry.all):len(registry.all)]
}

// scopeOf is the scope of decoding for a runtime, nil for none.
func scopeOf(rt *Runtime) any {
	if rt == nil {
		return nil
	}
	return rt.byIndex
}

// palletsOf are the pallets that a decoding may mention.
func palletsOf(d *scale.Decoder) *palletSet {
	if set, ok := d.Scope().(*palletSet); ok {
		return set
	}
	return newestPallets()
}

// DecodeCall decodes the whole of b as a call of the runtime that executes.
func DecodeCall(ctx *Context, b []byte) (RuntimeCall, error) { return ctx.rt.DecodeCall(b) }

// NewDecoder is a decoder for types that contain calls of this runtime.
func (rt *Runtime) NewDecoder(b []byte) *scale.Decoder {
	d := scale.NewDecoder(b)
	d.SetScope(scopeOf(rt))
	return d
}

// DecodeCall decodes the whole of b as a call of this runtime; calls of other
// versions are none.
func (rt *Runtime) DecodeCall(b []byte) (RuntimeCall, error) {
	return scale.CodecFor[RuntimeCall]().DecodeIn(scopeOf(rt), b)
}
