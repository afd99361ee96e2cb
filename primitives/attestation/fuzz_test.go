package attestation_test

import (
	"testing"

	"github.com/google/go-sev-guest/verify/testdata"

	"github.com/gocess/gocess/primitives/attestation"
)

// FuzzFMSPC takes quotes apart, certificates included, without verifying.
func FuzzFMSPC(f *testing.F) {
	f.Add(sampleQuote())
	f.Add(sampleQuote()[:700])
	f.Add([]byte{4, 0, 2, 0, 0x81, 0, 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := attestation.FMSPC(raw); err == nil && len(raw) < 1024 {
			t.Fatalf("a quote with three certificates in %d bytes", len(raw))
		}
	})
}

// FuzzProductLine takes reports apart.
func FuzzProductLine(f *testing.F) {
	f.Add(sampleReport(), testdata.VcekBytes)
	f.Add(sampleReport()[:600], []byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, raw, cert []byte) {
		if _, _, err := attestation.ProductLine(raw, cert); err == nil && len(raw) != 1184 {
			t.Fatalf("a report of %d bytes", len(raw))
		}
	})
}

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
