package attestation_test

import (
	"testing"

	"github.com/gocess/gocess/primitives/attestation"
)

// FuzzVerifyTDX: whatever comes as quote and as collateral, there is an answer,
// and it is no unless the quote is the sample.
func FuzzVerifyTDX(f *testing.F) {
	quote, c, roots := crossQuote(f)
	f.Add(quote, c.TCBInfo.Chain, c.PCKCRL)
	f.Add(sampleQuote(), []byte{}, []byte{})
	f.Add([]byte{4, 0, 2, 0, 0x81, 0, 0, 0}, c.QEIdentity.Chain, c.RootCRL)
	f.Fuzz(func(t *testing.T, raw, chain, crl []byte) {
		_, _ = attestation.FMSPC(raw)
		changed := c
		changed.TCBInfo.Chain, changed.PCKCRL = chain, crl
		e, err := attestation.VerifyTDX(raw, changed, attestation.TDXPolicy{AllowSEPTVE: true}, roots, sampleTime)
		if err == nil && string(raw[:632]) != string(quote[:632]) {
			t.Fatalf("another quote is accepted: %+v", e)
		}
		_, _, _ = attestation.CheckTCBInfo(attestation.Signed{Body: raw, Signature: crl, Chain: chain}, roots, sampleTime)
		_, _ = attestation.CheckPCKCRL(crl, chain, roots, sampleTime)
		_, _ = attestation.CheckRootCRL(crl, raw, roots, sampleTime)
	})
}

// FuzzVerifySNP likewise.
func FuzzVerifySNP(f *testing.F) {
	c, roots := crossReport(f)
	f.Add(sampleReport(), c.Endorsement, c.CRL)
	f.Add([]byte{}, c.Issuer, c.Root)
	f.Fuzz(func(t *testing.T, raw, cert, crl []byte) {
		_, _, _ = attestation.ProductLine(raw, cert)
		changed := c
		changed.Endorsement, changed.CRL = cert, crl
		e, err := attestation.VerifySNP(raw, changed, attestation.AllowDebug(0), roots, sampleTime)
		if err == nil && string(raw) != string(sampleReport()) {
			t.Fatalf("another report is accepted: %+v", e)
		}
		changed.Issuer, changed.Root = cert, crl
		_, _ = attestation.CheckSNPIssuer(changed, roots, sampleTime)
	})
}
