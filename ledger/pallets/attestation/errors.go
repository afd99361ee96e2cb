package attestation

import (
	"errors"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/attestation"
)

// Errors.
var (
	ErrMalformed         = runtime.NewError(index, 0, "Malformed")         // not in the vendor's format, or too long
	ErrUnsupported       = runtime.NewError(index, 1, "Unsupported")       // another technology or version
	ErrCertificate       = runtime.NewError(index, 2, "Certificate")       // no valid chain to a trusted root, or revoked
	ErrSignature         = runtime.NewError(index, 3, "Signature")         // below the certificates
	ErrExpired           = runtime.NewError(index, 4, "Expired")           // collateral for another time
	ErrTCB               = runtime.NewError(index, 5, "PlatformVersions")  // revoked, unrated or below the minimum
	ErrPolicy            = runtime.NewError(index, 6, "MachinePolicy")     // the host can look into the machine
	ErrCollateralMissing = runtime.NewError(index, 7, "CollateralMissing") // submit it, or set the minimum, first
	ErrNotNewer          = runtime.NewError(index, 8, "NotNewer")          // the chain's collateral is as new
	ErrStale             = runtime.NewError(index, 9, "NotFresh")          // names no recent block, or none after the last
)

// refusal is the module error for why evidence or collateral is refused.
func refusal(err error) error {
	for _, e := range []struct {
		why  error
		code *runtime.ModuleError
	}{
		{attestation.ErrMalformed, ErrMalformed},
		{attestation.ErrUnsupported, ErrUnsupported},
		{attestation.ErrCertificate, ErrCertificate},
		{attestation.ErrSignature, ErrSignature},
		{attestation.ErrExpired, ErrExpired},
		{attestation.ErrTCB, ErrTCB},
		{attestation.ErrPolicy, ErrPolicy},
	} {
		if errors.Is(err, e.why) {
			return e.code
		}
	}
	return err
}
