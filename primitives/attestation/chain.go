package attestation

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"time"
)

// chain is a root certificate, one of its issuers below it and, where there is
// one, the issuer's certificate for an end entity.
type chain struct {
	leaf, issuer, root *x509.Certificate
}

// verify checks the chain from root to the lowest certificate at a time. The
// root's key must be trusted; names say which certificate is which.
func (c chain) verify(roots Roots, a Authority, now time.Time) error {
	if !roots.trust(a, c.root) {
		return refuse(ErrCertificate, "root key %x is not trusted for %v", FingerprintOf(c.root), a)
	}
	if err := c.root.CheckSignatureFrom(c.root); err != nil {
		return refuse(ErrCertificate, "%q does not sign itself: %v", c.root.Subject.CommonName, err)
	}
	rootPool, issuers := x509.NewCertPool(), x509.NewCertPool()
	rootPool.AddCert(c.root)
	lowest := c.issuer
	if c.leaf != nil {
		lowest = c.leaf
		issuers.AddCert(c.issuer)
	}
	_, err := lowest.Verify(x509.VerifyOptions{
		Roots: rootPool, Intermediates: issuers, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return refuse(ErrCertificate, "%q: %v", lowest.Subject.CommonName, err)
	}
	if !within(now, c.root.NotBefore, c.root.NotAfter) {
		return refuse(ErrCertificate, "%q is not valid at %v", c.root.Subject.CommonName, now)
	}
	return nil
}

func named(cert *x509.Certificate, name string) error {
	if cert.Subject.CommonName != name {
		return refuse(ErrCertificate, "%q where %q is due", cert.Subject.CommonName, name)
	}
	return nil
}

// parsePEM reads exactly n certificates, in the one form in which vendors and
// OpenSSL write them, and perhaps without the last line end or with a NUL
// behind it, as quotes have it. Anything more would let a stranger swell a
// vendor's answer until it is too long to be read.
func parsePEM(text []byte, n int) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	var canonical []byte
	rest := text
	for {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil {
			break
		}
		if len(certs) == n || block.Type != "CERTIFICATE" {
			return nil, refuse(ErrMalformed, "PEM block %d is %q", len(certs), block.Type)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, refuse(ErrMalformed, "certificate %d: %v", len(certs), err)
		}
		certs = append(certs, cert)
		canonical = append(canonical, pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes})...)
	}
	if len(certs) != n {
		return nil, refuse(ErrMalformed, "%d certificates where %d are due", len(certs), n)
	}
	end := bytes.TrimSuffix(text, []byte{0})
	if !bytes.Equal(bytes.TrimSuffix(end, newline), bytes.TrimSuffix(canonical, newline)) {
		return nil, refuse(ErrMalformed, "certificates in another form, or text between them")
	}
	return certs, nil
}

var newline = []byte("\n")

func parseDER(der []byte, what string) (*x509.Certificate, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, refuse(ErrMalformed, "%s: %v", what, err)
	}
	return cert, nil
}

// parseCRL reads a revocation list that issuer signed and that is current.
func parseCRL(der []byte, issuer *x509.Certificate, now time.Time) (*x509.RevocationList, error) {
	crl, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, refuse(ErrMalformed, "revocation list: %v", err)
	}
	if !bytes.Equal(crl.RawIssuer, issuer.RawSubject) {
		return nil, refuse(ErrCertificate, "revocation list of %q where that of %q is due",
			crl.Issuer.CommonName, issuer.Subject.CommonName)
	}
	if err := crl.CheckSignatureFrom(issuer); err != nil {
		return nil, refuse(ErrSignature, "revocation list of %q: %v", issuer.Subject.CommonName, err)
	}
	if !within(now, crl.ThisUpdate, crl.NextUpdate) {
		return nil, refuse(ErrExpired, "revocation list of %q is for %v to %v",
			issuer.Subject.CommonName, crl.ThisUpdate, crl.NextUpdate)
	}
	return crl, nil
}

// notRevoked says that none of the certificates is on the list of their
// issuer.
func notRevoked(crl *x509.RevocationList, certs ...*x509.Certificate) error {
	for i := range crl.RevokedCertificateEntries {
		for _, cert := range certs {
			if crl.RevokedCertificateEntries[i].SerialNumber.Cmp(cert.SerialNumber) == 0 {
				return refuse(ErrCertificate, "%q was revoked", cert.Subject.CommonName)
			}
		}
	}
	return nil
}
