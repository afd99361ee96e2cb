package attestation_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/gocess/gocess/primitives/attestation"
	"github.com/gocess/gocess/primitives/attestation/attestationtest"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// goodTD is a machine to which nobody objects.
func goodTD() attestationtest.TD {
	td := attestationtest.TD{Attributes: attestationtest.SEPTVEDisable, TCBSvn: [16]byte{3, 0, 5}}
	copy(td.ReportData[:], "what the program says")
	copy(td.MRTD[:], "what runs")
	return td
}

func newIntel(t testing.TB) *attestationtest.Intel {
	t.Helper()
	v, err := attestationtest.NewIntel(now)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func issued() time.Time { return now.Add(-24 * time.Hour) }

func TestTDXAccepted(t *testing.T) {
	v, td := newIntel(t), goodTD()
	quote, c := v.Quote(td), v.Collateral(attestationtest.Rating{}, issued())
	e, err := attestation.VerifyTDX(quote, c, attestation.TDXPolicy{}, attestation.Vendors(v.Root()), now)
	if err != nil {
		t.Fatal(err)
	}
	if e.Kind != attestation.TDX || e.Confidence != 1 || e.ReportData != td.ReportData || e.Measurement == [32]byte{} {
		t.Fatalf("evidence %+v", e)
	}
	if f, err := attestation.FMSPC(quote); err != nil || f != attestationtest.FMSPC {
		t.Fatalf("FMSPC %x, %v", f, err)
	}
	other := td
	other.MRTD[0]++
	e2, err := attestation.VerifyTDX(v.Quote(other), c, attestation.TDXPolicy{}, attestation.Vendors(v.Root()), now)
	if err != nil || e2.Measurement == e.Measurement {
		t.Fatalf("another program has the same measurement, or %v", err)
	}
	if _, err := attestation.VerifyTDX(quote, c, attestation.TDXPolicy{}, attestation.Vendors(), now); !errors.Is(err, attestation.ErrCertificate) {
		t.Fatalf("a root that nobody trusts: %v", err)
	}
}

// TestTDXConfidence: the worst of platform, TDX module and quoting enclave
// counts.
func TestTDXConfidence(t *testing.T) {
	v := newIntel(t)
	module := goodTD()
	module.TCBSvn = [16]byte{2, 1, 5}
	old := goodTD()
	old.Attributes = 0
	for name, test := range map[string]struct {
		td     attestationtest.TD
		rating attestationtest.Rating
		policy attestation.TDXPolicy
		want   uint8
	}{
		"up to date":              {goodTD(), attestationtest.Rating{}, attestation.TDXPolicy{}, 1},
		"hardening":               {goodTD(), attestationtest.Rating{Status: "SWHardeningNeeded"}, attestation.TDXPolicy{}, 2},
		"configuration":           {goodTD(), attestationtest.Rating{Status: "ConfigurationNeeded", Advisories: []string{"INTEL-SA-00334"}}, attestation.TDXPolicy{}, 3},
		"configuration, advisory": {goodTD(), attestationtest.Rating{Status: "ConfigurationAndSWHardeningNeeded", Advisories: []string{"INTEL-SA-00334", "INTEL-SA-99999"}}, attestation.TDXPolicy{}, 4},
		"out of date":             {goodTD(), attestationtest.Rating{Status: "OutOfDate"}, attestation.TDXPolicy{}, 5},
		"both":                    {goodTD(), attestationtest.Rating{Status: "OutOfDateConfigurationNeeded"}, attestation.TDXPolicy{}, 5},
		"old quoting enclave":     {goodTD(), attestationtest.Rating{QEStatus: "OutOfDate"}, attestation.TDXPolicy{}, 5},
		"module":                  {module, attestationtest.Rating{Modules: map[string]string{"TDX_01": "UpToDate"}}, attestation.TDXPolicy{}, 1},
		"old module":              {module, attestationtest.Rating{Modules: map[string]string{"TDX_01": "OutOfDate"}}, attestation.TDXPolicy{}, 5},
		"#VE allowed":             {old, attestationtest.Rating{}, attestation.TDXPolicy{AllowSEPTVE: true}, 3},
	} {
		e, err := attestation.VerifyTDX(v.Quote(test.td), v.Collateral(test.rating, issued()), test.policy, attestation.Vendors(v.Root()), now)
		if err != nil || e.Confidence != test.want {
			t.Errorf("%s: confidence %d, want %d; %v", name, e.Confidence, test.want, err)
		}
	}
}

func TestTDXRefused(t *testing.T) {
	v, other := newIntel(t), newIntel(t)
	with := func(change func(*attestationtest.TD)) []byte {
		td := goodTD()
		change(&td)
		return v.Quote(td)
	}
	good := v.Quote(goodTD())
	rated := func(r attestationtest.Rating) attestation.TDXCollateral { return v.Collateral(r, issued()) }
	changed := func(change func(*attestation.TDXCollateral)) attestation.TDXCollateral {
		c := rated(attestationtest.Rating{})
		change(&c)
		return c
	}
	for name, test := range map[string]struct {
		quote []byte
		c     attestation.TDXCollateral
		at    time.Time
		want  error
	}{
		"debug":            {with(func(td *attestationtest.TD) { td.Attributes |= 1 }), rated(attestationtest.Rating{}), now, attestation.ErrPolicy},
		"#VE":              {with(func(td *attestationtest.TD) { td.Attributes = 0 }), rated(attestationtest.Rating{}), now, attestation.ErrPolicy},
		"revoked level":    {good, rated(attestationtest.Rating{Status: "Revoked"}), now, attestation.ErrTCB},
		"revoked QE level": {good, rated(attestationtest.Rating{QEStatus: "Revoked"}), now, attestation.ErrTCB},
		"old QE":           {good, rated(attestationtest.Rating{QESvn: attestationtest.QESvn + 1}), now, attestation.ErrTCB},
		"old PCE":          {good, rated(attestationtest.Rating{PCESvn: attestationtest.PCESvn + 1}), now, attestation.ErrTCB},
		"old TDX":          {good, rated(attestationtest.Rating{TDXSvn: [16]byte{2: 6}}), now, attestation.ErrTCB},
		"other family":     {good, rated(attestationtest.Rating{Fmspc: "50806f000001"}), now, attestation.ErrTCB},
		"unknown status":   {good, rated(attestationtest.Rating{Status: "Fine"}), now, attestation.ErrMalformed},
		"unknown module":   {with(func(td *attestationtest.TD) { td.TCBSvn[1] = 1 }), rated(attestationtest.Rating{Modules: map[string]string{"TDX_03": "UpToDate"}}), now, attestation.ErrTCB},
		"module too old":   {with(func(td *attestationtest.TD) { td.TCBSvn = [16]byte{1, 1} }), rated(attestationtest.Rating{Modules: map[string]string{"TDX_01": "UpToDate"}}), now, attestation.ErrTCB},
		"revoked platform": {good, changed(func(c *attestation.TDXCollateral) { c.PCKCRL = v.RevokedPCK(issued()) }), now, attestation.ErrCertificate},
		"revoked CA":       {good, changed(func(c *attestation.TDXCollateral) { c.RootCRL = v.RevokedCA(issued()) }), now, attestation.ErrCertificate},
		"revoked signer":   {good, changed(func(c *attestation.TDXCollateral) { c.RootCRL = v.RevokedSigner(issued()) }), now, attestation.ErrCertificate},
		"foreign root CRL": {good, changed(func(c *attestation.TDXCollateral) { c.RootCRL = other.RootCRL(issued()) }), now, attestation.ErrSignature},
		"foreign PCK CRL":  {good, changed(func(c *attestation.TDXCollateral) { c.PCKCRL = other.PCKCRL(issued()) }), now, attestation.ErrSignature},
		"CRLs swapped":     {good, changed(func(c *attestation.TDXCollateral) { c.PCKCRL, c.RootCRL = c.RootCRL, c.PCKCRL }), now, attestation.ErrCertificate},
		"answers swapped":  {good, changed(func(c *attestation.TDXCollateral) { c.TCBInfo, c.QEIdentity = c.QEIdentity, c.TCBInfo }), now, attestation.ErrUnsupported},
		"no collateral":    {good, attestation.TDXCollateral{}, now, attestation.ErrMalformed},
		"no root CRL":      {good, changed(func(c *attestation.TDXCollateral) { c.RootCRL = nil }), now, attestation.ErrMalformed},
		"old root CRL":     {good, changed(func(c *attestation.TDXCollateral) { c.RootCRL = v.RootCRL(now.AddDate(0, -2, 0)) }), now, attestation.ErrExpired},
		"future PCK CRL":   {good, changed(func(c *attestation.TDXCollateral) { c.PCKCRL = v.PCKCRL(now.Add(time.Hour)) }), now, attestation.ErrExpired},
		"old TCB info": {good, changed(func(c *attestation.TDXCollateral) {
			c.TCBInfo = v.Sign(attestationtest.Rating{}.TCBInfo(now.AddDate(0, -2, 0)))
		}), now, attestation.ErrExpired},
		"future QE identity": {good, changed(func(c *attestation.TDXCollateral) {
			c.QEIdentity = v.Sign(attestationtest.Rating{}.QEIdentity(now.Add(time.Hour)))
		}), now, attestation.ErrExpired},
		"foreign TCB info": {good, changed(func(c *attestation.TDXCollateral) {
			c.TCBInfo = other.Collateral(attestationtest.Rating{}, issued()).TCBInfo
		}), now, attestation.ErrCertificate},
		"certificates expire": {good, rated(attestationtest.Rating{}), now.AddDate(2, 0, 0), attestation.ErrCertificate},
		"before certificates": {good, rated(attestationtest.Rating{}), now.AddDate(-2, 0, 0), attestation.ErrCertificate},
		"too long":            {append(bytes.Clone(good), make([]byte, attestation.MaxQuote)...), rated(attestationtest.Rating{}), now, attestation.ErrMalformed},
		"one byte more":       {append(bytes.Clone(good), 0), rated(attestationtest.Rating{}), now, attestation.ErrMalformed},
		"one byte less":       {good[:len(good)-1], rated(attestationtest.Rating{}), now, attestation.ErrMalformed},
		"empty":               {nil, rated(attestationtest.Rating{}), now, attestation.ErrMalformed},
		"long collateral":     {good, changed(func(c *attestation.TDXCollateral) { c.TCBInfo.Body = make([]byte, attestation.MaxCollateral) }), now, attestation.ErrMalformed},
		"SGX quote":           {append([]byte{3, 0, 2, 0, 0, 0, 0, 0}, good[8:]...), rated(attestationtest.Rating{}), now, attestation.ErrUnsupported},
	} {
		e, err := attestation.VerifyTDX(test.quote, test.c, attestation.TDXPolicy{}, attestation.Vendors(v.Root(), other.Root()), test.at)
		if name == "foreign TCB info" {
			// The other authority is trusted too, but does not speak for the platform.
			if err == nil {
				t.Errorf("%s: accepted", name)
			}
			continue
		}
		if !errors.Is(err, test.want) || e != (attestation.Evidence{}) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}

// TestTDXCollateralNames: the service's JSON is read from the signed bytes
// only. Go's decoder matches names without regard to case, so that an envelope
// read as a whole could carry a second, forged "TCBINFO".
func TestTDXCollateralNames(t *testing.T) {
	v := newIntel(t)
	c := v.Collateral(attestationtest.Rating{Status: "Revoked"}, issued())
	forged := attestationtest.Rating{}.TCBInfo(issued())
	c.TCBInfo.Body = append(append(bytes.Clone(c.TCBInfo.Body[:len(c.TCBInfo.Body)-1]), []byte(`,"TCBINFO":`)...), append(forged, '}')...)
	if _, err := attestation.VerifyTDX(v.Quote(goodTD()), c, attestation.TDXPolicy{}, attestation.Vendors(v.Root()), now); !errors.Is(err, attestation.ErrSignature) {
		t.Fatalf("got %v", err)
	}
}
