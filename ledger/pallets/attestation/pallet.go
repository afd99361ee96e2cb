// Package attestation verifies, on chain, the evidence of confidential
// machines in which TEE workers run: quotes of Intel TDX and reports of AMD
// SEV-SNP. The vendors' collateral is state: anybody may bring a newer piece,
// since the vendor's signature speaks for it. Verified evidence is remembered
// for a while under the hash of the registration that it names; TeeWorker
// looks there.
//
// The report data of evidence are the registration's hash and the hash of a
// block of the last EvidenceAge ones. Upstream leaves the second half zero;
// here zero is refused, because such evidence would be good for ever.
package attestation

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/attestation"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Attestation"
	index = 113
)

// Storage.
var (
	// TCBInfos is Intel's rating of a family of platforms, by FMSPC.
	TCBInfos = runtime.NewOptionalMap[FMSPC, Answer](name, "TcbInfos", runtime.Blake2_128Concat)

	// QEIdentity is what Intel's quoting enclave for TDs looks like.
	QEIdentity = runtime.NewOptionalValue[Answer](name, "QeIdentity")

	// PCKCRL are the platforms, and RootCRL the CAs, that Intel revoked.
	PCKCRL  = runtime.NewOptionalValue[RevocationList](name, "PckCrl")
	RootCRL = runtime.NewOptionalValue[RevocationList](name, "RootCrl")

	// SNPIssuers are AMD's certificates and revocation list of a product line.
	SNPIssuers = runtime.NewOptionalMap[ProductLine, SNPIssuer](name, "SnpIssuers", runtime.Blake2_128Concat)

	// MinimumTCB is the lowest firmware that reports of a product line may
	// name, byte by byte. Reports of a line without one are refused.
	MinimumTCB = runtime.NewOptionalMap[Authority, uint64](name, "MinimumTcb", runtime.Blake2_128Concat)

	// AllowSEPTVE accepts TDX machines without SEPT_VE_DISABLE, at confidence 3.
	AllowSEPTVE = runtime.NewValue[bool](name, "AllowSeptVe")

	// Evidence is verified evidence by the hash of the registration it names.
	Evidence = runtime.NewOptionalMap[substrate.H256, Verified](name, "Evidence", runtime.Blake2_128Concat)

	// LastUsed is the block that a worker's last evidence names: the next one
	// has to name a later block. Kept as long as older evidence could be fresh.
	LastUsed = runtime.NewOptionalMap[types.WorkerPublicKey, types.BlockNumber](
		name, "LastUsed", runtime.Twox64Concat)

	// Machines are what the records of TEE workers with evidence rest on:
	// TeeWorker's own shape calls them all Dcap.
	Machines = runtime.NewOptionalMap[types.WorkerPublicKey, Machine](name, "Machines", runtime.Twox64Concat)

	// Expiring lists what may be forgotten at a block.
	Expiring = runtime.NewMap[types.BlockNumber, Expiry](name, "Expiring", runtime.Twox64Concat)
)

// Constants.
var (
	// EvidenceAge is how many blocks back the block may lie that evidence
	// names.
	EvidenceAge = runtime.NewConstant[types.BlockNumber](name, "EvidenceAge", 600)
	// EvidenceLife is how many blocks verified evidence is remembered.
	EvidenceLife = runtime.NewConstant[types.BlockNumber](name, "EvidenceLife", 600)

	// DevelopmentRoots are root keys trusted beside the vendors' pinned ones:
	// for chains that try attestation out without such machines.
	DevelopmentRoots = runtime.NewParameter(name, "DevelopmentRoots", attestation.Roots(nil))
)

// Pallet is the declaration page of Attestation: its wire format, item by
// item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		TCBInfos,
		QEIdentity,
		PCKCRL,
		RootCRL,
		SNPIssuers,
		MinimumTCB,
		AllowSEPTVE,
		Evidence,
		LastUsed,
		Machines,
		Expiring,
	},
	Calls: runtime.Calls("pallet_attestation::pallet::Call",
		runtime.NewCall[SubmitCollateral](0, "submit_collateral", runtime.Work(1, 1)),
		runtime.NewCall[SubmitEvidence](1, "submit_evidence", runtime.Work(1, 2)),
		runtime.NewCall[SetMinimumTCB](2, "set_minimum_tcb", runtime.Work(0, 1)),
		runtime.NewCall[SetAllowSEPTVE](3, "set_allow_sept_ve", runtime.Work(0, 1)),
	),
	Events: runtime.Events("pallet_attestation::pallet::Event",
		runtime.Event[CollateralUpdatedEvent](0, "CollateralUpdated"),
		runtime.Event[EvidenceAcceptedEvent](1, "EvidenceAccepted"),
		runtime.Event[MinimumTCBSetEvent](2, "MinimumTcbSet"),
		runtime.Event[AllowSEPTVESetEvent](3, "AllowSeptVeSet"),
	),
	Errors: runtime.Errors("pallet_attestation::pallet::Error",
		ErrMalformed, ErrUnsupported, ErrCertificate, ErrSignature, ErrExpired, ErrTCB, ErrPolicy,
		ErrCollateralMissing, ErrNotNewer, ErrStale,
	),
	Constants: []runtime.ConstantItem{EvidenceAge, EvidenceLife, DevelopmentRoots},

	OnInitialize: onInitialize,
	Genesis:      genesis,
}
