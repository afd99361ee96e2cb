package grandpa

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// Authority is a finality voter and its weight, which is always 1.
type Authority struct {
	Key    types.GrandpaKey
	Weight uint64
}

// AuthoritySet are the voters in the order of Session.Validators.
type AuthoritySet = scale.WeakBoundedVec[Authority, AuthorityBound]

// AuthorityBound is the most voters that a set has.
type AuthorityBound struct{}

// maxAuthorities bounds a set (spec/consensus.md §1).
const maxAuthorities = 100

func (AuthorityBound) Max() int { return maxAuthorities }

// StoredState says whether finality works. Here it always does.
type StoredState interface{ storedState() }

// The variants of StoredState.
type (
	// Live: every block is final when it is there.
	Live         struct{}
	PendingPause struct {
		ScheduledAt types.BlockNumber `type:"N"`
		Delay       types.BlockNumber `type:"N"`
	}
	Paused        struct{}
	PendingResume struct {
		ScheduledAt types.BlockNumber `type:"N"`
		Delay       types.BlockNumber `type:"N"`
	}
)

func (Live) storedState()          {}
func (PendingPause) storedState()  {}
func (Paused) storedState()        {}
func (PendingResume) storedState() {}

var numberParam = scale.Param{Name: "N", Type: scale.TypeOf[types.BlockNumber]()}

var _ = scale.RegisterEnum[StoredState](
	scale.TypeInfo{Path: "pallet_grandpa::StoredState", Params: []scale.Param{numberParam}},
	scale.V[StoredState, Live](0, "Live"),
	scale.V[StoredState, PendingPause](1, "PendingPause"),
	scale.V[StoredState, Paused](2, "Paused"),
	scale.V[StoredState, PendingResume](3, "PendingResume"),
)

// StoredPendingChange is a change of voters that is still to come.
type StoredPendingChange struct {
	ScheduledAt     types.BlockNumber               `type:"N"`
	Delay           types.BlockNumber               `type:"N"`
	NextAuthorities AuthoritySet                    `type:"BoundedAuthorityList<Limit>"`
	Forced          scale.Option[types.BlockNumber] `type:"Option<N>"`
}

// ScaleType is upstream's `StoredPendingChange`.
func (StoredPendingChange) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:   "pallet_grandpa::StoredPendingChange",
		Params: []scale.Param{numberParam, {Name: "Limit"}},
	}
}

// StalledAt is what note_stalled was told: how long to wait, and the last block
// that was final.
type StalledAt struct{ Wait, Finalized types.BlockNumber }
