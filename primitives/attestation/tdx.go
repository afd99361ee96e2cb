package attestation

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/gocess/gocess/primitives/crypto"
)

// TDXPolicy is what a verifier puts up with.
type TDXPolicy struct {
	// AllowSEPTVE accepts machines without SEPT_VE_DISABLE, at confidence 3 or
	// worse: their host can interrupt them at any memory access.
	AllowSEPTVE bool
}

// Attributes of a TD.
const (
	tdDebugMask     = 0xff    // TUD group: any bit makes the TD untrusted
	tdSEPTVEDisable = 1 << 28 // no #VE on missing pages
)

// VerifyTDX verifies a TDX quote, version 4, at a time. It returns ErrMalformed,
// ErrUnsupported, ErrCertificate, ErrSignature, ErrExpired, ErrTCB or
// ErrPolicy.
func VerifyTDX(raw []byte, c TDXCollateral, p TDXPolicy, roots Roots, now time.Time) (e Evidence, err error) {
	defer guard(&err)
	if err := c.capped(); err != nil {
		return Evidence{}, err
	}
	q, err := parseQuote(raw)
	if err != nil {
		return Evidence{}, err
	}
	certs, platform, err := q.pckChain()
	if err != nil {
		return Evidence{}, err
	}
	if err := certs.verify(roots, Intel, now); err != nil {
		return Evidence{}, err
	}
	if err := q.verifySignatures(certs.leaf); err != nil {
		return Evidence{}, err
	}
	info, infoChain, err := openTCBInfo(&c.TCBInfo, roots, now)
	if err != nil {
		return Evidence{}, err
	}
	identity, identityChain, err := openQEIdentity(&c.QEIdentity, roots, now)
	if err != nil {
		return Evidence{}, err
	}
	if err := checkIntelCRLs(&c, certs, infoChain, identityChain, now); err != nil {
		return Evidence{}, err
	}
	confidence, err := checkTDPolicy(q.body, p)
	if err != nil {
		return Evidence{}, err
	}
	enclave, err := rateQE(q.qeReport, identity)
	if err != nil {
		return Evidence{}, err
	}
	machine, err := ratePlatform(q.body, platform, info)
	if err != nil {
		return Evidence{}, err
	}
	return Evidence{
		Kind: TDX, Measurement: q.body.measurement(), ReportData: q.body.reportData(),
		Confidence: max(confidence, enclave, machine),
	}, nil
}

// checkIntelCRLs holds that nothing between the root and the quote, and
// between the root and the collateral, was revoked.
func checkIntelCRLs(c *TDXCollateral, certs, info, identity chain, now time.Time) error {
	for _, other := range []chain{info, identity} {
		if !bytes.Equal(other.root.RawSubjectPublicKeyInfo, certs.root.RawSubjectPublicKeyInfo) {
			return refuse(ErrCertificate, "quote and collateral have different roots")
		}
	}
	root, err := parseCRL(c.RootCRL, certs.root, now)
	if err != nil {
		return err
	}
	if err := notRevoked(root, certs.issuer, info.issuer, identity.issuer); err != nil {
		return err
	}
	pck, err := parseCRL(c.PCKCRL, certs.issuer, now)
	if err != nil {
		return err
	}
	return notRevoked(pck, certs.leaf)
}

func checkTDPolicy(b body, p TDXPolicy) (confidence uint8, err error) {
	attributes := binary.LittleEndian.Uint64(b.attributes())
	if attributes&tdDebugMask != 0 {
		return 0, refuse(ErrPolicy, "TD attributes %#x: it can be debugged", attributes)
	}
	if attributes&tdSEPTVEDisable != 0 {
		return upToDate, nil
	}
	if !p.AllowSEPTVE {
		return 0, refuse(ErrPolicy, "TD attributes %#x: without SEPT_VE_DISABLE", attributes)
	}
	return configurationNeeded, nil
}

// measurement is blake2_256("TDX" ‖ MRTD ‖ RTMR0…3 ‖ MRCONFIGID ‖ MROWNER ‖
// MROWNERCONFIG) (spec/podr2-tee.md §4.3).
func (b body) measurement() [32]byte {
	return crypto.Blake2b256([]byte("TDX"), b.mrTD(), b.rtmrs(), b.mrConfigID(), b.mrOwner(), b.mrOwnerConfig())
}
