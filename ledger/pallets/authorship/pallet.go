// Package authorship knows who wrote the block that runs. It looks the author
// up before anything else happens in the block: in its first block a session
// replaces the list of validators that the author's index refers to.
package authorship

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Authorship"
	index = 4
)

// Storage.
var (
	// Author is the stash of the running block's author; gone when the block
	// ends, and absent in blocks without one.
	Author = runtime.NewOptionalValue[substrate.AccountID](name, "Author")
)

// Pallet is the declaration page of Authorship: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:         name,
	Index:        index,
	Storage:      []runtime.StorageItem{Author},
	OnInitialize: onInitialize,
	OnFinalize:   onFinalize,
}
