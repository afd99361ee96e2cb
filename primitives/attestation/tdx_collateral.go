package attestation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"time"

	"github.com/google/go-tdx-guest/pcs"
)

// Signed is an answer of Intel's certification service.
type Signed struct {
	// Body is the JSON object exactly as signed: the value of "tcbInfo" or
	// "enclaveIdentity".
	Body []byte
	// Signature is r ‖ s, 64 bytes.
	Signature []byte
	// Chain is the PEM of the signing certificate and the root.
	Chain []byte
}

// TDXCollateral is what Intel says about a platform.
type TDXCollateral struct {
	TCBInfo    Signed // of the quote's FMSPC
	QEIdentity Signed // of the TD quoting enclave
	PCKCRL     []byte // DER; of the platform CA
	RootCRL    []byte // DER; of the root
}

func (c *TDXCollateral) capped() error {
	return capped(MaxCollateral, c.TCBInfo.Body, c.TCBInfo.Signature, c.TCBInfo.Chain,
		c.QEIdentity.Body, c.QEIdentity.Signature, c.QEIdentity.Chain, c.PCKCRL, c.RootCRL)
}

// open verifies the signature and returns the chain that made it.
func (s *Signed) open(roots Roots, now time.Time) (chain, error) {
	if err := capped(MaxCollateral, s.Body, s.Signature, s.Chain); err != nil {
		return chain{}, err
	}
	certs, err := parsePEM(s.Chain, 2)
	if err != nil {
		return chain{}, err
	}
	c := chain{issuer: certs[0], root: certs[1]}
	if err := named(c.issuer, tcbSigningName); err != nil {
		return chain{}, err
	}
	if err := named(c.root, intelRootName); err != nil {
		return chain{}, err
	}
	if err := c.verify(roots, Intel, now); err != nil {
		return chain{}, err
	}
	key, ok := c.issuer.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return chain{}, refuse(ErrCertificate, "the signing key is not of P-256")
	}
	if !verifyP256(key, s.Body, s.Signature) {
		return chain{}, refuse(ErrSignature, "of %q", tcbSigningName)
	}
	return c, nil
}

// openTCBInfo verifies and reads TCB information.
func openTCBInfo(s *Signed, roots Roots, now time.Time) (*pcs.TcbInfo, chain, error) {
	c, err := s.open(roots, now)
	if err != nil {
		return nil, chain{}, err
	}
	var info pcs.TcbInfo
	if err := json.Unmarshal(s.Body, &info); err != nil {
		return nil, chain{}, refuse(ErrMalformed, "TCB info: %v", err)
	}
	if info.ID != "TDX" || info.Version != 3 || len(info.TcbLevels) == 0 {
		return nil, chain{}, refuse(ErrUnsupported, "TCB info %q version %d", info.ID, info.Version)
	}
	if !within(now, info.IssueDate, info.NextUpdate) {
		return nil, chain{}, refuse(ErrExpired, "TCB info is for %v to %v", info.IssueDate, info.NextUpdate)
	}
	return &info, c, nil
}

// openQEIdentity verifies and reads the identity of the TD quoting enclave.
func openQEIdentity(s *Signed, roots Roots, now time.Time) (*pcs.EnclaveIdentity, chain, error) {
	c, err := s.open(roots, now)
	if err != nil {
		return nil, chain{}, err
	}
	var id pcs.EnclaveIdentity
	if err := json.Unmarshal(s.Body, &id); err != nil {
		return nil, chain{}, refuse(ErrMalformed, "QE identity: %v", err)
	}
	if id.ID != "TD_QE" || id.Version != 2 || len(id.TcbLevels) == 0 {
		return nil, chain{}, refuse(ErrUnsupported, "QE identity %q version %d", id.ID, id.Version)
	}
	if !within(now, id.IssueDate, id.NextUpdate) {
		return nil, chain{}, refuse(ErrExpired, "QE identity is for %v to %v", id.IssueDate, id.NextUpdate)
	}
	return &id, c, nil
}

// CheckTCBInfo verifies TCB information by itself. It returns the FMSPC it is
// for and when it was issued.
func CheckTCBInfo(s Signed, roots Roots, now time.Time) (fmspc [6]byte, issued time.Time, err error) {
	defer guard(&err)
	info, _, err := openTCBInfo(&s, roots, now)
	if err != nil {
		return fmspc, issued, err
	}
	fmspc, err = parseFMSPC(info.Fmspc)
	return fmspc, info.IssueDate, err
}

// CheckQEIdentity verifies the identity of the TD quoting enclave by itself.
// It returns when it was issued.
func CheckQEIdentity(s Signed, roots Roots, now time.Time) (issued time.Time, err error) {
	defer guard(&err)
	id, _, err := openQEIdentity(&s, roots, now)
	if err != nil {
		return issued, err
	}
	return id.IssueDate, nil
}

// CheckRootCRL verifies Intel's list of revoked CAs by itself; root is the
// root certificate, DER. It returns when the list was issued.
func CheckRootCRL(crl, root []byte, roots Roots, now time.Time) (issued time.Time, err error) {
	defer guard(&err)
	if err := capped(MaxCollateral, crl, root); err != nil {
		return issued, err
	}
	cert, err := parseDER(root, "root certificate")
	if err != nil {
		return issued, err
	}
	if err := named(cert, intelRootName); err != nil {
		return issued, err
	}
	if err := (chain{issuer: cert, root: cert}).verify(roots, Intel, now); err != nil {
		return issued, err
	}
	return issuedCRL(crl, cert, now)
}

// CheckPCKCRL verifies the list of revoked platforms by itself; issuers is the
// PEM of the platform CA and the root. It returns when the list was issued.
func CheckPCKCRL(crl, issuers []byte, roots Roots, now time.Time) (issued time.Time, err error) {
	defer guard(&err)
	if err := capped(MaxCollateral, crl, issuers); err != nil {
		return issued, err
	}
	certs, err := parsePEM(issuers, 2)
	if err != nil {
		return issued, err
	}
	if err := named(certs[0], platformCAName); err != nil {
		return issued, err
	}
	if err := (chain{issuer: certs[0], root: certs[1]}).verify(roots, Intel, now); err != nil {
		return issued, err
	}
	return issuedCRL(crl, certs[0], now)
}

func issuedCRL(crl []byte, issuer *x509.Certificate, now time.Time) (time.Time, error) {
	list, err := parseCRL(crl, issuer, now)
	if err != nil {
		return time.Time{}, err
	}
	return list.ThisUpdate, nil
}
