package babe

import "github.com/gocess/gocess/primitives/scale"

// PreDigest is what an author says about its slot in the header's pre-runtime
// item of engine `BABE` (spec/consensus.md §2.2).
type PreDigest interface{ preDigest() }

// The variants of PreDigest.
type (
	Primary struct {
		Claim PrimaryPreDigest `scale:"_" type:"PrimaryPreDigest"`
	}
	SecondaryPlain struct {
		Claim SecondaryPlainPreDigest `scale:"_" type:"SecondaryPlainPreDigest"`
	}
	SecondaryVRF struct {
		Claim SecondaryVRFPreDigest `scale:"_" type:"SecondaryVRFPreDigest"`
	}
)

func (Primary) preDigest()        {}
func (SecondaryPlain) preDigest() {}
func (SecondaryVRF) preDigest()   {}

var _ = scale.RegisterEnum[PreDigest](
	scale.TypeInfo{Path: "sp_consensus_babe::digests::PreDigest"},
	scale.V[PreDigest, Primary](1, "Primary"),
	scale.V[PreDigest, SecondaryPlain](2, "SecondaryPlain"),
	scale.V[PreDigest, SecondaryVRF](3, "SecondaryVRF"),
)

// PrimaryPreDigest claims a slot by its VRF score.
type PrimaryPreDigest struct {
	AuthorityIndex uint32       `type:"super::AuthorityIndex"`
	Slot           Slot         `type:"Slot"`
	VRFSignature   VRFSignature `type:"VrfSignature"`
}

func (PrimaryPreDigest) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_babe::digests::PrimaryPreDigest"}
}

// SecondaryPlainPreDigest claims a slot by rotation.
type SecondaryPlainPreDigest struct {
	AuthorityIndex uint32 `type:"super::AuthorityIndex"`
	Slot           Slot   `type:"Slot"`
}

func (SecondaryPlainPreDigest) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_babe::digests::SecondaryPlainPreDigest"}
}

// SecondaryVRFPreDigest claims a slot by rotation and adds a VRF output.
type SecondaryVRFPreDigest struct {
	AuthorityIndex uint32       `type:"super::AuthorityIndex"`
	Slot           Slot         `type:"Slot"`
	VRFSignature   VRFSignature `type:"VrfSignature"`
}

func (SecondaryVRFPreDigest) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_babe::digests::SecondaryVRFPreDigest"}
}

// VRFSignature is an sr25519 VRF output with its proof.
type VRFSignature struct {
	PreOutput [32]byte `type:"VrfPreOutput"`
	Proof     [64]byte `type:"VrfProof"`
}

func (VRFSignature) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_core::sr25519::vrf::VrfSignature"}
}
