package attestation

import (
	"errors"
	"fmt"
	"time"
)

// Evidence is what a verified quote or report says.
type Evidence struct {
	Kind Kind
	// Measurement is blake2_256 over everything that decides what runs:
	// firmware, kernel, command line, root file system and owner's
	// configuration (spec/podr2-tee.md §4.3).
	Measurement [32]byte
	// ReportData is what the program put in.
	ReportData [64]byte
	// Confidence is the state of the platform, from 1, up to date, to 5, out
	// of date (spec/pallets-mining.md §3.3).
	Confidence uint8
}

// Kind is the technology.
type Kind uint8

// The kinds.
const (
	TDX Kind = iota
	SEVSNP
)

func (k Kind) String() string {
	switch k {
	case TDX:
		return "TDX"
	case SEVSNP:
		return "SEV-SNP"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Caps, checked before anything is parsed, in bytes.
const (
	MaxQuote      = 8 << 10
	MaxCollateral = 64 << 10
)

// Why evidence or collateral is refused.
var (
	// ErrMalformed: not in the format, too long, or with bytes to spare.
	ErrMalformed = errors.New("attestation: malformed")
	// ErrUnsupported: another technology or version.
	ErrUnsupported = errors.New("attestation: unsupported kind of evidence")
	// ErrCertificate: a chain does not lead to a trusted root at the given
	// time, or a certificate in it is not what it should be or was revoked.
	ErrCertificate = errors.New("attestation: certificate chain")
	// ErrSignature: a signature below the certificates is wrong.
	ErrSignature = errors.New("attestation: signature")
	// ErrExpired: collateral is outside the time it is meant for.
	ErrExpired = errors.New("attestation: collateral is not valid at this time")
	// ErrTCB: the platform's versions are revoked, below the minimum or not
	// rated by the vendor.
	ErrTCB = errors.New("attestation: platform versions")
	// ErrPolicy: the machine may be debugged or otherwise looked into.
	ErrPolicy = errors.New("attestation: machine policy")
)

func refuse(why error, format string, args ...any) error {
	return fmt.Errorf("%w: %s", why, fmt.Sprintf(format, args...))
}

// guard turns a panic of a parser into ErrMalformed: a block must not be able
// to stop the chain.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = refuse(ErrMalformed, "parser failed: %v", p)
	}
}

func capped(limit int, parts ...[]byte) error {
	total := 0
	for _, p := range parts {
		total += len(p)
	}
	if total > limit {
		return refuse(ErrMalformed, "%d bytes, at most %d are read", total, limit)
	}
	return nil
}

// within says whether now is in [from, to].
func within(now, from, to time.Time) bool { return !now.Before(from) && !now.After(to) }
