package attestation

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"strings"
	"time"

	"github.com/google/go-sev-guest/abi"
	"github.com/google/go-sev-guest/kds"
	pb "github.com/google/go-sev-guest/proto/sevsnp"
)

// endorsement is the verified certificate of the key that signs reports.
type endorsement struct {
	cert       *x509.Certificate
	extensions *kds.Extensions
}

// openEndorsement verifies the certificates and the list of revoked ones.
func openEndorsement(c *SNPCollateral, r *pb.Report, signer abi.ReportSigner, roots Roots, now time.Time) (*endorsement, error) {
	cert, err := parseDER(c.Endorsement, "endorsement certificate")
	if err != nil {
		return nil, err
	}
	extensions, err := kds.CertificateExtensions(cert, signer)
	if err != nil {
		return nil, refuse(ErrMalformed, "%v", err)
	}
	line := productLine(extensions.ProductName)
	if r.Cpuid1EaxFms != 0 { // since report version 3; the certificate's text may be wrong
		line = kds.ProductLineFromFms(r.Cpuid1EaxFms)
	}
	issuers, authority, err := openIssuer(c.Issuer, c.Root, line)
	if err != nil {
		return nil, err
	}
	if err := named(issuers.issuer, issuerName(line, signer)); err != nil {
		return nil, err
	}
	if err := named(cert, "SEV-"+signer.String()); err != nil {
		return nil, err
	}
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P384() || cert.SignatureAlgorithm != x509.SHA384WithRSAPSS {
		return nil, refuse(ErrCertificate, "the processor's key is not of P-384, signed by RSA-PSS")
	}
	full := chain{leaf: cert, issuer: issuers.issuer, root: issuers.root}
	if err := full.verify(roots, authority, now); err != nil {
		return nil, err
	}
	crl, err := parseCRL(c.CRL, issuers.root, now)
	if err != nil {
		return nil, err
	}
	if err := notRevoked(crl, issuers.issuer); err != nil {
		return nil, err
	}
	return &endorsement{cert, extensions}, nil
}

// openIssuer reads the certificates between a product line's root and its
// processors.
func openIssuer(issuer, root []byte, line string) (chain, Authority, error) {
	authority, ok := authorityOf(line)
	if !ok {
		return chain{}, 0, refuse(ErrUnsupported, "product line %q", line)
	}
	var c chain
	var err error
	if c.issuer, err = parseDER(issuer, "issuer's certificate"); err != nil {
		return chain{}, 0, err
	}
	if c.root, err = parseDER(root, "root certificate"); err != nil {
		return chain{}, 0, err
	}
	return c, authority, named(c.root, "ARK-"+line)
}

func issuerName(line string, signer abi.ReportSigner) string {
	if signer == abi.VlekReportSigner {
		return "SEV-VLEK-" + line
	}
	return "SEV-" + line
}

// productLine is the first part of a product name such as Milan-B0.
func productLine(name string) string {
	line, _, _ := strings.Cut(name, "-")
	return line
}

// matches holds that the certificate is for the firmware that the report
// names and, if it is the processor's own, for the processor.
func (e *endorsement) matches(r *pb.Report, signer abi.ReportSigner) error {
	if uint64(e.extensions.TCBVersion) != r.ReportedTcb {
		return refuse(ErrTCB, "certificate for firmware %#x, report for %#x", e.extensions.TCBVersion, r.ReportedTcb)
	}
	if signer == abi.VcekReportSigner && !bytes.Equal(e.extensions.HWID, r.ChipId) {
		return refuse(ErrCertificate, "of another processor")
	}
	return nil
}

// ProductLine names the product line and the issuer's certificate that a
// report needs, by the report and the certificate of its signing key. Nothing
// is verified.
func ProductLine(report, endorsed []byte) (a Authority, vlek bool, err error) {
	defer guard(&err)
	if err := capped(MaxCollateral, endorsed); err != nil {
		return a, false, err
	}
	r, signer, err := parseReport(report)
	if err != nil {
		return a, false, err
	}
	cert, err := parseDER(endorsed, "endorsement certificate")
	if err != nil {
		return a, false, err
	}
	extensions, err := kds.CertificateExtensions(cert, signer)
	if err != nil {
		return a, false, refuse(ErrMalformed, "%v", err)
	}
	line := productLine(extensions.ProductName)
	if r.Cpuid1EaxFms != 0 {
		line = kds.ProductLineFromFms(r.Cpuid1EaxFms)
	}
	a, ok := authorityOf(line)
	if !ok {
		return a, false, refuse(ErrUnsupported, "product line %q", line)
	}
	return a, signer == abi.VlekReportSigner, nil
}

// SNPIssuer is what CheckSNPIssuer finds out.
type SNPIssuer struct {
	Authority Authority
	VLEK      bool      // the certificate is an ASVK
	Issued    time.Time // when the list of revoked certificates was issued
}

// CheckSNPIssuer verifies by itself what all processors of a product line
// share: the issuer's certificate, the root and the root's list of revoked
// certificates.
func CheckSNPIssuer(c SNPCollateral, roots Roots, now time.Time) (s SNPIssuer, err error) {
	defer guard(&err)
	if err := capped(MaxCollateral, c.Issuer, c.Root, c.CRL); err != nil {
		return s, err
	}
	root, err := parseDER(c.Root, "root certificate")
	if err != nil {
		return s, err
	}
	line := strings.TrimPrefix(root.Subject.CommonName, "ARK-")
	issuers, authority, err := openIssuer(c.Issuer, c.Root, line)
	if err != nil {
		return s, err
	}
	switch name := issuers.issuer.Subject.CommonName; name {
	case issuerName(line, abi.VcekReportSigner):
	case issuerName(line, abi.VlekReportSigner):
		s.VLEK = true
	default:
		return s, refuse(ErrCertificate, "%q is not an issuer of %s", name, line)
	}
	if err := issuers.verify(roots, authority, now); err != nil {
		return s, err
	}
	crl, err := parseCRL(c.CRL, issuers.root, now)
	if err != nil {
		return s, err
	}
	if err := notRevoked(crl, issuers.issuer); err != nil {
		return s, err
	}
	s.Authority, s.Issued = authority, crl.ThisUpdate
	return s, nil
}
