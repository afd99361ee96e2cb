// Package attestationtest plays the vendors of confidential machines for
// tests: certificate authorities with keys of their own, platforms that sign
// quotes and reports of whatever content, and collateral of whatever verdict.
// Verifiers accept it where they are told to trust the authority's Root.
package attestationtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// entity is a certificate and its key.
type entity struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// authority issues certificates for one vendor. The first error stays in err.
type authority struct {
	from, to time.Time
	serial   int64
	err      error
}

func newAuthority(now time.Time) authority {
	return authority{from: now.Add(-365 * 24 * time.Hour), to: now.Add(365 * 24 * time.Hour)}
}

func (a *authority) fail(err error) {
	if a.err == nil && err != nil {
		a.err = err
	}
}

func (a *authority) p256() crypto.Signer { return a.ec(elliptic.P256()) }

func (a *authority) ec(curve elliptic.Curve) crypto.Signer {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	a.fail(err)
	return key
}

// issue makes a certificate; a nil issuer makes it self-signed.
func (a *authority) issue(template *x509.Certificate, key crypto.PublicKey, signer crypto.Signer, issuer *x509.Certificate) *x509.Certificate {
	a.serial++
	template.SerialNumber = big.NewInt(a.serial)
	template.NotBefore, template.NotAfter = a.from, a.to
	if issuer == nil {
		issuer = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, key, signer)
	if err != nil {
		a.fail(fmt.Errorf("certificate of %s: %w", template.Subject.CommonName, err))
		return template
	}
	cert, err := x509.ParseCertificate(der)
	a.fail(err)
	return cert
}

func ca(name pkix.Name) *x509.Certificate {
	return &x509.Certificate{
		Subject: name, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

// cross issues a certificate of by for the name and key of another authority's
// certificate: what that signed is then good under by's root.
func (a *authority) cross(cert *x509.Certificate, by entity, algorithm x509.SignatureAlgorithm) *x509.Certificate {
	return a.issue(&x509.Certificate{
		RawSubject: cert.RawSubject, Subject: cert.Subject, SubjectKeyId: cert.SubjectKeyId,
		IsCA: cert.IsCA, BasicConstraintsValid: true, KeyUsage: cert.KeyUsage, SignatureAlgorithm: algorithm,
	}, cert.PublicKey, by.key, by.cert)
}

// revoke makes a revocation list; DER.
func (a *authority) revoke(by entity, algorithm x509.SignatureAlgorithm, issued time.Time, revoked ...*x509.Certificate) []byte {
	list := &x509.RevocationList{
		Number: big.NewInt(issued.Unix()), ThisUpdate: issued, NextUpdate: issued.Add(30 * 24 * time.Hour),
		SignatureAlgorithm: algorithm,
	}
	for _, cert := range revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: cert.SerialNumber, RevocationTime: issued,
		})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, by.cert, by.key)
	a.fail(err)
	return der
}

func pemOf(certs ...*x509.Certificate) (text []byte) {
	for _, cert := range certs {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
	}
	return text
}
