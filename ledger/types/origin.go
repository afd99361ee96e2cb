package types

import (
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// OriginCaller is an origin as an argument of a call: on whose behalf
// `Utility.dispatch_as` and the scheduler run one.
type OriginCaller interface{ originCaller() }

// The variants of OriginCaller.
type (
	OriginSystem struct {
		Origin RawOrigin `scale:"_" type:"frame_system::Origin<Runtime>"`
	}
	OriginCouncil struct {
		Origin CollectiveOrigin `scale:"_" type:"pallet_collective::Origin<Runtime, pallet_collective::Instance1>"`
	}
	OriginTechnicalCommittee struct {
		Origin CollectiveOrigin `scale:"_" type:"pallet_collective::Origin<Runtime, pallet_collective::Instance2>"`
	}
	OriginEthereum struct {
		Origin EthereumOrigin `scale:"_" type:"pallet_ethereum::Origin"`
	}
)

func (OriginSystem) originCaller()             {}
func (OriginCouncil) originCaller()            {}
func (OriginTechnicalCommittee) originCaller() {}
func (OriginEthereum) originCaller()           {}

var _ = scale.RegisterEnum[OriginCaller](
	scale.TypeInfo{Path: "cess_node_runtime::OriginCaller"},
	scale.V[OriginCaller, OriginSystem](0, "system"),
	scale.V[OriginCaller, OriginCouncil](13, "Council"),
	scale.V[OriginCaller, OriginTechnicalCommittee](14, "TechnicalCommittee"),
	scale.V[OriginCaller, OriginEthereum](81, "Ethereum"),
)

// RawOrigin is an origin of the chain itself.
type RawOrigin interface{ rawOrigin() }

// The variants of RawOrigin.
type (
	RawRoot   struct{}
	RawSigned struct {
		Account substrate.AccountID `scale:"_" type:"AccountId"`
	}
	RawNone struct{}
)

func (RawRoot) rawOrigin()   {}
func (RawSigned) rawOrigin() {}
func (RawNone) rawOrigin()   {}

var _ = scale.RegisterEnum[RawOrigin](
	scale.TypeInfo{
		Path:   "frame_support::dispatch::RawOrigin",
		Params: []scale.Param{{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()}},
	},
	scale.V[RawOrigin, RawRoot](0, "Root"),
	scale.V[RawOrigin, RawSigned](1, "Signed"),
	scale.V[RawOrigin, RawNone](2, "None"),
)

// CollectiveOrigin is an origin of the council or the technical committee.
type CollectiveOrigin interface{ collectiveOrigin() }

// The variants of CollectiveOrigin.
type (
	// CollectiveMembers is the vote of Ayes members out of Seats.
	CollectiveMembers struct {
		Ayes  uint32 `scale:"_" type:"MemberCount"`
		Seats uint32 `scale:"_" type:"MemberCount"`
	}
	CollectiveMember struct {
		Account substrate.AccountID `scale:"_" type:"AccountId"`
	}
	// CollectivePhantom stands for nobody; it is part of the wire shape.
	CollectivePhantom struct{}
)

func (CollectiveMembers) collectiveOrigin() {}
func (CollectiveMember) collectiveOrigin()  {}
func (CollectivePhantom) collectiveOrigin() {}

var _ = scale.RegisterEnum[CollectiveOrigin](
	scale.TypeInfo{
		Path:   "pallet_collective::RawOrigin",
		Params: []scale.Param{{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()}, {Name: "I"}},
	},
	scale.V[CollectiveOrigin, CollectiveMembers](0, "Members"),
	scale.V[CollectiveOrigin, CollectiveMember](1, "Member"),
	scale.V[CollectiveOrigin, CollectivePhantom](2, "_Phantom"),
)

// EthereumOrigin is the sender of an Ethereum transaction.
type EthereumOrigin interface{ ethereumOrigin() }

// EthereumTransaction is the only EthereumOrigin.
type EthereumTransaction struct {
	Sender substrate.H160 `scale:"_" type:"H160"`
}

func (EthereumTransaction) ethereumOrigin() {}

var _ = scale.RegisterEnum[EthereumOrigin](
	scale.TypeInfo{Path: "pallet_ethereum::RawOrigin"},
	scale.V[EthereumOrigin, EthereumTransaction](0, "EthereumTransaction"),
)
