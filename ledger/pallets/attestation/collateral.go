package attestation

import (
	"time"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/attestation"
)

// store verifies a piece of collateral and keeps it if it is newer. It returns
// when it was issued, in Unix seconds, and its variant.
func store(ctx *runtime.Context, c Collateral) (issued uint64, variant uint8, err error) {
	roots, now := roots(ctx), blockTime(ctx)
	switch c := c.(type) {
	case TDXTCBInfo:
		a := Answer{Body: c.Body, Signature: c.Signature, Chain: c.Chain}
		fmspc, at, err := attestation.CheckTCBInfo(a.signed(), roots, now)
		old, _ := TCBInfos.Get(ctx, fmspc)
		if a.Issued, err = newer(at, old.Issued, err); err != nil {
			return 0, 0, err
		}
		TCBInfos.Put(ctx, fmspc, a)
		return a.Issued, 0, nil
	case TDXQEIdentity:
		a := Answer{Body: c.Body, Signature: c.Signature, Chain: c.Chain}
		at, err := attestation.CheckQEIdentity(a.signed(), roots, now)
		old, _ := QEIdentity.Get(ctx)
		if a.Issued, err = newer(at, old.Issued, err); err != nil {
			return 0, 0, err
		}
		QEIdentity.Put(ctx, a)
		return a.Issued, 1, nil
	case TDXPCKCRL:
		at, err := attestation.CheckPCKCRL(c.List, c.Chain, roots, now)
		issued, err = replace(ctx, PCKCRL, c.List, at, err)
		return issued, 2, err
	case TDXRootCRL:
		at, err := attestation.CheckRootCRL(c.List, c.Root, roots, now)
		issued, err = replace(ctx, RootCRL, c.List, at, err)
		return issued, 3, err
	case SNPLine:
		issued, err = storeLine(ctx, c, roots, now)
		return issued, 4, err
	}
	return 0, 0, ErrUnsupported
}

// newer is the time in Unix seconds if it is after the one that the chain has.
func newer(issued time.Time, old uint64, err error) (uint64, error) {
	if err != nil {
		return 0, refusal(err)
	}
	// Dates of before 1970 and of all eternity are not dates.
	if s := issued.Unix(); s > 0 && uint64(s) > old {
		return uint64(s), nil
	}
	return 0, ErrNotNewer
}

func replace(ctx *runtime.Context, item *runtime.OptionalValue[RevocationList], list []byte, at time.Time, err error) (uint64, error) {
	old, _ := item.Get(ctx)
	issued, err := newer(at, old.Issued, err)
	if err != nil {
		return 0, err
	}
	item.Put(ctx, RevocationList{List: list, Issued: issued})
	return issued, nil
}

func storeLine(ctx *runtime.Context, c SNPLine, roots attestation.Roots, now time.Time) (uint64, error) {
	s, err := attestation.CheckSNPIssuer(attestation.SNPCollateral{Issuer: c.Issuer, Root: c.Root, CRL: c.CRL}, roots, now)
	line := ProductLine{Authority: Authority(s.Authority), VLEK: s.VLEK}
	old, _ := SNPIssuers.Get(ctx, line)
	issued, err := newer(s.Issued, old.Issued, err)
	if err != nil {
		return 0, err
	}
	SNPIssuers.Put(ctx, line, SNPIssuer{Issuer: c.Issuer, Root: c.Root, CRL: c.CRL, Issued: issued})
	return issued, nil
}
