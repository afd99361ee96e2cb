package grandpa

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// EquivocationProof shows two votes of one voter in a round of GRANDPA.
type EquivocationProof struct {
	SetID        uint64       `type:"SetId"`
	Equivocation Equivocation `type:"Equivocation<H, N>"`
}

// ScaleType is the framework's `EquivocationProof`.
func (EquivocationProof) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_grandpa::EquivocationProof", Params: hashNumber}
}

var hashNumber = []scale.Param{{Name: "H", Type: scale.TypeOf[substrate.H256]()}, numberParam}

// Equivocation is a pair of votes of one kind.
type Equivocation interface{ equivocation() }

// The variants of Equivocation.
type (
	PrevoteEquivocation struct {
		Votes Votes[Prevote] "scale:\"_\" type:\"finality_grandpa::Equivocation<AuthorityId, finality_grandpa::Prevote<\\nH, N>, AuthoritySignature,>\""
	}
	PrecommitEquivocation struct {
		Votes Votes[Precommit] "scale:\"_\" type:\"finality_grandpa::Equivocation<AuthorityId, finality_grandpa::Precommit\\n<H, N>, AuthoritySignature,>\""
	}
)

func (PrevoteEquivocation) equivocation()   {}
func (PrecommitEquivocation) equivocation() {}

var _ = scale.RegisterEnum[Equivocation](
	scale.TypeInfo{Path: "sp_consensus_grandpa::Equivocation", Params: hashNumber},
	scale.V[Equivocation, PrevoteEquivocation](0, "Prevote"),
	scale.V[Equivocation, PrecommitEquivocation](1, "Precommit"),
)

// Votes are two votes of one voter in one round.
type Votes[V any] struct {
	RoundNumber uint64           `type:"u64"`
	Identity    types.GrandpaKey `type:"Id"`
	First       SignedVote[V]    `type:"(V, S)"`
	Second      SignedVote[V]    `type:"(V, S)"`
}

// ScaleType is `Equivocation` of the finality gadget.
func (Votes[V]) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "finality_grandpa::Equivocation", Params: []scale.Param{
		{Name: "Id", Type: scale.TypeOf[types.GrandpaKey]()},
		{Name: "V", Type: scale.TypeOf[V]()},
		{Name: "S", Type: scale.TypeOf[Signature]()},
	}}
}

// SignedVote is a vote with its signature.
type SignedVote[V any] struct {
	Vote      V
	Signature Signature
}

// Prevote is a vote of a round's first phase.
type Prevote struct {
	TargetHash   substrate.H256    `type:"H"`
	TargetNumber types.BlockNumber `type:"N"`
}

// ScaleType is `Prevote` of the finality gadget.
func (Prevote) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "finality_grandpa::Prevote", Params: hashNumber}
}

// Precommit is a vote of a round's second phase.
type Precommit struct {
	TargetHash   substrate.H256    `type:"H"`
	TargetNumber types.BlockNumber `type:"N"`
}

// ScaleType is `Precommit` of the finality gadget.
func (Precommit) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "finality_grandpa::Precommit", Params: hashNumber}
}

// Signature is that of a grandpa key.
type Signature [64]byte

// ScaleType is the framework's ed25519 signature of GRANDPA.
func (Signature) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_grandpa::app::Signature", FieldTypeName: "ed25519::Signature"}
}
