package attestationtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"time"

	"github.com/google/go-tdx-guest/pcs"

	"github.com/gocess/gocess/primitives/attestation"
)

// Intel is an authority for TDX with one platform.
type Intel struct {
	authority
	root, platformCA, signing, pck entity
	quoting                        crypto.Signer
}

// FMSPC is the family of the platform.
var FMSPC = [6]byte{0x50, 0x80, 0x6f, 0, 0, 0}

// The platform's versions.
const (
	PCESvn = 11
	CPUSvn = 5 // each component's
	QESvn  = 4
)

// NewIntel makes an authority whose certificates are valid a year before and
// after now.
func NewIntel(now time.Time) (*Intel, error) {
	v := &Intel{authority: newAuthority(now)}
	key := v.p256()
	v.root = entity{v.issue(ca(intelName("Intel SGX Root CA")), key.Public(), key, nil), key}
	v.platformCA = v.below(v.root, ca(intelName("Intel SGX PCK Platform CA")))
	v.signing = v.below(v.root, &x509.Certificate{
		Subject: intelName("Intel SGX TCB Signing"), KeyUsage: x509.KeyUsageDigitalSignature,
	})
	v.pck = v.below(v.platformCA, &x509.Certificate{
		Subject: intelName("Intel SGX PCK Certificate"), KeyUsage: x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true, SubjectKeyId: []byte("platform"),
		CRLDistributionPoints: []string{"https://localhost/crl"},
		ExtraExtensions:       []pkix.Extension{{Id: pcs.OidSgxExtension, Value: sgxExtension()}},
	})
	v.quoting = v.p256()
	return v, v.err
}

func (v *Intel) below(issuer entity, template *x509.Certificate) entity {
	key := v.p256()
	return entity{v.issue(template, key.Public(), issuer.key, issuer.cert), key}
}

func intelName(common string) pkix.Name {
	return pkix.Name{CommonName: common, Organization: []string{"Intel Corporation"}, Country: []string{"US"}}
}

// sgxExtension names the platform in its certificate.
func sgxExtension() []byte {
	type value struct {
		ID    asn1.ObjectIdentifier
		Value any
	}
	tcb := make([]value, 0, 18)
	for i := range 16 {
		tcb = append(tcb, value{append(append(asn1.ObjectIdentifier(nil), pcs.OidTCB...), i+1), CPUSvn})
	}
	tcb = append(tcb, value{pcs.OidPCESvn, PCESvn}, value{pcs.OidCPUSvn, make([]byte, 16)})
	der, err := asn1.Marshal([]value{
		{pcs.OidPPID, make([]byte, 16)}, {pcs.OidTCB, tcb},
		{pcs.OidPCEID, make([]byte, 2)}, {pcs.OidFMSPC, FMSPC[:]},
	})
	if err != nil {
		panic(err) // constants
	}
	return der
}

// Root is what verifiers have to trust.
func (v *Intel) Root() attestation.Root {
	return attestation.Root{Authority: attestation.Intel, Key: attestation.FingerprintOf(v.root.cert)}
}

// RootDER is the root certificate.
func (v *Intel) RootDER() []byte { return v.root.cert.Raw }

// Issuers is the PEM of the platform CA and the root.
func (v *Intel) Issuers() []byte { return pemOf(v.platformCA.cert, v.root.cert) }

// TD is a machine that a quote is about.
type TD struct {
	ReportData [64]byte
	Attributes uint64
	TCBSvn     [16]byte
	MRTD       [48]byte
}

// SEPTVEDisable is the attribute that machines should have.
const SEPTVEDisable = 1 << 28

// Body is the TD report of the machine, 584 bytes.
func (td TD) Body() []byte {
	body := make([]byte, 584)
	copy(body, td.TCBSvn[:])
	binary.LittleEndian.PutUint64(body[120:], td.Attributes)
	copy(body[136:], td.MRTD[:])
	copy(body[520:], td.ReportData[:])
	return body
}

