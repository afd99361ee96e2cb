package attestation

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/attestation"
	"github.com/gocess/gocess/primitives/substrate"
)

// verifyTDX verifies a quote against the chain's collateral.
func verifyTDX(ctx *runtime.Context, quote []byte) (Verified, error) {
	fmspc, err := attestation.FMSPC(quote)
	if err != nil {
		return Verified{}, refusal(err)
	}
	info, known := TCBInfos.Get(ctx, fmspc)
	identity, identified := QEIdentity.Get(ctx)
	pck, listed := PCKCRL.Get(ctx)
	root, rootListed := RootCRL.Get(ctx)
	if !known || !identified || !listed || !rootListed {
		return Verified{}, ErrCollateralMissing
	}
	e, err := attestation.VerifyTDX(quote, attestation.TDXCollateral{
		TCBInfo: info.signed(), QEIdentity: identity.signed(), PCKCRL: pck.List, RootCRL: root.List,
	}, attestation.TDXPolicy{AllowSEPTVE: AllowSEPTVE.Get(ctx)}, roots(ctx), blockTime(ctx))
	return accept(ctx, e, err)
}

// verifySNP verifies a report against the chain's collateral and minimum.
func verifySNP(ctx *runtime.Context, r SNPReport) (Verified, error) {
	authority, vlek, err := attestation.ProductLine(r.Report, r.Endorsement)
	if err != nil {
		return Verified{}, refusal(err)
	}
	line := ProductLine{Authority: Authority(authority), VLEK: vlek}
	issuer, known := SNPIssuers.Get(ctx, line)
	minimum, set := MinimumTCB.Get(ctx, line.Authority)
	if !known || !set {
		return Verified{}, ErrCollateralMissing
	}
	e, err := attestation.VerifySNP(r.Report, attestation.SNPCollateral{
		Endorsement: r.Endorsement, Issuer: issuer.Issuer, Root: issuer.Root, CRL: issuer.CRL,
	}, attestation.SNPPolicy{MinimumTCB: minimum}, roots(ctx), blockTime(ctx))
	return accept(ctx, e, err)
}

// accept holds that evidence is fresh.
func accept(ctx *runtime.Context, e attestation.Evidence, err error) (Verified, error) {
	if err != nil {
		return Verified{}, refusal(err)
	}
	block, ok := recent(ctx, substrate.H256(e.ReportData[32:]))
	if !ok {
		return Verified{}, ErrStale
	}
	return Verified{
		Kind: Kind(e.Kind), Measurement: e.Measurement, Registration: substrate.H256(e.ReportData[:32]),
		Confidence: e.Confidence, Block: block, Expires: ctx.BlockNumber() + EvidenceLife.Get(ctx),
	}, nil
}

// recent finds the block with a hash among the last EvidenceAge ones.
func recent(ctx *runtime.Context, hash substrate.H256) (types.BlockNumber, bool) {
	if hash.IsZero() {
		return 0, false
	}
	now := ctx.BlockNumber()
	for n := range min(EvidenceAge.Get(ctx), now) {
		if block := now - 1 - n; system.BlockHashes.Get(ctx, block) == hash {
			return block, true
		}
	}
	return 0, false
}
