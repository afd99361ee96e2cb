package runtime

import "github.com/gocess/gocess/primitives/substrate"

// limits bound a block and each extrinsic in it (spec/consensus.md §6.2).
// Weight counts in ref_time; proof_size is unbounded as upstream.
type limits struct {
	maxLength          int // any extrinsic, any class
	normalLength       int
	maxBlock           uint64
	baseBlock          uint64
	baseExtrinsic      uint64
	normalTotal        uint64
	normalExtrinsic    uint64
	operationalExtrins uint64
}

func defaultLimits() limits {
	return limits{
		maxLength:          5_242_880,
		normalLength:       3_932_160,
		maxBlock:           2_000_000_000_000,
		baseBlock:          431_614_000,
		baseExtrinsic:      BaseExtrinsicWeight,
		normalTotal:        1_500_000_000_000,
		normalExtrinsic:    1_299_891_843_000,
		operationalExtrins: 1_799_891_843_000,
	}
}

// BaseExtrinsicWeight is the ref_time that every extrinsic costs besides its
// call.
const BaseExtrinsicWeight = 108_157_000

// length is the most bytes that one block gives to a class.
func (l limits) length(class substrate.DispatchClass) int {
	if class == substrate.Normal {
		return l.normalLength
	}
	return l.maxLength
}

// fits says whether an extrinsic could be in any block at all.
func (l limits) fits(info substrate.DispatchInfo, length int) bool {
	switch info.Class {
	case substrate.Normal:
		return info.Weight.RefTime <= l.normalExtrinsic && length <= l.normalLength
	case substrate.Operational:
		return info.Weight.RefTime <= l.operationalExtrins && length <= l.maxLength
	}
	return true
}

// Usage is what the extrinsics of a block have used so far.
type Usage struct {
	Normal, Operational, Mandatory substrate.Weight
	// Length is in bytes, all classes together.
	Length int
	Count  uint32
}

func (u *Usage) of(class substrate.DispatchClass) *substrate.Weight {
	switch class {
	case substrate.Normal:
		return &u.Normal
	case substrate.Operational:
		return &u.Operational
	}
	return &u.Mandatory
}

// admit says whether an extrinsic still fits into the block.
func (l limits) admit(u *Usage, info substrate.DispatchInfo, length int) bool {
	if info.Class == substrate.Mandatory {
		return true
	}
	cost := info.Weight.RefTime + l.baseExtrinsic
	total := l.baseBlock + u.Normal.RefTime + u.Operational.RefTime + u.Mandatory.RefTime
	if total+cost > l.maxBlock || u.Length+length > l.length(info.Class) {
		return false
	}
	return info.Class != substrate.Normal || u.Normal.RefTime+cost <= l.normalTotal
}

// add counts an included extrinsic.
func (u *Usage) add(info substrate.DispatchInfo, length int) {
	w := u.of(info.Class)
	*w = w.Add(info.Weight).Add(substrate.Weight{RefTime: BaseExtrinsicWeight})
	u.Length += length
	u.Count++
}
