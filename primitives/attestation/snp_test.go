package attestation_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/gocess/gocess/primitives/attestation"
	"github.com/gocess/gocess/primitives/attestation/attestationtest"
)

func newAMD(t testing.TB) *attestationtest.AMD {
	t.Helper()
	v, err := attestationtest.NewAMD(now)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSNPAccepted(t *testing.T) {
	v := newAMD(t)
	for _, vlek := range []bool{false, true} {
		g := attestationtest.Guest{VLEK: vlek}
		copy(g.ReportData[:], "what the program says")
		copy(g.Measurement[:], "what runs")
		report, c := v.Report(g), v.Collateral(g, issued())
		e, err := attestation.VerifySNP(report, c, attestation.SNPPolicy{MinimumTCB: attestationtest.TCB}, attestation.Vendors(v.Root()), now)
		if err != nil {
			t.Fatalf("VLEK %v: %v", vlek, err)
		}
		if e.Kind != attestation.SEVSNP || e.Confidence != 1 || e.ReportData != g.ReportData {
			t.Fatalf("evidence %+v", e)
		}
		a, isVLEK, err := attestation.ProductLine(report, c.Endorsement)
		if err != nil || a != attestation.AMDMilan || isVLEK != vlek {
			t.Fatalf("product line %v, VLEK %v, %v", a, isVLEK, err)
		}
		s, err := attestation.CheckSNPIssuer(c, attestation.Vendors(v.Root()), now)
		if err != nil || s.Authority != attestation.AMDMilan || s.VLEK != vlek || !s.Issued.Equal(issued()) {
			t.Fatalf("issuer %+v, %v", s, err)
		}
		g.Measurement[0]++
		e2, err := attestation.VerifySNP(v.Report(g), c, attestation.SNPPolicy{}, attestation.Vendors(v.Root()), now)
		if err != nil || e2.Measurement == e.Measurement {
			t.Fatalf("another program has the same measurement, or %v", err)
		}
	}
}

func TestSNPRefused(t *testing.T) {
	v, other := newAMD(t), newAMD(t)
	g := attestationtest.Guest{}
	good := v.Report(g)
	c := func(change func(*attestation.SNPCollateral)) attestation.SNPCollateral {
		c := v.Collateral(g, issued())
		if change != nil {
			change(&c)
		}
		return c
	}
	minimum := uint64(attestationtest.TCB)
	for name, test := range map[string]struct {
		report  []byte
		c       attestation.SNPCollateral
		minimum uint64
		at      time.Time
		want    error
	}{
		"debug":             {v.Report(attestationtest.Guest{Debug: true}), c(nil), minimum, now, attestation.ErrPolicy},
		"migration":         {v.Report(attestationtest.Guest{MigrateMA: true}), c(nil), minimum, now, attestation.ErrPolicy},
		"VMPL":              {v.Report(attestationtest.Guest{VMPL: 1}), c(nil), minimum, now, attestation.ErrPolicy},
		"not committed":     {v.Report(attestationtest.Guest{Committed: attestationtest.TCB - 1}), c(nil), minimum, now, attestation.ErrTCB},
		"below the minimum": {good, c(nil), minimum + 1, now, attestation.ErrTCB},
		"one part below":    {good, c(nil), 0x45 << 56, now, attestation.ErrTCB},
		"other firmware":    {v.Report(attestationtest.Guest{Reported: attestationtest.TCB + 1}), c(nil), 0, now, attestation.ErrTCB},
		"other processor":   {v.Report(attestationtest.Guest{Chip: make([]byte, 64)}), c(nil), minimum, now, attestation.ErrCertificate},
		"other key":         {other.Report(g), c(nil), minimum, now, attestation.ErrSignature},
		"foreign chain":     {other.Report(g), other.Collateral(g, issued()), minimum, now, attestation.ErrCertificate},
		"revoked issuer":    {good, c(func(c *attestation.SNPCollateral) { c.CRL = v.RevokedASK(issued()) }), minimum, now, attestation.ErrCertificate},
		"foreign CRL":       {good, c(func(c *attestation.SNPCollateral) { c.CRL = other.CRL(issued()) }), minimum, now, attestation.ErrSignature},
		"old CRL":           {good, c(func(c *attestation.SNPCollateral) { c.CRL = v.CRL(now.AddDate(0, -2, 0)) }), minimum, now, attestation.ErrExpired},
		"future CRL":        {good, c(func(c *attestation.SNPCollateral) { c.CRL = v.CRL(now.Add(time.Hour)) }), minimum, now, attestation.ErrExpired},
		"no CRL":            {good, c(func(c *attestation.SNPCollateral) { c.CRL = nil }), minimum, now, attestation.ErrMalformed},
		"issuer as root":    {good, c(func(c *attestation.SNPCollateral) { c.Root = c.Issuer }), minimum, now, attestation.ErrCertificate},
		"issuer of the cloud": {good, c(func(c *attestation.SNPCollateral) {
			c.Issuer = v.Collateral(attestationtest.Guest{VLEK: true}, issued()).Issuer
		}), minimum, now, attestation.ErrCertificate},
		"certificates expire": {good, c(nil), minimum, now.AddDate(2, 0, 0), attestation.ErrCertificate},
		"before certificates": {good, c(nil), minimum, now.AddDate(-2, 0, 0), attestation.ErrCertificate},
		"one byte more":       {append(bytes.Clone(good), 0), c(nil), minimum, now, attestation.ErrMalformed},
		"one byte less":       {good[:len(good)-1], c(nil), minimum, now, attestation.ErrMalformed},
		"long collateral":     {good, c(func(c *attestation.SNPCollateral) { c.CRL = make([]byte, attestation.MaxCollateral) }), minimum, now, attestation.ErrMalformed},
	} {
		e, err := attestation.VerifySNP(test.report, test.c, attestation.SNPPolicy{MinimumTCB: test.minimum}, attestation.Vendors(v.Root()), test.at)
		if !errors.Is(err, test.want) || e != (attestation.Evidence{}) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}
