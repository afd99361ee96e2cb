package teeworker

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Worker is the record of a registered worker.
type Worker struct {
	PublicKey           types.WorkerPublicKey             `scale:"pubkey" type:"WorkerPublicKey"`
	ECDHPublicKey       ECDHPublicKey                     `scale:"ecdh_pubkey" type:"EcdhPublicKey"`
	Version             uint32                            `type:"u32"`               // major<<16 | minor<<8 | patch
	LastUpdated         uint64                            `type:"u64"`               // Unix seconds
	StashAccount        scale.Option[substrate.AccountID] `type:"Option<AccountId>"` // markers have none
	AttestationProvider scale.Option[AttestationProvider] `type:"Option<AttestationProvider>"`
	ConfidenceLevel     uint8                             `type:"u8"`
	Features            []uint32                          `type:"Vec<u32>"` // number of cores, class of CPU
	Role                Role                              `type:"WorkerRole"`
	Endpoint            string                            `type:"String"`
}

func (Worker) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_tee_worker::pallet::WorkerInfo", Params: accountParam}
}

var accountParam = []scale.Param{{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()}}

// WorkerRegistrationInfo is what a worker says about itself; evidence commits
// to its Hash.
type WorkerRegistrationInfo struct {
	Version          uint32                            `type:"u32"` // major<<16 | minor<<8 | patch
	MachineID        []byte                            `type:"MachineId"`
	PublicKey        types.WorkerPublicKey             `scale:"pubkey" type:"WorkerPublicKey"`
	ECDHPublicKey    ECDHPublicKey                     `scale:"ecdh_pubkey" type:"EcdhPublicKey"`
	StashAccount     scale.Option[substrate.AccountID] `type:"Option<AccountId>"`
	GenesisBlockHash substrate.H256                    `type:"H256"`
	Features         []uint32                          `type:"Vec<u32>"`
	Role             Role                              `type:"WorkerRole"`
	Endpoint         string                            `type:"String"`
}

func (WorkerRegistrationInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "ces_types::WorkerRegistrationInfo", Params: accountParam}
}

// Hash is the first half of the report data in a worker's evidence:
// blake2_256 of the SCALE encoding.
func (i WorkerRegistrationInfo) Hash() substrate.H256 {
	return crypto.Blake2b256(scale.MustMarshal(i))
}

// Longest variable parts of a registration; state keeps two of them.
const (
	maxMachineID = 64  // bytes
	maxFeatures  = 16  // entries
	maxEndpoint  = 256 // bytes
)

func (i *WorkerRegistrationInfo) check() error {
	if len(i.MachineID) > maxMachineID || len(i.Features) > maxFeatures || len(i.Endpoint) > maxEndpoint {
		return ErrBoundedVec
	}
	return nil
}

// ECDHPublicKey is the Ristretto key to which secrets are encrypted for a
// worker.
type ECDHPublicKey = [32]byte

// Version is major, minor and patch.
type Version struct {
	Major uint32 `scale:"_"`
	Minor uint32 `scale:"_"`
	Patch uint32 `scale:"_"`
}

// Role is what a worker does.
type Role uint8

// The roles.
const (
	Full     Role = iota // everything
	Verifier             // verifies proofs of challenges
	Marker               // tags fragments and certifies idle space
)

func (Role) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "ces_types::WorkerRole", Variants: []scale.VariantInfo{
		{Index: 0, Name: "Full"},
		{Index: 1, Name: "Verifier"},
		{Index: 2, Name: "Marker"},
	}}
}

func (r Role) marks() bool    { return r == Full || r == Marker }
func (r Role) verifies() bool { return r == Full || r == Verifier }

// AttestationProvider says who vouches for a worker's hardware. The wire has
// no entry for AMD: evidence of SEV-SNP counts as Dcap, evidence signed by a
// chain of the vendor's certificates; Attestation.Machines tells them apart.
type AttestationProvider uint8

// The providers.
const (
	ProviderRoot AttestationProvider = iota // registered by governance, without evidence
	ProviderIas                             // Intel's service for EPID, retired
	ProviderDcap
)

func (AttestationProvider) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path: "ces_types::attestation::allow_deprecated_enum_variant::AttestationProvider",
		Variants: []scale.VariantInfo{
			{Index: 0, Name: "Root"},
			{Index: 1, Name: "Ias"},
			{Index: 2, Name: "Dcap"},
		},
	}
}

// unattested is the confidence level of a worker without evidence.
const unattested = 128

// maxWorkers bounds the workers that verify, and with them all.
const maxWorkers = 10_000

// WorkerBound bounds ValidationTypeList.
type WorkerBound struct{}

func (WorkerBound) Max() int { return maxWorkers }
