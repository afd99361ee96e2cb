package audit

import (
	"crypto/sha256"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// IdleVerdict is what the master key signs about a proof of idle space: the
// fourth payload of spec/podr2-tee.md §2.6. Front, Rear and Accumulator are
// those of the challenge's snapshot.
type IdleVerdict struct {
	Miner       substrate.AccountID
	ProofHash   []byte
	Front, Rear uint64
	Accumulator types.Accumulator
	SpaceParam  SpaceChallengeParam
	Result      bool
	TEE         types.WorkerPublicKey
}

// Digest is the message that is signed: the SHA-256 of the SCALE encoding.
func (v IdleVerdict) Digest() [32]byte { return sha256.Sum256(scale.MustMarshal(v)) }

// ServiceVerdict is what the master key signs about a proof of service data:
// the fifth payload of spec/podr2-tee.md §2.6.
type ServiceVerdict struct {
	Miner       substrate.AccountID
	TEE         types.WorkerPublicKey
	Proof       []byte // as submitted
	Result      bool
	Challenge   QElement
	BloomFilter types.BloomFilter // of the challenge's snapshot
}

// Digest is the message that is signed: the SHA-256 of the SCALE encoding.
func (v ServiceVerdict) Digest() [32]byte { return sha256.Sum256(scale.MustMarshal(v)) }

// idlePayload is the verdict on the proof that a challenge holds.
func (c *Challenge) idlePayload(miner substrate.AccountID, proofHash []byte, result bool, tee types.WorkerPublicKey) IdleVerdict {
	s := &c.Snapshot.SpaceProofInfo
	return IdleVerdict{
		Miner: miner, ProofHash: proofHash, Front: s.Front, Rear: s.Rear, Accumulator: s.Accumulator,
		SpaceParam: c.Element.SpaceParam, Result: result, TEE: tee,
	}
}

// servicePayload is the verdict on the proof that a challenge holds.
func (c *Challenge) servicePayload(miner substrate.AccountID, proof []byte, result bool, tee types.WorkerPublicKey) ServiceVerdict {
	return ServiceVerdict{
		Miner: miner, TEE: tee, Proof: proof, Result: result,
		Challenge: c.Element.ServiceParam, BloomFilter: c.Snapshot.ServiceBloomFilter,
	}
}
