package staking

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Identification is a validator and what stood behind it.
type Identification struct {
	Stash    substrate.AccountID
	Exposure Exposure
}

// Offender is a validator to be punished and who reported it.
type Offender struct {
	Identification
	Reporters []substrate.AccountID
}

// Seats are the places of validators in the session.
type Seats interface {
	// IndexOf is the stash's place in Session.Validators.
	IndexOf(ctx *runtime.Context, stash substrate.AccountID) (uint32, bool)
	// Validators are those of the session.
	Validators(ctx *runtime.Context) []substrate.AccountID
	// Disable takes the part in the session away from a validator.
	Disable(ctx *runtime.Context, index uint32) bool
}

// seats is set by WireSeats.
var seats Seats

// WireSeats names who knows the places of validators in the session.
func WireSeats(s Seats) { seats = s }

// EraOfSession is the era that a session belongs to: false if its offences
// cannot be punished any more. The session may be the next one.
func (API) EraOfSession(ctx *runtime.Context, session uint32) (uint32, bool) {
	bonded := BondedEras.Get(ctx)
	for _, b := range slices.Backward(bonded) {
		if b.Session > session {
			continue
		}
		era := b.Era
		if start, ok := ErasStartSessionIndex.Get(ctx, era+1); ok && start <= session {
			era++
		}
		return era, true
	}
	return 0, false
}

// FirstBondedSession is the first session whose offences can be punished.
func (API) FirstBondedSession(ctx *runtime.Context) uint32 {
	if bonded := BondedEras.Get(ctx); len(bonded) > 0 {
		return bonded[0].Session
	}
	return 0
}

// Identify is a validator with its exposure in the era of a session: empty if it
// had none or the era is forgotten.
func (a API) Identify(ctx *runtime.Context, stash substrate.AccountID, session uint32) Identification {
	era, _ := a.EraOfSession(ctx, session)
	return Identification{Stash: stash, Exposure: exposureOf(ctx, era, stash)}
}

// exposureOf puts the pages of an exposure together.
func exposureOf(ctx *runtime.Context, era uint32, stash accountID) Exposure {
	overview, ok := ErasStakersOverview.Get(ctx, era, stash)
	if !ok {
		return Exposure{}
	}
	e := Exposure{Total: overview.Total, Own: overview.Own}
	for page := range overview.PageCount {
		p, _ := ErasStakersPaged.Get(ctx, era, stash, page)
		e.Others = append(e.Others, p.Others...)
	}
	return e
}

// OnOffence punishes validators for what they did in a session, each by a
// fraction of what stood behind it in the session's era. Of several offences in
// an era, and in a slashing span, the worst counts. What is taken is recorded at
// once and taken SlashDeferDuration eras after the next one, or now if that is
// zero. Offenders of the running era are disabled, up to a third of the seats;
// none is chilled. Invulnerable validators and offences from before the bonding
// duration are left alone. It emits SlashReported for each offender
// (spec/consensus.md §4.4).
func (API) OnOffence(ctx *runtime.Context, offenders []Offender, fractions []substrate.Perbill, session uint32) {
	active, ok := ActiveEra.Get(ctx)
	if !ok {
		return
	}
	era, ok := API{}.EraOfSession(ctx, session)
	if !ok {
		ctx.Emit(OldSlashingReportDiscardedEvent{SessionIndex: session})
		return
	}
	era = min(era, active.Index)
	window := active.Index - min(active.Index, BondingDuration.Get(ctx))
	invulnerable := Invulnerables.Get(ctx)
	for i, o := range offenders {
		if slices.Contains(invulnerable, o.Stash) {
			continue
		}
		ctx.Emit(SlashReportedEvent{Validator: o.Stash, Fraction: fractions[i], SlashEra: era})
		p := punishment{
			offender: o.Stash, fraction: fractions[i], exposure: o.Exposure,
			era: era, now: active.Index, window: window, rewarded: SlashRewardFraction.Get(ctx),
		}
		if s, ok := p.compute(ctx); ok {
			s.Reporters = o.Reporters
			enqueue(ctx, s, era)
		}
	}
}

// enqueue lets a slash wait for its era, or carries it out.
func enqueue(ctx *runtime.Context, s UnappliedSlash, era uint32) {
	deferral := SlashDeferDuration.Get(ctx)
	if deferral == 0 {
		// One that cannot be carried out leaves the others alone.
		_ = ctx.Transaction(func() error { return apply(ctx, s, era) })
		return
	}
	due := saturatingAdd(saturatingAdd(era, deferral), 1)
	UnappliedSlashes.Put(ctx, due, append(UnappliedSlashes.Get(ctx, due), s))
}

// disable takes an offender of the running era off the session, unless a third
// of the seats is disabled already.
func disable(ctx *runtime.Context, stash accountID, era, now uint32) {
	list := DisabledValidators.Get(ctx)
	if limit := (max(len(seats.Validators(ctx)), 1) - 1) / 3; len(list) >= limit || era < now {
		return
	}
	index, ok := seats.IndexOf(ctx, stash)
	if !ok {
		return
	}
	if at, found := slices.BinarySearch(list, index); !found {
		DisabledValidators.Put(ctx, slices.Insert(list, at, index))
		seats.Disable(ctx, index)
	}
}
