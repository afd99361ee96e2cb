package attestation

import (
	"time"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/attestation"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// quoteTime is what a verification may take, in ref_time picoseconds: 50 ms.
const quoteTime = 50_000_000_000

// QuoteWeight is the weight of verifying evidence or collateral once, with the
// search for the block that it names.
func QuoteWeight() substrate.Weight {
	weight := runtime.WorkWeight(uint64(EvidenceAge.Default())+8, 4)
	weight.RefTime += quoteTime
	return weight
}

// SubmitCollateral brings a piece of collateral that is newer than the
// chain's. Anybody may: the vendor signed it.
type SubmitCollateral struct{ Collateral Collateral }

// DispatchInfo is the cost of verifying it.
func (SubmitCollateral) DispatchInfo() substrate.DispatchInfo {
	return substrate.DispatchInfo{Weight: QuoteWeight()}
}

// Dispatch emits CollateralUpdated.
func (c SubmitCollateral) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	issued, variant, err := store(ctx, c.Collateral)
	if err != nil {
		return err
	}
	ctx.Emit(CollateralUpdatedEvent{Variant: variant, Issued: issued})
	return nil
}

// SubmitEvidence verifies evidence and remembers it for the registration that
// it names. Anybody may: the machine signed it.
type SubmitEvidence struct{ Report Report }

// DispatchInfo is the cost of verifying it.
func (SubmitEvidence) DispatchInfo() substrate.DispatchInfo {
	return substrate.DispatchInfo{Weight: QuoteWeight()}
}

// Dispatch emits EvidenceAccepted. Evidence for a registration that has some
// must name a later block.
func (c SubmitEvidence) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	var v Verified
	var err error
	switch r := c.Report.(type) {
	case TDXQuote:
		v, err = verifyTDX(ctx, r.Quote)
	case SNPReport:
		v, err = verifySNP(ctx, r)
	default:
		err = ErrUnsupported
	}
	if err != nil {
		return err
	}
	if old, ok := Evidence.Get(ctx, v.Registration); ok && v.Block <= old.Block {
		return ErrStale
	}
	Evidence.Put(ctx, v.Registration, v)
	expire(ctx, v.Expires, func(e *Expiry) { e.Evidence = append(e.Evidence, v.Registration) })
	ctx.Emit(EvidenceAcceptedEvent{
		Registration: v.Registration, Kind: v.Kind, Measurement: v.Measurement,
		Confidence: v.Confidence, Expires: v.Expires,
	})
	return nil
}

// SetMinimumTCB sets the lowest firmware of a product line of AMD.
type SetMinimumTCB struct {
	Authority Authority
	TCB       scale.Option[uint64] `scale:"tcb"`
}

// Dispatch emits MinimumTcbSet. Root decides.
func (c SetMinimumTCB) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	if c.Authority == Intel {
		return ErrUnsupported
	}
	if tcb, ok := c.TCB.Get(); ok {
		MinimumTCB.Put(ctx, c.Authority, tcb)
	} else {
		MinimumTCB.Delete(ctx, c.Authority)
	}
	ctx.Emit(MinimumTCBSetEvent(c))
	return nil
}

// SetAllowSEPTVE decides whether TDX machines may do without SEPT_VE_DISABLE.
type SetAllowSEPTVE struct{ Allowed bool }

// Dispatch emits AllowSeptVeSet. Root decides.
func (c SetAllowSEPTVE) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	AllowSEPTVE.Put(ctx, c.Allowed)
	ctx.Emit(AllowSEPTVESetEvent(c))
	return nil
}

func roots(ctx *runtime.Context) attestation.Roots {
	return attestation.Vendors(DevelopmentRoots.Get(ctx)...)
}

func blockTime(ctx *runtime.Context) time.Time { return time.UnixMilli(int64(ctx.Now())).UTC() }

// expire adds to what may be forgotten at a block.
func expire(ctx *runtime.Context, at types.BlockNumber, add func(*Expiry)) {
	e := Expiring.Get(ctx, at)
	add(&e)
	Expiring.Put(ctx, at, e)
}
