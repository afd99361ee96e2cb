package teeworker

import "github.com/gocess/gocess/primitives/scale"

// AttestationReport is evidence in upstream's form. Only a TDX quote inside
// SgxDcap is accepted; SEV-SNP has no variant here, see package attestation.
type AttestationReport interface{ attestationReport() }

// The variants of AttestationReport.
type (
	SgxIas struct {
		RAReport       []byte `scale:"ra_report" type:"Vec<u8>"`
		Signature      []byte `type:"Vec<u8>"`
		RawSigningCert []byte `type:"Vec<u8>"`
	}
	SgxDcap struct {
		Quote      []byte                   `type:"Vec<u8>"`
		Collateral scale.Option[Collateral] `type:"Option<Collateral>"`
	}
)

func (SgxIas) attestationReport()  {}
func (SgxDcap) attestationReport() {}

var _ = scale.RegisterEnum[AttestationReport](
	scale.TypeInfo{Path: "sgx_attestation::types::AttestationReport"},
	scale.V[AttestationReport, SgxIas](0, "SgxIas"),
	scale.V[AttestationReport, SgxDcap](1, "SgxDcap"),
)

// Collateral is what upstream sends along with a quote. The chain uses its own
// (package attestation).
type Collateral interface{ collateral() }

// SgxV30 is the only variant of Collateral.
type SgxV30 struct {
	Collateral SgxV30QuoteCollateral `scale:"_" type:"SgxV30QuoteCollateral"`
}

func (SgxV30) collateral() {}

var _ = scale.RegisterEnum[Collateral](
	scale.TypeInfo{Path: "sgx_attestation::types::Collateral"},
	scale.V[Collateral, SgxV30](0, "SgxV30"),
)

// SgxV30QuoteCollateral are answers of Intel's service.
type SgxV30QuoteCollateral struct {
	PckCrlIssuerChain     string `type:"String"`
	RootCaCrl             string `type:"String"`
	PckCrl                string `type:"String"`
	TcbInfoIssuerChain    string `type:"String"`
	TcbInfo               string `type:"String"`
	TcbInfoSignature      []byte `type:"Vec<u8>"`
	QeIdentityIssuerChain string `type:"String"`
	QeIdentity            string `type:"String"`
	QeIdentitySignature   []byte `type:"Vec<u8>"`
}

func (SgxV30QuoteCollateral) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sgx_attestation::types::SgxV30QuoteCollateral"}
}