// Quote signs a quote about the machine.
func (v *Intel) Quote(td TD) []byte {
	header := make([]byte, 48)
	binary.LittleEndian.PutUint16(header, 4)
	binary.LittleEndian.PutUint16(header[2:], 2)
	binary.LittleEndian.PutUint32(header[4:], 0x81)
	copy(header[12:], []byte{0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07})
	signed := append(header, td.Body()...)

	auth := []byte("authentication data of the test.")
	key := rawKey(v.quoting)
	commitment := sha256.Sum256(append(append([]byte(nil), key...), auth...))
	report := v.qeReport(commitment)

	qe := append(report, rawSign(v.pck.key, report)...)
	qe = append(binary.LittleEndian.AppendUint16(qe, uint16(len(auth))), auth...)
	qe = append(qe, certData(5, pemOf(v.pck.cert, v.platformCA.cert, v.root.cert))...)
	return assemble(signed, append(rawSign(v.quoting, signed), key...), qe)
}

// assemble puts the parts of a quote together.
func assemble(signed, signatureAndKey, qe []byte) []byte {
	sig := append(append([]byte(nil), signatureAndKey...), certData(6, qe)...)
	quote := binary.LittleEndian.AppendUint32(append([]byte(nil), signed...), uint32(len(sig)))
	return append(quote, sig...)
}

func certData(kind uint16, data []byte) []byte {
	head := binary.LittleEndian.AppendUint16(nil, kind)
	return append(binary.LittleEndian.AppendUint32(head, uint32(len(data))), data...)
}

// qeReport is the report of the quoting enclave that Collateral describes.
func (v *Intel) qeReport(commitment [32]byte) []byte {
	report := make([]byte, 384)
	report[48] = 0x11 // attributes
	copy(report[128:], mrSigner())
	binary.LittleEndian.PutUint16(report[256:], 2)
	binary.LittleEndian.PutUint16(report[258:], QESvn)
	copy(report[320:], commitment[:])
	return report
}

func mrSigner() []byte {
	sum := sha256.Sum256([]byte("signer of the quoting enclave"))
	return sum[:]
}

// Cross takes over a real quote: the certificate of its platform CA is
// replaced by one under this authority's root. Everything that the platform
// signed stays as it is.
func (v *Intel) Cross(quote []byte, platformCA *x509.Certificate, pck []byte) []byte {
	crossed := v.cross(platformCA, v.root, x509.ECDSAWithSHA256)
	signed, sig := quote[:632], quote[636:]
	signatureAndKey, qe := sig[:128], sig[134:]
	auth := 450 + int(binary.LittleEndian.Uint16(qe[448:]))
	chain := append(append([]byte(nil), pck...), pemOf(crossed, v.root.cert)...)
	return assemble(signed, signatureAndKey, append(append([]byte(nil), qe[:auth]...), certData(5, chain)...))
}

// CrossSigning is the PEM of a chain for the key that signed a real answer of
// the certification service.
func (v *Intel) CrossSigning(signing *x509.Certificate) []byte {
	return pemOf(v.cross(signing, v.root, x509.ECDSAWithSHA256), v.root.cert)
}

// Sign signs an answer of the certification service.
func (v *Intel) Sign(body []byte) attestation.Signed {
	return attestation.Signed{
		Body: body, Signature: rawSign(v.signing.key, body), Chain: pemOf(v.signing.cert, v.root.cert),
	}
}

// rawSign makes r ‖ s over SHA-256 of a message.
func rawSign(key crypto.Signer, message []byte) []byte {
	digest := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, key.(*ecdsa.PrivateKey), digest[:])
	if err != nil {
		panic(err)
	}
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

func rawKey(key crypto.Signer) []byte {
	raw, err := key.Public().(*ecdsa.PublicKey).Bytes()
	if err != nil {
		panic(err)
	}
	return raw[1:]
}

// RevokedPCK is a list that revokes the platform, RevokedCA one that revokes
// its CA; both in DER. PCKCRL and RootCRL revoke nobody.
func (v *Intel) RevokedPCK(issued time.Time) []byte {
	return v.revoke(v.platformCA, x509.ECDSAWithSHA256, issued, v.pck.cert)
}

func (v *Intel) RevokedCA(issued time.Time) []byte {
	return v.revoke(v.root, x509.ECDSAWithSHA256, issued, v.platformCA.cert)
}

func (v *Intel) RevokedSigner(issued time.Time) []byte {
	return v.revoke(v.root, x509.ECDSAWithSHA256, issued, v.signing.cert)
}

func (v *Intel) PCKCRL(issued time.Time) []byte {
	return v.revoke(v.platformCA, x509.ECDSAWithSHA256, issued)
}

func (v *Intel) RootCRL(issued time.Time) []byte {
	return v.revoke(v.root, x509.ECDSAWithSHA256, issued)
}
