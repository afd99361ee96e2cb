package system

import (
	"math"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// WeightLimits are the limits of a block's weight.
type WeightLimits struct {
	BaseBlock substrate.Weight                        `type:"Weight"` // what an empty block weighs
	MaxBlock  substrate.Weight                        `type:"Weight"`
	PerClass  substrate.PerDispatchClass[ClassLimits] `type:"PerDispatchClass<WeightsPerClass>"`
}

func (WeightLimits) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_system::limits::BlockWeights"}
}

// ClassLimits are the limits of one dispatch class. An absent limit is none.
type ClassLimits struct {
	BaseExtrinsic substrate.Weight               `type:"Weight"` // added to every extrinsic
	MaxExtrinsic  scale.Option[substrate.Weight] `type:"Option<Weight>"`
	MaxTotal      scale.Option[substrate.Weight] `type:"Option<Weight>"`
	Reserved      scale.Option[substrate.Weight] `type:"Option<Weight>"` // left to the class in a full block
}

func (ClassLimits) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_system::limits::WeightsPerClass"}
}

// LengthLimits are the limits of a block's extrinsics, in bytes.
type LengthLimits struct {
	Max substrate.PerDispatchClass[uint32] `type:"PerDispatchClass<u32>"`
}

func (LengthLimits) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_system::limits::BlockLength"}
}

var (
	defaultDBWeight = substrate.RuntimeDbWeight{Read: 25_000_000, Write: 100_000_000}

	// 5 MiB, of which 75 % are open to normal extrinsics.
	defaultLength = LengthLimits{Max: substrate.PerDispatchClass[uint32]{
		Normal:      3_932_160,
		Operational: 5_242_880,
		Mandatory:   5_242_880,
	}}

	// 2 s of ref_time per block, of which 75 % are open to normal extrinsics.
	// The proof sizes are fractions of 2^64−1: upstream does not limit them.
	defaultWeights = WeightLimits{
		BaseBlock: weight(431_614_000, 0),
		MaxBlock:  weight(2_000_000_000_000, math.MaxUint64),
		PerClass: substrate.PerDispatchClass[ClassLimits]{
			Normal: ClassLimits{
				BaseExtrinsic: weight(baseExtrinsic, 0),
				MaxExtrinsic:  scale.Some(weight(1_299_891_843_000, 11_990_383_647_911_208_550)),
				MaxTotal:      scale.Some(weight(1_500_000_000_000, 13_835_058_055_282_163_711)),
				Reserved:      scale.Some(weight(0, 0)),
			},
			Operational: ClassLimits{
				BaseExtrinsic: weight(baseExtrinsic, 0),
				MaxExtrinsic:  scale.Some(weight(1_799_891_843_000, 16_602_069_666_338_596_454)),
				MaxTotal:      scale.Some(weight(2_000_000_000_000, math.MaxUint64)),
				Reserved:      scale.Some(weight(500_000_000_000, 4_611_686_018_427_387_904)),
			},
			Mandatory: ClassLimits{BaseExtrinsic: weight(baseExtrinsic, 0)},
		},
	}
)

const baseExtrinsic = 108_157_000

func weight(refTime, proofSize uint64) substrate.Weight {
	return substrate.Weight{RefTime: refTime, ProofSize: proofSize}
}
