package upgrade

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// Plan says which runtime begins with which block.
type Plan struct {
	SpecVersion uint32            `type:"u32"`
	Height      types.BlockNumber `type:"BlockNumberFor<T>"` // the first block that it runs
}

// ScaleType names the type for clients.
func (Plan) ScaleType() scale.TypeInfo { return scale.TypeInfo{Path: "pallet_upgrade::Plan"} }
