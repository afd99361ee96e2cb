package attestationtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/go-sev-guest/abi"
	"github.com/google/go-sev-guest/kds"

	"github.com/gocess/gocess/primitives/attestation"
)

// AMD is an authority for SEV-SNP of the product line Milan with one
// processor.
type AMD struct {
	authority
	ark, ask, asvk, vcek, vlek entity
}

// TCB is the processor's firmware.
const TCB = 0x44_05_00_00_00_00_00_02

// NewAMD makes an authority whose certificates are valid a year before and
// after now.
func NewAMD(now time.Time) (*AMD, error) {
	v := &AMD{authority: newAuthority(now)}
	key := v.rsa()
	v.ark = entity{v.issue(amdCA("ARK-Milan"), key.Public(), key, nil), key}
	v.ask = v.below(v.ark, amdCA("SEV-Milan"), v.rsa())
	v.asvk = v.below(v.ark, amdCA("SEV-VLEK-Milan"), v.rsa())
	v.vcek = v.below(v.ask, amdLeaf("SEV-VCEK", "Milan-B0", pkix.Extension{Id: kds.OidHwid, Value: ChipID()}), v.ec(elliptic.P384()))
	cloud, err := asn1.MarshalWithParams("cloud", "ia5")
	v.fail(err)
	v.vlek = v.below(v.asvk, amdLeaf("SEV-VLEK", "Milan", pkix.Extension{Id: kds.OidCspID, Value: cloud}), v.ec(elliptic.P384()))
	return v, v.err
}

// ChipID names the processor.
func ChipID() []byte {
	id := sha512.Sum512([]byte("processor of the test"))
	return id[:]
}

// rsa keys are shorter than AMD's, which take seconds to make.
func (v *AMD) rsa() crypto.Signer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	v.fail(err)
	return key
}

func (v *AMD) below(issuer entity, template *x509.Certificate, key crypto.Signer) entity {
	return entity{v.issue(template, key.Public(), issuer.key, issuer.cert), key}
}

func amdName(common string) pkix.Name {
	return pkix.Name{CommonName: common, Organization: []string{"Advanced Micro Devices"}, Country: []string{"US"}}
}

func amdCA(common string) *x509.Certificate {
	cert := ca(amdName(common))
	cert.SignatureAlgorithm = x509.SHA384WithRSAPSS
	return cert
}

func amdLeaf(common, product string, more ...pkix.Extension) *x509.Certificate {
	level := func(id asn1.ObjectIdentifier, v byte) pkix.Extension {
		return pkix.Extension{Id: id, Value: []byte{asn1.TagInteger, 1, v}}
	}
	return &x509.Certificate{
		Subject: amdName(common), SignatureAlgorithm: x509.SHA384WithRSAPSS,
		ExtraExtensions: slices.Concat([]pkix.Extension{
			level(kds.OidStructVersion, 1),
			{Id: kds.OidProductName1, Value: append([]byte{asn1.TagIA5String, byte(len(product))}, product...)},
			level(kds.OidBlSpl, 2), level(kds.OidTeeSpl, 0), level(kds.OidSnpSpl, 5), level(kds.OidSpl4, 0),
			level(kds.OidSpl5, 0), level(kds.OidSpl6, 0), level(kds.OidSpl7, 0), level(kds.OidUcodeSpl, 0x44),
		}, more),
	}
}

// Root is what verifiers have to trust.
func (v *AMD) Root() attestation.Root {
	return attestation.Root{Authority: attestation.AMDMilan, Key: attestation.FingerprintOf(v.ark.cert)}
}

// Guest is a machine that a report is about. The zero Guest is a good one.
type Guest struct {
	ReportData  [64]byte
	Measurement [48]byte
	Debug       bool
	MigrateMA   bool
	VMPL        uint32
	Committed   uint64 // TCB unless set
	Reported    uint64 // TCB unless set
	Chip        []byte // ChipID unless set
	VLEK        bool   // signed by the cloud's key
}

// Report signs a report about the machine.
func (v *AMD) Report(g Guest) []byte {
	raw := make([]byte, abi.ReportSize)
	binary.LittleEndian.PutUint32(raw, 2)
	binary.LittleEndian.PutUint64(raw[0x08:], abi.SnpPolicyToBytes(abi.SnpPolicy{SMT: true, Debug: g.Debug, MigrateMA: g.MigrateMA}))
	binary.LittleEndian.PutUint32(raw[0x30:], g.VMPL)
	binary.LittleEndian.PutUint32(raw[0x34:], abi.SignEcdsaP384Sha384)
	binary.LittleEndian.PutUint64(raw[0x38:], TCB)
	signer := v.vcek
	if g.VLEK {
		signer = v.vlek
		binary.LittleEndian.PutUint32(raw[0x48:], abi.ComposeSignerInfo(abi.SignerInfo{SigningKey: abi.VlekReportSigner}))
	}
	copy(raw[0x50:], g.ReportData[:])
	copy(raw[0x90:], g.Measurement[:])
	binary.LittleEndian.PutUint64(raw[0x180:], cmpOr(g.Reported, TCB))
	copy(raw[0x1a0:0x1e0], ChipID())
	if g.Chip != nil {
		copy(raw[0x1a0:0x1e0], g.Chip)
	}
	binary.LittleEndian.PutUint64(raw[0x1e0:], cmpOr(g.Committed, TCB))
	binary.LittleEndian.PutUint64(raw[0x1f0:], TCB)

	digest := sha512.Sum384(abi.SignedComponent(raw))
	r, s, err := ecdsa.Sign(rand.Reader, signer.key.(*ecdsa.PrivateKey), digest[:])
	if err != nil {
		panic(err)
	}
	signature := raw[0x2a0:]
	for i, n := range [][]byte{r.FillBytes(make([]byte, 72)), s.FillBytes(make([]byte, 72))} {
		slices.Reverse(n) // little-endian
		copy(signature[72*i:], n)
	}
	return raw
}

func cmpOr(v, other uint64) uint64 {
	if v == 0 {
		return other
	}
	return v
}

// Collateral is all that goes with a report.
func (v *AMD) Collateral(g Guest, issued time.Time) attestation.SNPCollateral {
	c := attestation.SNPCollateral{
		Endorsement: v.vcek.cert.Raw, Issuer: v.ask.cert.Raw, Root: v.ark.cert.Raw, CRL: v.CRL(issued),
	}
	if g.VLEK {
		c.Endorsement, c.Issuer = v.vlek.cert.Raw, v.asvk.cert.Raw
	}
	return c
}

// CRL is a list that revokes nobody, RevokedASK one that revokes the issuer of
// processors' certificates; DER.
func (v *AMD) CRL(issued time.Time) []byte {
	return v.revoke(v.ark, x509.SHA384WithRSAPSS, issued)
}

func (v *AMD) RevokedASK(issued time.Time) []byte {
	return v.revoke(v.ark, x509.SHA384WithRSAPSS, issued, v.ask.cert)
}

// Cross is collateral for a real report: the certificate of its issuer is
// replaced by one under this authority's root.
func (v *AMD) Cross(endorsement []byte, issuer *x509.Certificate, issued time.Time) attestation.SNPCollateral {
	return attestation.SNPCollateral{
		Endorsement: endorsement, Issuer: v.cross(issuer, v.ark, x509.SHA384WithRSAPSS).Raw,
		Root: v.ark.cert.Raw, CRL: v.CRL(issued),
	}
}
