package audit

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// Challenge is an open challenge: what the miner had when it started, what is
// asked, and what was answered so far.
type Challenge struct {
	Snapshot MinerSnapshot    `scale:"miner_snapshot" type:"MinerSnapShot<T>"`
	Element  ChallengeElement `scale:"challenge_element" type:"ChallengeElement<T>"`
	Proofs   Proofs           `scale:"prove_info" type:"ProveInfo<T>"`
}

func (Challenge) ScaleType() scale.TypeInfo { return typeInfo("ChallengeInfo") }

// MinerSnapshot is a miner's record as of the start of the challenge. Spaces
// are in bytes.
type MinerSnapshot struct {
	IdleSpace          scale.U128           `type:"u128"`
	ServiceSpace       scale.U128           `type:"u128"`
	ServiceBloomFilter types.BloomFilter    `type:"BloomFilter"`
	SpaceProofInfo     types.SpaceProofInfo `type:"SpaceProofInfo<AccountOf<T>>"`
	TEESignature       types.TEESignature   `type:"TeeSig"`
}

func (MinerSnapshot) ScaleType() scale.TypeInfo { return typeInfo("MinerSnapShot") }

// ChallengeElement is the question and its deadlines: proofs count up to and
// including the block of their slip, verdicts up to and including VerifySlip,
// the only field that changes while the challenge is open.
type ChallengeElement struct {
	Start        types.BlockNumber   `type:"BlockNumberFor<T>"`
	IdleSlip     types.BlockNumber   `type:"BlockNumberFor<T>"`
	ServiceSlip  types.BlockNumber   `type:"BlockNumberFor<T>"`
	VerifySlip   types.BlockNumber   `type:"BlockNumberFor<T>"`
	SpaceParam   SpaceChallengeParam `type:"SpaceChallengeParam"`
	ServiceParam QElement            `type:"QElement"`
}

func (ChallengeElement) ScaleType() scale.TypeInfo { return typeInfo("ChallengeElement") }

// SpaceChallengeParam are nodes of the last layer of the PoIS graph.
type SpaceChallengeParam = [8]uint64

// QElement are the blocks of each fragment that version 1 of PoDR² asks for:
// the k-th index has the k-th value as coefficient.
type QElement struct {
	RandomIndexList scale.BoundedVec[uint32, QElementBound]   `type:"BoundedVec<u32, ConstU32<1024>>"`
	RandomList      scale.BoundedVec[[20]byte, QElementBound] `type:"BoundedVec<[u8; 20], ConstU32<1024>>"`
}

func (QElement) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_audit::types::QElement"}
}

// Proofs are the miner's answers.
type Proofs struct {
	Assign  uint8                      `type:"u8"` // how often the verify window was extended
	Idle    scale.Option[IdleProof]    `scale:"idle_prove" type:"Option<IdleProveInfo<T>>"`
	Service scale.Option[ServiceProof] `scale:"service_prove" type:"Option<ServiceProveInfo<T>>"`
}

func (Proofs) ScaleType() scale.TypeInfo { return typeInfo("ProveInfo") }

// IdleProof is the answer about idle space, the TEE worker that should judge
// it, and the verdict.
type IdleProof struct {
	TEE     types.WorkerPublicKey `scale:"tee_puk" type:"WorkerPublicKey"`
	Proof   IdleProofBytes        `scale:"idle_prove" type:"BoundedVec<u8, T::IdleTotalHashLength>"`
	Verdict scale.Option[bool]    `scale:"verify_result" type:"Option<bool>"`
}

func (IdleProof) ScaleType() scale.TypeInfo { return typeInfo("IdleProveInfo") }

// ServiceProof is the answer about service data, the TEE worker that should
// judge it, and the verdict.
type ServiceProof struct {
	TEE     types.WorkerPublicKey `scale:"tee_puk" type:"WorkerPublicKey"`
	Proof   ServiceProofBytes     `scale:"service_prove" type:"BoundedVec<u8, T::SigmaMax>"`
	Verdict scale.Option[bool]    `scale:"verify_result" type:"Option<bool>"`
}

func (ServiceProof) ScaleType() scale.TypeInfo { return typeInfo("ServiceProveInfo") }

func typeInfo(name string) scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_audit::types::" + name, Params: []scale.Param{{Name: "T"}}}
}

// Judgement is what a service verdict did, so that it can be undone while its
// challenge exists.
type Judgement struct {
	At types.BlockNumber
	// TEE signed the verdict; none if the chain judged the proof itself.
	TEE scale.Option[types.WorkerPublicKey]
	// FailedBefore is the miner's CountedServiceFailed before the verdict.
	FailedBefore uint32
	// Fine is what the miner lost by it, in planck.
	Fine types.Balance
	// Reward is the record of the completed challenge, if there is one.
	Reward scale.Option[RewardRecord]
}

// RewardRecord finds a completed challenge among a miner's snapshots.
type RewardRecord struct {
	Era    uint32
	Finish types.BlockNumber
}

// Byte strings with their bounds, which are checked while decoding.
type (
	// IdleProofBytes is the SHA-256 of the hashes of all proofs of space, by
	// convention of 32 bytes.
	IdleProofBytes = scale.BoundedVec[byte, IdleProofBound]
	// ServiceProofBytes is a proof of PoDR²: the decimal digits of version 1,
	// the 129 bytes of version 2, or nothing if there are no fragments.
	ServiceProofBytes = scale.BoundedVec[byte, ServiceProofBound]

	IdleProofBound    struct{}
	ServiceProofBound struct{}
	QElementBound     struct{}
)

const (
	maxIdleProof    = 256
	maxServiceProof = 2048
)

func (IdleProofBound) Max() int    { return maxIdleProof }
func (ServiceProofBound) Max() int { return maxServiceProof }
func (QElementBound) Max() int     { return 1024 }
