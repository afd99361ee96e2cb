package attestation

import (
	"crypto/x509"
	"time"

	"github.com/google/go-sev-guest/abi"
	pb "github.com/google/go-sev-guest/proto/sevsnp"

	"github.com/gocess/gocess/primitives/crypto"
)

// SNPCollateral is what AMD says about a processor; certificates and list in
// DER.
type SNPCollateral struct {
	Endorsement []byte // certificate of the key that signed the report: VCEK or VLEK
	Issuer      []byte // ASK or ASVK
	Root        []byte // ARK
	CRL         []byte // of the ARK
}

// SNPPolicy is what a verifier puts up with.
type SNPPolicy struct {
	// MinimumTCB is the lowest acceptable REPORTED_TCB, byte by byte.
	MinimumTCB uint64

	// allowDebug lets tests look at the vendor's sample, whose machine can be
	// debugged.
	allowDebug bool
}

// VerifySNP verifies an SEV-SNP attestation report of 1184 bytes at a time. It
// returns ErrMalformed, ErrUnsupported, ErrCertificate, ErrSignature,
// ErrExpired, ErrTCB or ErrPolicy.
func VerifySNP(raw []byte, c SNPCollateral, p SNPPolicy, roots Roots, now time.Time) (e Evidence, err error) {
	defer guard(&err)
	if err := capped(MaxCollateral, c.Endorsement, c.Issuer, c.Root, c.CRL); err != nil {
		return Evidence{}, err
	}
	r, signer, err := parseReport(raw)
	if err != nil {
		return Evidence{}, err
	}
	endorsed, err := openEndorsement(&c, r, signer, roots, now)
	if err != nil {
		return Evidence{}, err
	}
	if err := verifyReport(raw, endorsed.cert); err != nil {
		return Evidence{}, err
	}
	if err := endorsed.matches(r, signer); err != nil {
		return Evidence{}, err
	}
	if err := checkGuest(r, p); err != nil {
		return Evidence{}, err
	}
	if err := checkTCB(r, p.MinimumTCB); err != nil {
		return Evidence{}, err
	}
	return Evidence{
		Kind: SEVSNP, Measurement: measurementSNP(r), ReportData: [64]byte(r.ReportData), Confidence: upToDate,
	}, nil
}

func parseReport(raw []byte) (*pb.Report, abi.ReportSigner, error) {
	if len(raw) != abi.ReportSize {
		return nil, 0, refuse(ErrMalformed, "a report of %d bytes", len(raw))
	}
	if err := abi.ValidateReportFormat(raw); err != nil {
		return nil, 0, refuse(ErrUnsupported, "%v", err)
	}
	r, err := abi.ReportToProto(raw)
	if err != nil {
		return nil, 0, refuse(ErrMalformed, "%v", err)
	}
	if r.SignatureAlgo != abi.SignEcdsaP384Sha384 {
		return nil, 0, refuse(ErrUnsupported, "signature algorithm %d", r.SignatureAlgo)
	}
	info, err := abi.ParseSignerInfo(r.SignerInfo)
	if err != nil {
		return nil, 0, refuse(ErrMalformed, "%v", err)
	}
	if info.SigningKey != abi.VcekReportSigner && info.SigningKey != abi.VlekReportSigner {
		return nil, 0, refuse(ErrUnsupported, "report signed by %v", info.SigningKey)
	}
	return r, info.SigningKey, nil
}

func verifyReport(raw []byte, cert *x509.Certificate) error {
	signature, err := abi.ReportToSignatureDER(raw)
	if err != nil {
		return refuse(ErrMalformed, "%v", err)
	}
	if err := cert.CheckSignature(x509.ECDSAWithSHA384, abi.SignedComponent(raw), signature); err != nil {
		return refuse(ErrSignature, "of the processor, over the report: %v", err)
	}
	return nil
}

// checkGuest holds that nobody can look into the guest or move it, and that
// its own highest privilege level asked.
func checkGuest(r *pb.Report, p SNPPolicy) error {
	policy, err := abi.ParseSnpPolicy(r.Policy)
	switch {
	case err != nil:
		return refuse(ErrMalformed, "%v", err)
	case policy.Debug && !p.allowDebug:
		return refuse(ErrPolicy, "the guest can be debugged")
	case policy.MigrateMA:
		return refuse(ErrPolicy, "the guest can be moved by a migration agent")
	case r.Vmpl != 0:
		return refuse(ErrPolicy, "report for privilege level %d", r.Vmpl)
	}
	return nil
}

// checkTCB holds that the firmware is recent enough and cannot be rolled back
// below what it reports.
func checkTCB(r *pb.Report, minimum uint64) error {
	if r.CommittedTcb != r.CurrentTcb {
		return refuse(ErrTCB, "firmware %#x is not committed: %#x is", r.CurrentTcb, r.CommittedTcb)
	}
	for shift := 0; shift < 64; shift += 8 {
		if byte(r.ReportedTcb>>shift) < byte(minimum>>shift) {
			return refuse(ErrTCB, "firmware %#x where %#x is due", r.ReportedTcb, minimum)
		}
	}
	return nil
}

// measurementSNP is blake2_256("SNP" ‖ MEASUREMENT ‖ HOST_DATA ‖ ID_KEY_DIGEST
// ‖ FAMILY_ID ‖ IMAGE_ID) (spec/podr2-tee.md §4.3).
func measurementSNP(r *pb.Report) [32]byte {
	return crypto.Blake2b256([]byte("SNP"), r.Measurement, r.HostData, r.IdKeyDigest, r.FamilyId, r.ImageId)
}
