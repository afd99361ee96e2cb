package attestation

import "crypto/x509"

// AllowDebug is a policy that accepts machines which can be debugged, as
// AMD's sample can.
func AllowDebug(minimumTCB uint64) SNPPolicy {
	return SNPPolicy{MinimumTCB: minimumTCB, allowDebug: true}
}

// CertificatesOf is the PEM chain in a quote.
func CertificatesOf(quote []byte) ([]byte, error) {
	q, err := parseQuote(quote)
	if err != nil {
		return nil, err
	}
	return q.certificates, nil
}

// Trusts says whether the key of a certificate is among the roots.
func (r Roots) Trusts(a Authority, cert *x509.Certificate) bool { return r.trust(a, cert) }

// Guard is the last line against parsers that panic.
func Guard(err *error) { guard(err) }
