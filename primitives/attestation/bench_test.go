package attestation_test

import (
	"testing"

	"github.com/gocess/gocess/primitives/attestation"
)

// The budget is 50 ms each, so that a block can afford it.

func BenchmarkVerifyTDX(b *testing.B) {
	quote, c, roots := crossQuote(b)
	for b.Loop() {
		if _, err := attestation.VerifyTDX(quote, c, attestation.TDXPolicy{AllowSEPTVE: true}, roots, sampleTime); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifySNP(b *testing.B) {
	c, roots := crossReport(b)
	for b.Loop() {
		if _, err := attestation.VerifySNP(sampleReport(), c, attestation.AllowDebug(0), roots, sampleTime); err != nil {
			b.Fatal(err)
		}
	}
}
