package attestation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"math/big"

	"github.com/google/go-tdx-guest/abi"
	"github.com/google/go-tdx-guest/pcs"
)

// The parts of a quote, version 4, in bytes (Intel TDX DCAP Quoting Library
// API, appendix A.3).
const (
	headerSize    = 48
	bodySize      = 584
	signedSize    = headerSize + bodySize
	qeReportSize  = 384
	rawSignature  = 64
	rawPublicKey  = 64
	certDataStart = rawSignature + rawPublicKey

	certDataQEReport = 6 // QE report certification data
	certDataPCKChain = 5 // PEM chain of the PCK certificate
)

// intelQE is the vendor id of Intel's quoting enclave.
var intelQE = [16]byte{0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07}

// quote is a TDX quote taken apart; all slices point into it.
type quote struct {
	signed       []byte // header and body
	body         body
	signature    []byte
	key          []byte // of the attestation
	qeReport     report
	qeSignature  []byte
	qeAuth       []byte
	certificates []byte // PEM
}

// parseQuote takes a quote apart. It has to have exactly the length that its
// own lengths add up to.
func parseQuote(raw []byte) (*quote, error) {
	if err := capped(MaxQuote, raw); err != nil {
		return nil, err
	}
	if len(raw) < headerSize {
		return nil, refuse(ErrMalformed, "a quote of %d bytes", len(raw))
	}
	version, keyType := binary.LittleEndian.Uint16(raw), binary.LittleEndian.Uint16(raw[2:])
	tee := binary.LittleEndian.Uint32(raw[4:])
	if version != abi.QuoteVersion || keyType != abi.AttestationKeyType || tee != abi.TeeTDX {
		return nil, refuse(ErrUnsupported, "quote version %d, key type %d, TEE type %#x", version, keyType, tee)
	}
	if [16]byte(raw[12:28]) != intelQE {
		return nil, refuse(ErrUnsupported, "quoting enclave of vendor %x", raw[12:28])
	}
	r := reader{raw}
	q := &quote{signed: r.take(signedSize)}
	sig := reader{r.sized32()}
	q.signature, q.key = sig.take(rawSignature), sig.take(rawPublicKey)
	qe := reader{sig.certData(certDataQEReport)}
	q.qeReport, q.qeSignature = qe.take(qeReportSize), qe.take(rawSignature)
	q.qeAuth = qe.sized16()
	q.certificates = qe.certData(certDataPCKChain)
	if r.rest == nil || sig.rest == nil || qe.rest == nil || len(r.rest)+len(sig.rest)+len(qe.rest) != 0 {
		return nil, refuse(ErrMalformed, "the lengths in the quote do not add up to %d bytes", len(raw))
	}
	q.body = q.signed[headerSize:]
	return q, nil
}

// reader cuts slices off; once it has too little left, rest and all further
// slices are nil.
type reader struct{ rest []byte }

func (r *reader) take(n int) []byte {
	if r.rest == nil || n > len(r.rest) {
		r.rest = nil
		return nil
	}
	head := r.rest[:n:n]
	r.rest = r.rest[n:]
	return head
}

func (r *reader) sized16() []byte {
	n := r.take(2)
	if n == nil {
		return nil
	}
	return r.take(int(binary.LittleEndian.Uint16(n)))
}

func (r *reader) sized32() []byte {
	n := r.take(4)
	if n == nil {
		return nil
	}
	if size := binary.LittleEndian.Uint32(n); size <= MaxQuote {
		return r.take(int(size))
	}
	r.rest = nil
	return nil
}

// certData is certification data of the given type.
func (r *reader) certData(kind uint16) []byte {
	if n := r.take(2); n == nil || binary.LittleEndian.Uint16(n) != kind {
		r.rest = nil
		return nil
	}
	return r.sized32()
}

// body is the TD report in a quote, 584 bytes.
type body []byte

