// Package attestation verifies evidence that a program runs in a confidential
// virtual machine: quotes of Intel TDX, version 4, and reports of AMD SEV-SNP.
//
//	e, err := attestation.VerifyTDX(quote, collateral, attestation.TDXPolicy{}, attestation.Vendors(), blockTime)
//	// e.Measurement is what runs, e.ReportData what it says, e.Confidence how good the platform is
//
// Verification is a pure function of its arguments, so that all validators
// agree: the time is handed in, and so is the vendor's collateral (revocation
// lists, and for TDX the rating of platforms), of which no byte is trusted
// before a signature up to a pinned root key covers it. There is no network,
// no system trust store and no cache. Sizes are capped before anything is
// parsed.
//
// The two Google libraries read the vendors' formats; the chain of signatures
// is checked here, because both libraries keep state between calls and fetch
// what is missing, and the TDX one reads collateral by names that JSON matches
// without regard to case, which an untrusted sender could exploit.
package attestation
