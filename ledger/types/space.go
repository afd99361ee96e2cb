package types

import (
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Accumulator is the RSA accumulator over a miner's idle files.
type Accumulator = [256]byte

// PoISKey is a miner's key for proofs of idle space: generator and modulus,
// big-endian.
type PoISKey struct {
	G [256]byte `type:"[u8; 256]"`
	N [256]byte `type:"[u8; 256]"`
}

// ScaleType is upstream's `cp_cess_common::PoISKey`.
func (PoISKey) ScaleType() scale.TypeInfo { return scale.TypeInfo{Path: "cp_cess_common::PoISKey"} }

// SpaceProofInfo is what the chain knows of a miner's idle files: those
// numbered Front+1 to Rear exist (spec/pallets-mining.md §0.3). It encodes to
// 816 bytes.
type SpaceProofInfo struct {
	Miner       substrate.AccountID `type:"AccountId"`
	Front       uint64              `type:"u64"`
	Rear        uint64              `type:"u64"`
	PoISKey     PoISKey             `scale:"pois_key" type:"PoISKey"`
	Accumulator Accumulator         `type:"Accumulator"`
}

// ScaleType is upstream's `cp_cess_common::SpaceProofInfo`.
func (SpaceProofInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:   "cp_cess_common::SpaceProofInfo",
		Params: []scale.Param{{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()}},
	}
}
