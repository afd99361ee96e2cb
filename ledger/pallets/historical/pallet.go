// Package historical keeps a commitment to the validators of each session whose
// offences can still be punished.
//
// On the reference chain an offence report proves against it who owned a key.
// Here consensus itself names the validator of an offence (package r2s), so that
// nobody serves such proofs and none is accepted. The commitment is therefore a
// plain hash of the set, in the place and the shape in which clients look for
// the root of a trie (spec/consensus.md §9.3).
package historical

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Historical"
	index = 26
)

// Commitment is the hash of the validators of a session, and their number.
type Commitment struct {
	Root  substrate.H256
	Count uint32
}

// Range are the sessions from First to before End.
type Range struct{ First, End uint32 }

// Storage.
var (
	// Commitments are those of the sessions, by session index.
	Commitments = runtime.NewOptionalMap[uint32, Commitment](name, "HistoricalSessions", runtime.Twox64Concat)

	// StoredRange are the sessions that Commitments has.
	StoredRange = runtime.NewOptionalValue[Range](name, "StoredRange")
)

// Pallet is the declaration page of Historical: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{Commitments, StoredRange},
}

// MembershipProof would prove that a key belonged to a validator of a session.
type MembershipProof struct {
	Session        uint32   `type:"SessionIndex"`
	TrieNodes      [][]byte `type:"Vec<Vec<u8>>"`
	ValidatorCount uint32   `type:"ValidatorCount"`
}

// ScaleType is the framework's `MembershipProof`.
func (MembershipProof) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_session::MembershipProof"}
}
