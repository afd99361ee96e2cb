package attestation_test

import (
	"bytes"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-sev-guest/verify/testdata"
	"github.com/google/go-sev-guest/verify/trust"
	tdxverify "github.com/google/go-tdx-guest/verify"

	"github.com/gocess/gocess/primitives/attestation"
	"github.com/gocess/gocess/primitives/attestation/attestationtest"
)

// crossQuote is the real quote with its platform CA under an authority of the
// test, and Intel's collateral of that day under it too, except that the
// rating's first level is lowered to what the platform has.
func crossQuote(t testing.TB) ([]byte, attestation.TDXCollateral, attestation.Roots) {
	t.Helper()
	v, err := attestationtest.NewIntel(sampleTime)
	if err != nil {
		t.Fatal(err)
	}
	quote, real := sampleQuote(), sampleCollateral(t)
	certificates, err := attestation.CertificatesOf(quote)
	if err != nil {
		t.Fatal(err)
	}
	pck, _ := firstPEM(t, certificates)
	_, platformCA := firstPEM(t, certificates[len(pck):])
	_, signing := firstPEM(t, real.QEIdentity.Chain)
	lowered := real.TCBInfo.Body
	for _, component := range []struct{ name, asked, had string }{
		{`"category":"BIOS","type":"Early Microcode Update"`, "5", "3"},
		{`"category":"OS/VMM","type":"SGX Late Microcode Update"`, "5", "3"},
		{`"category":"BIOS"`, "3", "2"},
		{`"category":"OS/VMM","type":"SEAMLDR ACM"`, "3", "2"},
		{`"category":"OS/VMM","type":"TDX Late Microcode Update"`, "5", "0"},
	} {
		lowered = bytes.Replace(lowered, []byte(`{"svn":`+component.asked+`,`+component.name+`}`),
			[]byte(`{"svn":`+component.had+`,`+component.name+`}`), 1)
	}
	c := real
	c.TCBInfo = v.Sign(lowered)
	c.QEIdentity.Chain = v.CrossSigning(signing)
	c.RootCRL = v.RootCRL(sampleTime.Add(-time.Hour))
	return v.Cross(quote, platformCA, pck), c, attestation.Vendors(v.Root())
}

// TestSampleQuoteAccepted: the signed parts of Intel's sample are accepted,
// with a confidence and a measurement that do not change.
func TestSampleQuoteAccepted(t *testing.T) {
	quote, c, roots := crossQuote(t)
	e, err := attestation.VerifyTDX(quote, c, attestation.TDXPolicy{AllowSEPTVE: true}, roots, sampleTime)
	if err != nil {
		t.Fatal(err)
	}
	if e.Confidence != 3 {
		t.Errorf("confidence %d", e.Confidence)
	}
	if got := hex.EncodeToString(e.ReportData[:8]); got != "6c62dec1b8191749" {
		t.Errorf("report data %s…", got)
	}
	if got := hex.EncodeToString(e.Measurement[:]); got != "fb18221df4779e38810c10596e8fc499c24f9d7b749c7692529b52fc2fc57221" {
		t.Errorf("measurement %s", got)
	}
	if _, err := attestation.VerifyTDX(quote, c, attestation.TDXPolicy{}, roots, sampleTime); !errors.Is(err, attestation.ErrPolicy) {
		t.Errorf("the sample lacks SEPT_VE_DISABLE, got %v", err)
	}
	for _, at := range []time.Time{sampleTime.AddDate(0, -1, 0), sampleTime.AddDate(0, 1, 0)} {
		if _, err := attestation.VerifyTDX(quote, c, attestation.TDXPolicy{AllowSEPTVE: true}, roots, at); !errors.Is(err, attestation.ErrExpired) {
			t.Errorf("at %v: %v", at, err)
		}
	}
}

