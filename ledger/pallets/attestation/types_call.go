package attestation

import "github.com/gocess/gocess/primitives/scale"

// Collateral is a piece of what a vendor publishes. Bodies are the JSON
// objects exactly as signed, without the envelope that the service answers
// with; chains are PEM, lists and single certificates DER.
type Collateral interface{ collateral() }

// The variants of Collateral.
type (
	TDXTCBInfo struct { // Body: the value of "tcbInfo"
		Body, Signature, Chain []byte
	}
	TDXQEIdentity struct { // Body: the value of "enclaveIdentity"
		Body, Signature, Chain []byte
	}
	TDXPCKCRL struct { // Chain: platform CA, root
		List, Chain []byte
	}
	TDXRootCRL struct {
		List, Root []byte
	}
	SNPLine struct {
		Issuer, Root []byte
		CRL          []byte `scale:"crl"`
	}
)

func (TDXTCBInfo) collateral()    {}
func (TDXQEIdentity) collateral() {}
func (TDXPCKCRL) collateral()     {}
func (TDXRootCRL) collateral()    {}
func (SNPLine) collateral()       {}

var _ = scale.RegisterEnum[Collateral](
	scale.TypeInfo{Path: "pallet_attestation::types::Collateral"},
	scale.V[Collateral, TDXTCBInfo](0, "TdxTcbInfo"),
	scale.V[Collateral, TDXQEIdentity](1, "TdxQeIdentity"),
	scale.V[Collateral, TDXPCKCRL](2, "TdxPckCrl"),
	scale.V[Collateral, TDXRootCRL](3, "TdxRootCrl"),
	scale.V[Collateral, SNPLine](4, "SnpLine"),
)

// Report is evidence as a machine makes it.
type Report interface{ report() }

// The variants of Report.
type (
	TDXQuote struct { // version 4
		Quote []byte
	}
	SNPReport struct {
		Report      []byte // 1184 bytes
		Endorsement []byte // certificate of the VCEK or VLEK, DER
	}
)

func (TDXQuote) report()  {}
func (SNPReport) report() {}

var _ = scale.RegisterEnum[Report](
	scale.TypeInfo{Path: "pallet_attestation::types::Report"},
	scale.V[Report, TDXQuote](0, "Tdx"),
	scale.V[Report, SNPReport](1, "SevSnp"),
)
