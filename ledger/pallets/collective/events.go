package collective

import "github.com/gocess/gocess/primitives/substrate"

// ProposedEvent reports a motion that needs Threshold votes in favour.
type ProposedEvent[I Instance] struct {
	Account       substrate.AccountID `type:"T::AccountId"`
	ProposalIndex uint32              `type:"ProposalIndex"`
	ProposalHash  substrate.H256      `type:"T::Hash"`
	Threshold     uint32              `type:"MemberCount"`
}

// VotedEvent reports a member's vote and the state of the motion after it.
type VotedEvent[I Instance] struct {
	Account      substrate.AccountID `type:"T::AccountId"`
	ProposalHash substrate.H256      `type:"T::Hash"`
	Voted        bool                `type:"bool"`
	Yes          uint32              `type:"MemberCount"`
	No           uint32              `type:"MemberCount"`
}

// ApprovedEvent reports a motion that found enough votes.
type ApprovedEvent[I Instance] struct {
	ProposalHash substrate.H256 `type:"T::Hash"`
}

// DisapprovedEvent reports a motion that did not.
type DisapprovedEvent[I Instance] struct {
	ProposalHash substrate.H256 `type:"T::Hash"`
}

// ExecutedEvent carries the outcome of an approved call.
type ExecutedEvent[I Instance] struct {
	ProposalHash substrate.H256           `type:"T::Hash"`
	Result       substrate.DispatchResult `type:"DispatchResult"`
}

// MemberExecutedEvent carries the outcome of a call that one member made.
type MemberExecutedEvent[I Instance] struct {
	ProposalHash substrate.H256           `type:"T::Hash"`
	Result       substrate.DispatchResult `type:"DispatchResult"`
}

// ClosedEvent reports the end of a vote, with the votes as given.
type ClosedEvent[I Instance] struct {
	ProposalHash substrate.H256 `type:"T::Hash"`
	Yes          uint32         `type:"MemberCount"`
	No           uint32         `type:"MemberCount"`
}

// KilledEvent reports a motion that root removed.
type KilledEvent[I Instance] struct {
	ProposalHash substrate.H256 `type:"T::Hash"`
}

// ProposalCostBurnedEvent would report what the proposer of a killed motion
// lost; no motion costs anything.
type ProposalCostBurnedEvent[I Instance] struct {
	ProposalHash substrate.H256      `type:"T::Hash"`
	Who          substrate.AccountID `type:"T::AccountId"`
}

// ProposalCostReleasedEvent would report what a proposer got back.
type ProposalCostReleasedEvent[I Instance] struct {
	ProposalHash substrate.H256      `type:"T::Hash"`
	Who          substrate.AccountID `type:"T::AccountId"`
}
