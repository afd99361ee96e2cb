package attestation

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/attestation"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

func path(name string) scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_attestation::types::" + name}
}

// FMSPC is a family of Intel platforms.
type FMSPC = [6]byte

// Verified is what verified evidence says.
type Verified struct {
	Kind         Kind
	Measurement  substrate.H256    // of the program
	Registration substrate.H256    // first half of the report data
	Confidence   uint8             // 1, best, to 5
	Block        types.BlockNumber // that the second half of the report data names
	Expires      types.BlockNumber // when the chain forgets it
}

func (Verified) ScaleType() scale.TypeInfo { return path("Verified") }

// Kind is the technology.
type Kind uint8

// The kinds.
const (
	TDX    = Kind(attestation.TDX)
	SEVSNP = Kind(attestation.SEVSNP)
)

func (k Kind) String() string { return attestation.Kind(k).String() }

func (Kind) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_attestation::types::Kind", Variants: []scale.VariantInfo{
		{Index: 0, Name: "Tdx"},
		{Index: 1, Name: "SevSnp"},
	}}
}

// Machine is what a worker runs in, by its last evidence.
type Machine struct {
	Kind        Kind
	Measurement substrate.H256 // of the program
}

func (Machine) ScaleType() scale.TypeInfo { return path("Machine") }

// Authority is who signs for a family of processors.
type Authority uint8

// The authorities.
const (
	Intel    = Authority(attestation.Intel)
	AMDMilan = Authority(attestation.AMDMilan)
	AMDGenoa = Authority(attestation.AMDGenoa)
	AMDTurin = Authority(attestation.AMDTurin)
)

func (Authority) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_attestation::types::Authority", Variants: []scale.VariantInfo{
		{Index: 0, Name: "Intel"},
		{Index: 1, Name: "AmdMilan"},
		{Index: 2, Name: "AmdGenoa"},
		{Index: 3, Name: "AmdTurin"},
	}}
}

// Answer is an answer of Intel's certification service.
type Answer struct {
	Body      []byte // the JSON object exactly as signed
	Signature []byte // r ‖ s
	Chain     []byte // PEM: signing certificate, root
	Issued    uint64 // Unix seconds, from the body
}

func (Answer) ScaleType() scale.TypeInfo { return path("Answer") }

func (a Answer) signed() attestation.Signed {
	return attestation.Signed{Body: a.Body, Signature: a.Signature, Chain: a.Chain}
}

// RevocationList is a list in DER.
type RevocationList struct {
	List   []byte
	Issued uint64 // Unix seconds
}

func (RevocationList) ScaleType() scale.TypeInfo { return path("RevocationList") }

// ProductLine is a line of AMD processors. Those of clouds sign with a key of
// the cloud, VLEK, that has another issuer.
type ProductLine struct {
	Authority Authority
	VLEK      bool `scale:"vlek"`
}

func (ProductLine) ScaleType() scale.TypeInfo { return path("ProductLine") }

// SNPIssuer is what the processors of a line share; DER.
type SNPIssuer struct {
	Issuer []byte // ASK or ASVK
	Root   []byte // ARK
	CRL    []byte `scale:"crl"`
	Issued uint64 // Unix seconds; of the list
}

func (SNPIssuer) ScaleType() scale.TypeInfo { return path("SnpIssuer") }

// Expiry is what may be forgotten at a block.
type Expiry struct {
	Evidence []substrate.H256
	Workers  []types.WorkerPublicKey
}

func (Expiry) ScaleType() scale.TypeInfo { return path("Expiry") }
