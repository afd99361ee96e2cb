package collective

import (
	"slices"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Votes are the votes on a motion.
type Votes struct {
	Index     uint32                `type:"ProposalIndex"`
	Threshold uint32                `type:"MemberCount"` // votes in favour that it needs
	Ayes      []substrate.AccountID `type:"Vec<AccountId>"`
	Nays      []substrate.AccountID `type:"Vec<AccountId>"`
	End       types.BlockNumber     `type:"BlockNumber"` // the first block in which silence counts
}

// ScaleType is upstream's type.
func (Votes) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_collective::Votes", Params: []scale.Param{
		{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()},
		{Name: "BlockNumber", Type: scale.TypeOf[types.BlockNumber]()},
	}}
}

// cast counts a member's vote, or its change of mind. first says whether the
// member had not voted; ok is false if it had voted the same way.
func (v *Votes) cast(who substrate.AccountID, approve bool) (first, ok bool) {
	to, from := &v.Ayes, &v.Nays
	if !approve {
		to, from = from, to
	}
	if slices.Contains(*to, who) {
		return false, false
	}
	*to = append(*to, who)
	i := slices.Index(*from, who)
	if i < 0 {
		return true, true
	}
	// The last one takes the place, as in the reference.
	last := len(*from) - 1
	(*from)[i] = (*from)[last]
	*from = (*from)[:last]
	return false, true
}

// drop removes the votes of those who are no longer members.
func (v *Votes) drop(outgoing []substrate.AccountID) {
	gone := func(who substrate.AccountID) bool { return slices.Contains(outgoing, who) }
	v.Ayes = slices.DeleteFunc(v.Ayes, gone)
	v.Nays = slices.DeleteFunc(v.Nays, gone)
}

// Cost is who paid for keeping a motion; here nobody, and nothing.
type Cost struct {
	Who  substrate.AccountID
	Cost substrate.Unit
}

// ProposalBound is the number of motions that may be open at once.
type ProposalBound struct{}

func (ProposalBound) Max() int { return maxProposals }
