// Package collective lets a body of members decide by vote: the council and
// the technical committee. A member proposes a call; once enough members agree
// it runs, not as an account but with an origin that says how many of how many
// wanted it, so that other pallets can accept the vote of a majority where
// they would accept root (package origins).
//
// A motion ends when the votes decide it or when MotionDuration has passed;
// then members who did not vote count as voting like the prime member, or
// against the motion if there is none.
package collective

import (
	"encoding/json"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Bounds of the reference runtime.
const (
	maxProposals = 100
	maxMembers   = 100
)

// Collective is one of the two bodies: its storage, constants and errors.
type Collective struct {
	name  string
	index uint8

	// Proposals are the hashes of the open motions, in the order of proposal.
	Proposals *runtime.Value[scale.BoundedVec[substrate.H256, ProposalBound]]

	// ProposalOf is the call of an open motion.
	ProposalOf *runtime.OptionalMap[substrate.H256, runtime.RuntimeCall]

	// CostOf would be what the proposer paid for the storage. Members pay
	// nothing, as in the reference runtime, so that it stays empty.
	CostOf *runtime.OptionalMap[substrate.H256, Cost]

	// Voting are the votes on an open motion.
	Voting *runtime.OptionalMap[substrate.H256, Votes]

	// ProposalCount is the number of motions so far: the next one's index.
	ProposalCount *runtime.Value[uint32]

	// Members are ascending, each once.
	Members *runtime.Value[[]substrate.AccountID]

	// Prime is the member whose vote counts for those who do not vote.
	Prime *runtime.OptionalValue[substrate.AccountID]

	// MaxProposalWeight is what a motion's call may weigh: half a block.
	MaxProposalWeight *runtime.Constant[substrate.Weight]

	// MotionDuration is how long members may vote, in blocks; 5 days.
	MotionDuration *runtime.Constant[types.BlockNumber]

	Errors Errors
	Pallet *runtime.Pallet
}

// The two bodies.
var (
	Council            = declare[OfCouncil]("Council", 13)
	TechnicalCommittee = declare[OfTechnicalCommittee]("TechnicalCommittee", 14)
)

// Instance says which body a call or an event belongs to.
type Instance interface {
	collective() *Collective
	caller(o types.CollectiveOrigin) types.OriginCaller
}

// The instances.
type (
	OfCouncil            struct{}
	OfTechnicalCommittee struct{}
)

func (OfCouncil) collective() *Collective            { return Council }
func (OfTechnicalCommittee) collective() *Collective { return TechnicalCommittee }

func (OfCouncil) caller(o types.CollectiveOrigin) types.OriginCaller {
	return types.OriginCouncil{Origin: o}
}

func (OfTechnicalCommittee) caller(o types.CollectiveOrigin) types.OriginCaller {
	return types.OriginTechnicalCommittee{Origin: o}
}

// of is the body of an instance.
func of[I Instance]() *Collective {
	var i I
	return i.collective()
}

// instance are the type parameters of a pallet that occurs several times.
var instance = []scale.Param{{Name: "T"}, {Name: "I"}}

// declare is the declaration page of a body: its wire format, item by item.
func declare[I Instance](name string, index uint8) *Collective {
	c := &Collective{
		name: name, index: index,

		Proposals:     runtime.NewValue[scale.BoundedVec[substrate.H256, ProposalBound]](name, "Proposals"),
		ProposalOf:    runtime.NewOptionalMap[substrate.H256, runtime.RuntimeCall](name, "ProposalOf", runtime.Identity),
		CostOf:        runtime.NewOptionalMap[substrate.H256, Cost](name, "CostOf", runtime.Identity),
		Voting:        runtime.NewOptionalMap[substrate.H256, Votes](name, "Voting", runtime.Identity),
		ProposalCount: runtime.NewValue[uint32](name, "ProposalCount"),
		Members:       runtime.NewValue[[]substrate.AccountID](name, "Members"),
		Prime:         runtime.NewOptionalValue[substrate.AccountID](name, "Prime"),

		MaxProposalWeight: runtime.NewConstant(name, "MaxProposalWeight", substrate.Weight{
			RefTime: 1_000_000_000_000, ProofSize: 1<<63 - 1,
		}),
		MotionDuration: runtime.NewParameter[types.BlockNumber](name, "MotionDuration", 72_000),

		Errors: newErrors(index),
	}
	c.Pallet = &runtime.Pallet{
		Name:  name,
		Index: index,
		Storage: []runtime.StorageItem{
			c.Proposals,
			c.ProposalOf,
			c.CostOf,
			c.Voting,
			c.ProposalCount,
			c.Members,
			c.Prime,
		},
		Calls: runtime.Calls("pallet_collective::pallet::Call",
			runtime.NewCall[SetMembers[I]](0, "set_members", runtime.Work(maxProposals+2, maxProposals+2).Operational()),
			runtime.NewCall[Execute[I]](1, "execute", runtime.Work(1, 0).Operational()),
			runtime.NewCall[Propose[I]](2, "propose", runtime.Work(5, 4).Operational()),
			runtime.NewCall[Vote[I]](3, "vote", runtime.Work(2, 1).Operational()),
			runtime.NewCall[DisapproveProposal[I]](5, "disapprove_proposal", runtime.Work(1, 3)),
			runtime.NewCall[Close[I]](6, "close", runtime.Work(5, 3).Operational()),
			runtime.NewCall[Kill[I]](7, "kill", runtime.Work(2, 3)),
			runtime.NewCall[ReleaseProposalCost[I]](8, "release_proposal_cost", runtime.Work(1, 0)),
		).WithParams(instance...),
		Events: runtime.Events("pallet_collective::pallet::Event",
			runtime.Event[ProposedEvent[I]](0, "Proposed"),
			runtime.Event[VotedEvent[I]](1, "Voted"),
			runtime.Event[ApprovedEvent[I]](2, "Approved"),
			runtime.Event[DisapprovedEvent[I]](3, "Disapproved"),
			runtime.Event[ExecutedEvent[I]](4, "Executed"),
			runtime.Event[MemberExecutedEvent[I]](5, "MemberExecuted"),
			runtime.Event[ClosedEvent[I]](6, "Closed"),
			runtime.Event[KilledEvent[I]](7, "Killed"),
			runtime.Event[ProposalCostBurnedEvent[I]](8, "ProposalCostBurned"),
			runtime.Event[ProposalCostReleasedEvent[I]](9, "ProposalCostReleased"),
		).WithParams(instance...),
		Errors:    runtime.Errors("pallet_collective::pallet::Error", c.Errors.list()...).WithParams(instance...),
		Constants: []runtime.ConstantItem{c.MaxProposalWeight, c.MotionDuration},
		Genesis:   func(ctx *runtime.Context, raw json.RawMessage) error { return c.genesis(ctx, raw) },
	}
	return c
}
