// Package r2s holds what the selection of validators needs beyond the
// framework's pallets (spec/consensus.md §9).
package r2s

import "github.com/gocess/gocess/ledger/runtime"

const (
	name  = "R2S"
	index = 114
)

// API is what other pallets and consensus ask.
type API struct{}

// Pallet is the declaration page of R2S.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{KeySets, KeySetStarts, Exclusions},
}
