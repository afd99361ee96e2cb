package offences

import (
	"errors"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Punisher punishes validators. fractions are of their stake, one for each
// offender; session is when they offended.
type Punisher interface {
	OnOffence(ctx *runtime.Context, offenders []staking.Offender, fractions []substrate.Perbill, session uint32)
}

// punisher is set by Wire.
var punisher Punisher

// Wire names what this pallet uses of others.
func Wire(p Punisher) { punisher = p }

// API is what those use who find offences.
type API struct{}

// Offence is what validators did together.
type Offence struct {
	// Kind is 16 bytes of text.
	Kind [16]byte
	// Slot is the encoded time slot: offences of one kind and slot are one.
	Slot []byte
	// Session is when it happened.
	Session uint32
	// Offenders are those who are newly found guilty.
	Offenders []staking.Identification
	// Fraction of their stake that k offenders lose each.
	Fraction func(k uint32) substrate.Perbill
}

// ErrDuplicateReport is returned for an offence whose offenders are all known.
var ErrDuplicateReport = errors.New("offences: reported before")

// Report records an offence and punishes all who took part in it so far, each by
// the fraction for their number: staking takes no more than is new. It emits
// Offence.
func (API) Report(ctx *runtime.Context, o Offence, reporters ...substrate.AccountID) error {
	ids := ConcurrentReportsIndex.Get(ctx, o.Kind, o.Slot)
	known := len(ids)
	for _, who := range o.Offenders {
		id := reportID(o, who)
		if slices.Contains(ids, id) {
			continue
		}
		Reports.Put(ctx, id, OffenceDetails{Offender: who, Reporters: reporters})
		ids = append(ids, id)
	}
	if len(ids) == known {
		return ErrDuplicateReport
	}
	ConcurrentReportsIndex.Put(ctx, o.Kind, o.Slot, ids)
	offenders := make([]staking.Offender, 0, len(ids))
	fractions := make([]substrate.Perbill, 0, len(ids))
	fraction := o.Fraction(uint32(len(ids)))
	for _, id := range ids {
		if r, ok := Reports.Get(ctx, id); ok {
			offenders = append(offenders, staking.Offender{Identification: r.Offender, Reporters: r.Reporters})
			fractions = append(fractions, fraction)
		}
	}
	punisher.OnOffence(ctx, offenders, fractions, o.Session)
	ctx.Emit(OffenceEvent{Kind: o.Kind, Timeslot: o.Slot})
	return nil
}

// reportID is blake2-256 over SCALE(kind, slot, offender).
func reportID(o Offence, who staking.Identification) substrate.H256 {
	return crypto.Blake2b256(o.Kind[:], scale.MustMarshal(o.Slot), scale.MustMarshal(who))
}
