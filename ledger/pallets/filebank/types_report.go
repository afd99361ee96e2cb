package filebank

import (
	"crypto/sha256"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// TagSigInfo is what a TEE worker signs with the master key when it has made
// the tags of a miner's fragments of one file (spec/podr2-tee.md §2.6,
// payload 1).
type TagSigInfo struct {
	Miner    substrate.AccountID                       `type:"AccountId"`
	Digest   scale.BoundedVec[DigestInfo, DigestBound] `type:"BoundedVec<DigestInfo, ConstU32<1000>>"`
	FileHash types.Hash                                `type:"Hash"`
}

func (TagSigInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:   "pallet_file_bank::types::TagSigInfo",
		Params: []scale.Param{{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()}},
	}
}

// Payload is the digest that the signature covers: SHA-256 over the encoding.
func (i TagSigInfo) Payload() [32]byte { return sha256.Sum256(scale.MustMarshal(i)) }

// DigestInfo says which TEE worker made the tag of a fragment.
type DigestInfo struct {
	Fragment types.Hash            `type:"Hash"`
	TEEPuk   types.WorkerPublicKey `scale:"tee_puk" type:"WorkerPublicKey"`
}

func (DigestInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_file_bank::types::DigestInfo"}
}

// DigestBound is the number of tags in one report.
type DigestBound struct{}

func (DigestBound) Max() int { return 1000 }

// IdleSpacePayload is the digest under the signature of a TEE worker that
// checked idle space: SHA-256 over the encoding of info and the worker's key
// (spec/podr2-tee.md §2.6, payload 2).
func IdleSpacePayload(info types.SpaceProofInfo, tee types.WorkerPublicKey) [32]byte {
	return sha256.Sum256(append(scale.MustMarshal(info), tee[:]...))
}
