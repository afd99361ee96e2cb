package attestation_test

import (
	"bytes"
	"encoding/pem"
	"slices"
	"sync"
	"testing"

	"github.com/gocess/gocess/primitives/attestation"
)

// flips says how densely bytes are changed: every byte of short inputs, some
// fifty of long ones; three times as many of evidence.
func flips(what string, n int) int {
	if what == "quote" || what == "report" {
		return 1 + n/150
	}
	return 1 + n/50
}

// everyFlip changes single bytes of *part, by several patterns in turn, and
// expects verify to refuse each.
func everyFlip(t *testing.T, what string, part *[]byte, verify func() error) {
	t.Helper()
	original := *part
	defer func() { *part = original }()
	for at := 0; at < len(original); at += flips(what, len(original)) {
		changed := bytes.Clone(original)
		changed[at] ^= []byte{0x01, 0xff, 0x80, 0x10}[at%4]
		*part = changed
		if verify() == nil {
			t.Errorf("%s: accepted with byte %d of %d changed from %#x to %#x",
				what, at, len(original), original[at], changed[at])
		}
	}
}

// TestEveryByteOfTDXCounts: no byte of the quote or of its collateral can be
// another one.
func TestEveryByteOfTDXCounts(t *testing.T) {
	quote, c, roots := crossQuote(t)
	verify := func() error {
		_, err := attestation.VerifyTDX(quote, c, attestation.TDXPolicy{AllowSEPTVE: true}, roots, sampleTime)
		return err
	}
	if err := verify(); err != nil {
		t.Fatal(err)
	}
	for what, part := range map[string]*[]byte{
		"quote":              &quote,
		"TCB info":           &c.TCBInfo.Body,
		"TCB info signature": &c.TCBInfo.Signature,
		"TCB info chain":     &c.TCBInfo.Chain,
		"QE identity":        &c.QEIdentity.Body,
		"QE identity chain":  &c.QEIdentity.Chain,
		"PCK CRL":            &c.PCKCRL,
		"root CRL":           &c.RootCRL,
	} {
		everyFlip(t, what, part, verify)
	}
}

func TestEveryByteOfSNPCounts(t *testing.T) {
	c, roots := crossReport(t)
	report := sampleReport()
	verify := func() error {
		_, err := attestation.VerifySNP(report, c, attestation.AllowDebug(0), roots, sampleTime)
		return err
	}
	if err := verify(); err != nil {
		t.Fatal(err)
	}
	for what, part := range map[string]*[]byte{
		"report": &report, "endorsement": &c.Endorsement, "issuer": &c.Issuer, "root": &c.Root, "CRL": &c.CRL,
	} {
		everyFlip(t, what, part, verify)
	}
}

// TestEveryCutCounts: no part can end early.
func TestEveryCutCounts(t *testing.T) {
	quote, c, roots := crossQuote(t)
	for n := 0; n < len(quote); n += 13 {
		if _, err := attestation.VerifyTDX(quote[:n], c, attestation.TDXPolicy{AllowSEPTVE: true}, roots, sampleTime); err == nil {
			t.Fatalf("quote accepted after %d of %d bytes", n, len(quote))
		}
	}
	sc, sroots := crossReport(t)
	report := sampleReport()
	for n := 0; n < len(report); n += 7 {
		if _, err := attestation.VerifySNP(report[:n], sc, attestation.AllowDebug(0), sroots, sampleTime); err == nil {
			t.Fatalf("report accepted after %d of %d bytes", n, len(report))
		}
	}
}

// TestChainOrder: certificates in another order, in another form, or more of
// them, are refused: padding could make an answer of the vendor unreadable.
func TestChainOrder(t *testing.T) {
	_, c, roots := crossQuote(t)
	var blocks [][]byte
	for rest := c.TCBInfo.Chain; ; {
		block, next := pem.Decode(rest)
		if block == nil {
			break
		}
		blocks, rest = append(blocks, rest[:len(rest)-len(next)]), next
	}
	for name, chain := range map[string][]byte{
		"swapped": slices.Concat(blocks[1], blocks[0]), "doubled": slices.Concat(blocks[0], blocks[1], blocks[1]),
		"padded": append(bytes.Repeat([]byte(" \n"), 10_000), c.TCBInfo.Chain...),
		"spaced": slices.Concat(blocks[0], []byte("\n"), blocks[1]), "short": blocks[0], "text": slices.Concat([]byte("hello\n"), c.TCBInfo.Chain), "none": nil,
	} {
		s := c.TCBInfo
		s.Chain = chain
		if _, _, err := attestation.CheckTCBInfo(s, roots, sampleTime); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestDeterministic: the same arguments give the same answer, also when many
// verify at once.
func TestDeterministic(t *testing.T) {
	quote, c, roots := crossQuote(t)
	sc, sroots := crossReport(t)
	type answer struct {
		tdx, snp   attestation.Evidence
		bad, worse string
	}
	verify := func() (a answer) {
		a.tdx, _ = attestation.VerifyTDX(quote, c, attestation.TDXPolicy{AllowSEPTVE: true}, roots, sampleTime)
		a.snp, _ = attestation.VerifySNP(sampleReport(), sc, attestation.AllowDebug(0), sroots, sampleTime)
		_, err := attestation.VerifyTDX(quote, c, attestation.TDXPolicy{}, roots, sampleTime)
		a.bad = err.Error()
		_, err = attestation.VerifySNP(sampleReport(), sc, attestation.AllowDebug(1<<63), sroots, sampleTime)
		a.worse = err.Error()
		return a
	}
	want := verify()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 2 {
				if got := verify(); got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			}
		})
	}
	wg.Wait()
}
