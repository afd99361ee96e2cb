package babe

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// Slot numbers the spans of time that a block may fall into.
type Slot uint64

func (Slot) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_slots::Slot", FieldTypeName: "u64"}
}

// Authority is a block author and its weight.
type Authority struct {
	Key    types.BabeKey
	Weight uint64
}

// AuthoritySet are the block authors of an epoch, in the order that author
// indices refer to.
type AuthoritySet = scale.WeakBoundedVec[Authority, AuthorityBound]

// EpochStartBlocks are the first blocks of two epochs in a row.
type EpochStartBlocks struct{ Previous, Current types.BlockNumber }

// SkippedEpoch ties an epoch to the session in which it began.
type SkippedEpoch struct {
	Epoch   uint64
	Session uint32
}

// Ratio is a pair of numbers that stands for a fraction.
type Ratio struct{ Numerator, Denominator uint64 }

// EpochConfiguration says which slots have an author: C is the probability of
// a primary one.
type EpochConfiguration struct {
	C            Ratio        `type:"(u64, u64)"`
	AllowedSlots AllowedSlots `type:"AllowedSlots"`
}

func (EpochConfiguration) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_babe::BabeEpochConfiguration"}
}

// AllowedSlots are the kinds of slots that may carry a block.
type AllowedSlots uint8

// The values of AllowedSlots.
const (
	PrimarySlots                  AllowedSlots = 0
	PrimaryAndSecondaryPlainSlots AllowedSlots = 1
	PrimaryAndSecondaryVRFSlots   AllowedSlots = 2
)

func (AllowedSlots) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_babe::AllowedSlots", Variants: []scale.VariantInfo{
		{Index: 0, Name: "PrimarySlots"},
		{Index: 1, Name: "PrimaryAndSecondaryPlainSlots"},
		{Index: 2, Name: "PrimaryAndSecondaryVRFSlots"},
	}}
}

// NextConfigDescriptor is a planned change of the configuration.
type NextConfigDescriptor interface{ nextConfigDescriptor() }

// NextConfigV1 is the only NextConfigDescriptor.
type NextConfigV1 struct {
	C            Ratio        `type:"(u64, u64)"`
	AllowedSlots AllowedSlots `type:"AllowedSlots"`
}

func (NextConfigV1) nextConfigDescriptor() {}

var _ = scale.RegisterEnum[NextConfigDescriptor](
	scale.TypeInfo{Path: "sp_consensus_babe::digests::NextConfigDescriptor"},
	scale.V[NextConfigDescriptor, NextConfigV1](1, "V1"),
)

// maxAuthorities bounds the authors of an epoch (spec/consensus.md §1).
const maxAuthorities = 100

// Bounds (spec/consensus.md §2.1).
type (
	AuthorityBound    struct{}
	SegmentBound      struct{}
	SkippedEpochBound struct{}
)

func (AuthorityBound) Max() int    { return maxAuthorities }
func (SegmentBound) Max() int      { return 256 }
func (SkippedEpochBound) Max() int { return 100 }
