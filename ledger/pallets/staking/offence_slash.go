package staking

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// firstReward is the part of a reporter's share that the first report earns.
const firstReward = substrate.Perbill(500_000_000)

// punishment is what an offence costs a validator and its nominators.
type punishment struct {
	offender accountID
	fraction substrate.Perbill // of the exposure
	exposure Exposure
	era      uint32 // of the offence
	now      uint32 // active era
	window   uint32 // first era whose offences count
	rewarded substrate.Perbill
}

// compute records the offence and works out what it costs beyond what earlier
// ones did. false means that it costs nothing.
func (p *punishment) compute(ctx *runtime.Context) (UnappliedSlash, bool) {
	var out UnappliedSlash
	if p.fraction.Mul(p.exposure.Total).IsZero() {
		p.endSpan(ctx)
		disable(ctx, p.offender, p.era, p.now)
		return out, false
	}
	prior, _ := ValidatorSlashInEra.Get(ctx, p.era, p.offender)
	if p.fraction <= prior.Fraction {
		// Something worse is known of the era.
		return out, false
	}
	own := p.fraction.Mul(p.exposure.Own)
	ValidatorSlashInEra.Put(ctx, p.era, p.offender, ValidatorSlash{Fraction: p.fraction, Amount: own})
	out.Validator = p.offender
	out.Own, out.Payout = p.charge(ctx, p.offender, own)
	disable(ctx, p.offender, p.era, p.now)
	for _, nominator := range p.exposure.Others {
		grown := p.fraction.Mul(nominator.Value).SaturatingSub(prior.Fraction.Mul(nominator.Value))
		inEra, _ := NominatorSlashInEra.Get(ctx, p.era, nominator.Who)
		inEra = inEra.SaturatingAdd(grown)
		NominatorSlashInEra.Put(ctx, p.era, nominator.Who, inEra)
		taken, payout := p.charge(ctx, nominator.Who, inEra)
		out.Others = append(out.Others, AccountAmount{Account: nominator.Who, Amount: taken})
		out.Payout = out.Payout.SaturatingAdd(payout)
	}
	return out, true
}

// charge raises what a stash lost in the span of the era to inEra, planck, and
// ends the span if it is the running one. It returns the difference and what
// reporters get of it.
func (p *punishment) charge(ctx *runtime.Context, stash accountID, inEra amount) (taken, payout amount) {
	s := p.spansOf(ctx, stash)
	index, ok := s.find(p.era)
	if !ok {
		return taken, payout
	}
	key := SpanKey{Stash: stash, Span: index}
	record := SpanSlash.Get(ctx, key)
	changed := false
	if record.Slashed.Less(inEra) {
		taken = inEra.SaturatingSub(record.Slashed)
		record.Slashed = inEra
		s.LastNonzeroSlash = max(s.LastNonzeroSlash, p.era)
		changed = true
	}
	if record.Slashed == inEra {
		payout = firstReward.Mul(p.rewarded.Mul(inEra).SaturatingSub(record.PaidOut))
		record.PaidOut = record.PaidOut.SaturatingAdd(payout)
		changed = changed || !payout.IsZero()
	}
	if changed {
		SpanSlash.Put(ctx, key, record)
	}
	if index == s.SpanIndex && s.end(p.now) {
		changed = true
	}
	if changed {
		p.save(ctx, stash, s)
	}
	return taken, payout
}

// endSpan ends the offender's running span if the offence lies in it.
func (p *punishment) endSpan(ctx *runtime.Context) {
	s := p.spansOf(ctx, p.offender)
	if index, ok := s.find(p.era); ok && index == s.SpanIndex && s.end(p.now) {
		p.save(ctx, p.offender, s)
	}
}

func (p *punishment) spansOf(ctx *runtime.Context, stash accountID) Spans {
	s, ok := SlashingSpans.Get(ctx, stash)
	if !ok {
		s = Spans{LastStart: p.window}
		SlashingSpans.Put(ctx, stash, s)
	}
	return s
}

// save stores spans without those that have left the window.
func (p *punishment) save(ctx *runtime.Context, stash accountID, s Spans) {
	from, to := s.prune(p.window)
	for i := from; i < to; i++ {
		SpanSlash.Delete(ctx, SpanKey{Stash: stash, Span: i})
	}
	SlashingSpans.Put(ctx, stash, s)
}

// end closes the running span with era now; false if it begins later.
func (s *Spans) end(now uint32) bool {
	next := saturatingAdd(now, 1)
	if next <= s.LastStart {
		return false
	}
	s.Prior = append([]uint32{next - s.LastStart}, s.Prior...)
	s.LastStart = next
	s.SpanIndex++
	return true
}

// find is the index of the span that an era lies in.
func (s *Spans) find(era uint32) (uint32, bool) {
	start, index := s.LastStart, s.SpanIndex
	if era >= start {
		return index, true
	}
	for _, length := range s.Prior {
		start -= min(start, length)
		index -= min(index, 1)
		if era >= start {
			return index, true
		}
	}
	return 0, false
}

// prune forgets the spans that ended before the window and returns the indices
// of those, from…to−1. The running span begins no earlier than the window.
func (s *Spans) prune(window uint32) (from, to uint32) {
	earliest := s.SpanIndex - min(s.SpanIndex, uint32(len(s.Prior)))
	from, to = earliest, earliest
	start := s.LastStart
	for i := range s.Prior {
		if start <= window { // the span before this start ended by the window
			s.Prior = s.Prior[:i]
			to = s.SpanIndex - min(s.SpanIndex, uint32(i))
			break
		}
		start -= min(start, s.Prior[i])
	}
	s.LastStart = max(s.LastStart, window)
	return from, to
}