func (b body) teeTCBSvn() []byte      { return b[0:16] }
func (b body) mrSignerSeam() []byte   { return b[64:112] }
func (b body) seamAttributes() []byte { return b[112:120] }
func (b body) attributes() []byte     { return b[120:128] }
func (b body) mrTD() []byte           { return b[136:184] }
func (b body) mrConfigID() []byte     { return b[184:232] }
func (b body) mrOwner() []byte        { return b[232:280] }
func (b body) mrOwnerConfig() []byte  { return b[280:328] }
func (b body) rtmrs() []byte          { return b[328:520] }
func (b body) reportData() [64]byte   { return [64]byte(b[520:584]) }

// report is the SGX report of the quoting enclave, 384 bytes.
type report []byte

func (r report) miscSelect() []byte   { return r[16:20] }
func (r report) attributes() []byte   { return r[48:64] }
func (r report) mrSigner() []byte     { return r[128:160] }
func (r report) isvProdID() uint16    { return binary.LittleEndian.Uint16(r[256:]) }
func (r report) isvSvn() uint16       { return binary.LittleEndian.Uint16(r[258:]) }
func (r report) reportData() [64]byte { return [64]byte(r[320:384]) }

// pckChain are the certificates that a quote brings: of the platform's key, of
// the platform CA and of Intel's root.
func (q *quote) pckChain() (chain, *pcs.PckExtensions, error) {
	certs, err := parsePEM(q.certificates, 3)
	if err != nil {
		return chain{}, nil, err
	}
	c := chain{leaf: certs[0], issuer: certs[1], root: certs[2]}
	for _, due := range []struct {
		cert *x509.Certificate
		name string
	}{{c.leaf, pckName}, {c.issuer, platformCAName}, {c.root, intelRootName}} {
		if err := named(due.cert, due.name); err != nil {
			return chain{}, nil, err
		}
	}
	extensions, err := pcs.PckCertificateExtensions(c.leaf)
	if err != nil {
		return chain{}, nil, refuse(ErrMalformed, "%v", err)
	}
	return c, extensions, nil
}

// The names of Intel's certificates.
const (
	intelRootName  = "Intel SGX Root CA"
	platformCAName = "Intel SGX PCK Platform CA"
	pckName        = "Intel SGX PCK Certificate"
	tcbSigningName = "Intel SGX TCB Signing"
)

// verifySignatures checks the quote down from the platform's key: that signs
// the report of the quoting enclave, which names the key that signs the quote.
func (q *quote) verifySignatures(pck *x509.Certificate) error {
	platform, ok := pck.PublicKey.(*ecdsa.PublicKey)
	if !ok || platform.Curve != elliptic.P256() {
		return refuse(ErrCertificate, "the platform's key is not of P-256")
	}
	if !verifyP256(platform, q.qeReport, q.qeSignature) {
		return refuse(ErrSignature, "of the platform, over the quoting enclave's report")
	}
	var commitment [64]byte
	digest := sha256.Sum256(append(append([]byte(nil), q.key...), q.qeAuth...))
	copy(commitment[:], digest[:])
	if q.qeReport.reportData() != commitment {
		return refuse(ErrSignature, "the quoting enclave names another key")
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append([]byte{4}, q.key...))
	if err != nil {
		return refuse(ErrMalformed, "attestation key: %v", err)
	}
	if !verifyP256(key, q.signed, q.signature) {
		return refuse(ErrSignature, "of the quoting enclave, over the quote")
	}
	return nil
}

// verifyP256 checks a signature in the form r ‖ s, big-endian.
func verifyP256(key *ecdsa.PublicKey, message, signature []byte) bool {
	if len(signature) != rawSignature {
		return false
	}
	digest := sha256.Sum256(message)
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(key, digest[:], r, s)
}

// FMSPC is the family of platforms that a quote comes from, by its PCK
// certificate: the key of the TCB information that fits. Nothing is verified.
func FMSPC(raw []byte) (f [6]byte, err error) {
	defer guard(&err)
	q, err := parseQuote(raw)
	if err != nil {
		return f, err
	}
	_, extensions, err := q.pckChain()
	if err != nil {
		return f, err
	}
	return parseFMSPC(extensions.FMSPC)
}

func parseFMSPC(text string) (f [6]byte, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(f) {
		return f, refuse(ErrMalformed, "FMSPC %q", text)
	}
	return [6]byte(b), nil
}
