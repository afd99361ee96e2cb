// Package historical is where the reference chain keeps a commitment to the
// validators of each past session, against which an offence report proves who
// owned a key. Here consensus itself names the validator of an offence, so
// that nothing needs a commitment and none is made: the entries exist for
// clients and are empty.
package historical

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Historical"
	index = 26
)

// Commitment is the trie root over the validators of a session, and their
// number.
type Commitment struct {
	Root  substrate.H256
	Count uint32
}

// Range are the sessions from First to before End.
type Range struct{ First, End uint32 }

// Storage.
var (
	// Sessions are the commitments by session index.
	Sessions = runtime.NewOptionalMap[uint32, Commitment](name, "HistoricalSessions", runtime.Twox64Concat)

	// StoredRange are the sessions that Sessions has.
	StoredRange = runtime.NewOptionalValue[Range](name, "StoredRange")
)

// Pallet is the declaration page of Historical: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{Sessions, StoredRange},
}
