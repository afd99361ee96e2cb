package attestation_test

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/url"
	"testing"
	"time"

	sevtestdata "github.com/google/go-sev-guest/verify/testdata"
	"github.com/google/go-sev-guest/verify/trust"
	tdxtesting "github.com/google/go-tdx-guest/testing"
	tdxtestdata "github.com/google/go-tdx-guest/testing/testdata"

	"github.com/gocess/gocess/primitives/attestation"
)

// sampleTime is when the vendors' samples and their collateral were good.
var sampleTime = time.Date(2023, 7, 1, 1, 0, 0, 0, time.UTC)

// sampleQuote is a quote of a machine with Sapphire Rapids. The file has text
// behind it.
func sampleQuote() []byte { return tdxtestdata.RawQuote[:4935] }

func sampleReport() []byte { return sevtestdata.AttestationBytes }

// sampleCollateral is what attestation.Intel published then.
func sampleCollateral(t testing.TB) attestation.TDXCollateral {
	return attestation.TDXCollateral{
		TCBInfo:    sampleAnswer(t, tdxtestdata.TcbInfoBody, "tcbInfo", tdxtesting.TcbInfoHeader["Tcb-Info-Issuer-Chain"][0]),
		QEIdentity: sampleAnswer(t, tdxtestdata.QeIdentityBody, "enclaveIdentity", tdxtesting.QeIdentityHeader["Sgx-Enclave-Identity-Issuer-Chain"][0]),
		PCKCRL:     tdxtestdata.PckCrlBody, RootCRL: tdxtestdata.RootCrlBody,
	}
}

func sampleAnswer(t testing.TB, response []byte, member, chain string) attestation.Signed {
	t.Helper()
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(response, &parts); err != nil {
		t.Fatal(err)
	}
	var signature string
	if err := json.Unmarshal(parts["signature"], &signature); err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(signature)
	if err != nil {
		t.Fatal(err)
	}
	text, err := url.QueryUnescape(chain)
	if err != nil {
		t.Fatal(err)
	}
	return attestation.Signed{Body: parts[member], Signature: raw, Chain: []byte(text)}
}

// firstPEM is the first certificate of a PEM text, as text and read.
func firstPEM(t testing.TB, text []byte) ([]byte, *x509.Certificate) {
	t.Helper()
	block, rest := pem.Decode(text)
	if block == nil {
		t.Fatal("no certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return text[:len(text)-len(rest)], cert
}

// TestSampleQuoteWithIntelsCollateral: every signature up to Intel's own root
// and both revocation lists are good; only the ratings of that day do not
// cover the platform, as the library's authors say.
func TestSampleQuoteWithIntelsCollateral(t *testing.T) {
	_, err := attestation.VerifyTDX(sampleQuote(), sampleCollateral(t), attestation.TDXPolicy{AllowSEPTVE: true}, attestation.Vendors(), sampleTime)
	if !errors.Is(err, attestation.ErrTCB) || !bytes.Contains([]byte(err.Error()), []byte("no level fits")) {
		t.Fatalf("got %v", err)
	}
	_, err = attestation.VerifyTDX(tdxtestdata.RawQuote, sampleCollateral(t), attestation.TDXPolicy{}, attestation.Vendors(), sampleTime)
	if !errors.Is(err, attestation.ErrMalformed) {
		t.Fatalf("with text behind it: %v", err)
	}
}

// TestSampleCollateral: Intel's answers are good by themselves, on their days.
func TestSampleCollateral(t *testing.T) {
	c := sampleCollateral(t)
	fmspc, issued, err := attestation.CheckTCBInfo(c.TCBInfo, attestation.Vendors(), sampleTime)
	if err != nil || hex.EncodeToString(fmspc[:]) != "50806f000000" || issued.Month() != time.June {
		t.Fatalf("TCB info: %x of %v, %v", fmspc, issued, err)
	}
	if _, err := attestation.CheckQEIdentity(c.QEIdentity, attestation.Vendors(), sampleTime); err != nil {
		t.Fatalf("QE identity: %v", err)
	}
	_, root := firstPEM(t, []byte(c.TCBInfo.Chain[bytes.LastIndex(c.TCBInfo.Chain, []byte("-----BEGIN")):]))
	if _, err := attestation.CheckRootCRL(c.RootCRL, root.Raw, attestation.Vendors(), sampleTime); err != nil {
		t.Fatalf("root CRL: %v", err)
	}
	chain, err := url.QueryUnescape(tdxtesting.PckCrlHeader["Sgx-Pck-Crl-Issuer-Chain"][0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := attestation.CheckPCKCRL(c.PCKCRL, []byte(chain), attestation.Vendors(), sampleTime); err != nil {
		t.Fatalf("PCK CRL: %v", err)
	}
	for name, at := range map[string]time.Time{"before": sampleTime.AddDate(0, -2, 0), "after": sampleTime.AddDate(0, 2, 0)} {
		if _, _, err := attestation.CheckTCBInfo(c.TCBInfo, attestation.Vendors(), at); !errors.Is(err, attestation.ErrExpired) {
			t.Errorf("TCB info %s its time: %v", name, err)
		}
		if _, err := attestation.CheckQEIdentity(c.QEIdentity, attestation.Vendors(), at); !errors.Is(err, attestation.ErrExpired) {
			t.Errorf("QE identity %s its time: %v", name, err)
		}
		if _, err := attestation.CheckPCKCRL(c.PCKCRL, []byte(chain), attestation.Vendors(), at); !errors.Is(err, attestation.ErrExpired) {
			t.Errorf("PCK CRL %s its time: %v", name, err)
		}
	}
}

// TestPinnedRoots compares the pins with the certificates that the libraries
// carry.
func TestPinnedRoots(t *testing.T) {
	_, intel := firstPEM(t, sampleCollateral(t).TCBInfo.Chain[bytes.LastIndex(sampleCollateral(t).TCBInfo.Chain, []byte("-----BEGIN")):])
	roots := map[attestation.Authority]*x509.Certificate{attestation.Intel: intel}
	for a, chain := range map[attestation.Authority][]byte{
		attestation.AMDMilan: trust.AskArkMilanVcekBytes, attestation.AMDGenoa: trust.AskArkGenoaVcekBytes, attestation.AMDTurin: trust.AskArkTurinVcekBytes,
	} {
		_, roots[a] = firstPEM(t, chain[bytes.LastIndex(chain, []byte("-----BEGIN")):])
	}
	for a, cert := range roots {
		if !attestation.Vendors().Trusts(a, cert) {
			t.Errorf("%v: %q with key %x is not pinned", a, cert.Subject.CommonName, attestation.FingerprintOf(cert))
		}
	}
}