// TestLibraryAgreesOnQuotes: what we accept, the library's own check of
// signatures accepts too, and the other way round.
func TestLibraryAgreesOnQuotes(t *testing.T) {
	quote, c, roots := crossQuote(t)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(c.QEIdentity.Chain)
	library := func(raw []byte) (err error) {
		defer attestation.Guard(&err)
		return tdxverify.RawTdxQuote(raw, &tdxverify.Options{TrustedRoots: pool, Now: sampleTime})
	}
	if err := library(quote); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(quote); at += 97 {
		raw := bytes.Clone(quote)
		raw[at] ^= 0x20
		_, ours := attestation.VerifyTDX(raw, c, attestation.TDXPolicy{AllowSEPTVE: true}, roots, sampleTime)
		if theirs := library(raw); ours == nil && theirs != nil {
			t.Errorf("byte %d: we accept what the library refuses: %v", at, theirs)
		}
	}
}

var sampleAMD = sync.OnceValues(func() (*attestationtest.AMD, error) { return attestationtest.NewAMD(sampleTime) })

// crossReport is collateral for the real report under an authority of the
// test.
func crossReport(t testing.TB) (attestation.SNPCollateral, attestation.Roots) {
	t.Helper()
	v, err := sampleAMD()
	if err != nil {
		t.Fatal(err)
	}
	_, ask := firstPEM(t, trust.AskArkMilanVcekBytes)
	return v.Cross(testdata.VcekBytes, ask, sampleTime.Add(-time.Hour)), attestation.Vendors(v.Root())
}

// TestSampleReportAccepted: AMD's sample is accepted, but for the machine's
// policy, which lets it be debugged.
func TestSampleReportAccepted(t *testing.T) {
	c, roots := crossReport(t)
	minimum := binary.LittleEndian.Uint64(sampleReport()[0x180:])
	e, err := attestation.VerifySNP(sampleReport(), c, attestation.AllowDebug(minimum), roots, sampleTime)
	if err != nil {
		t.Fatal(err)
	}
	if e.Confidence != 1 || !bytes.Equal(e.ReportData[:6], []byte{1, 2, 3, 4, 5, 0}) {
		t.Errorf("evidence %+v", e)
	}
	if got := hex.EncodeToString(e.Measurement[:]); got != "94c679d887fc25b084ce47a8c0a603d8ffa4d3dafc5acb78d0e6bf388dab3987" {
		t.Errorf("measurement %s", got)
	}
	if _, err := attestation.VerifySNP(sampleReport(), c, attestation.SNPPolicy{MinimumTCB: minimum}, roots, sampleTime); !errors.Is(err, attestation.ErrPolicy) {
		t.Errorf("the sample can be debugged, got %v", err)
	}
	if _, err := attestation.VerifySNP(sampleReport(), c, attestation.AllowDebug(minimum+1<<56), roots, sampleTime); !errors.Is(err, attestation.ErrTCB) {
		t.Errorf("below the minimum: %v", err)
	}
	for _, at := range []time.Time{sampleTime.AddDate(-1, -6, 0), sampleTime.AddDate(0, 2, 0), sampleTime.AddDate(20, 0, 0)} {
		if _, err := attestation.VerifySNP(sampleReport(), c, attestation.AllowDebug(0), roots, at); !errors.Is(err, attestation.ErrCertificate) && !errors.Is(err, attestation.ErrExpired) {
			t.Errorf("at %v: %v", at, err)
		}
	}
}

// TestSampleReportUnderAMDsRoot: with AMD's own certificates the list of
// revoked ones is all that is missing.
func TestSampleReportUnderAMDsRoot(t *testing.T) {
	issuer, rest := pem.Decode(trust.AskArkMilanVcekBytes)
	root, _ := pem.Decode(rest)
	c := attestation.SNPCollateral{Endorsement: testdata.VcekBytes, Issuer: issuer.Bytes, Root: root.Bytes}
	_, err := attestation.VerifySNP(sampleReport(), c, attestation.AllowDebug(0), attestation.Vendors(), sampleTime)
	if !errors.Is(err, attestation.ErrMalformed) || !bytes.Contains([]byte(err.Error()), []byte("revocation list")) {
		t.Fatalf("got %v", err)
	}
}
