// Package randomnesscollectiveflip remembers the hashes of the last 81 blocks
// and mixes them into a value that no single author decides.
//
// The value is known to all once the block is, and the author of the block
// before can choose among a few: use it for fairness between honest parties
// only. What money depends on draws on Babe's verifiable randomness.
package randomnesscollectiveflip

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "RandomnessCollectiveFlip"
	index = 27
)

// Storage.
var (
	// Material is a ring: the hash of block n is at place n mod 81.
	Material = runtime.NewValue[scale.BoundedVec[substrate.H256, MaterialBound]](name, "RandomMaterial")
)

// Pallet is the declaration page of RandomnessCollectiveFlip: its wire format,
// item by item.
var Pallet = &runtime.Pallet{
	Name:         name,
	Index:        index,
	Storage:      []runtime.StorageItem{Material},
	OnInitialize: onInitialize,
}

// maxMaterial is how many block hashes are mixed, 3 to the power of mixDepth.
const (
	mixDepth    = 4
	maxMaterial = 81
)

// MaterialBound is maxMaterial, checked while decoding.
type MaterialBound struct{}

func (MaterialBound) Max() int { return maxMaterial }
