package staking

import (
	"errors"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// errForgone says that a stash wants no reward.
var errForgone = errors.New("staking: the stash forgoes rewards")

// schedulerPart is what a TEE worker's stash loses for a wrong verdict, as
// part of MinValidatorBond.
const schedulerPart = substrate.Perbill(50_000_000)

// SlashScheduler takes 5 % of MinValidatorBond from a stash at once: no
// nominators, no reporters (spec/consensus.md §4). It returns ErrNotStash.
func (API) SlashScheduler(ctx *runtime.Context, stash accountID) error {
	if _, _, err := ledgerOfStash(ctx, stash); err != nil {
		return err
	}
	return ctx.Transaction(func() error {
		taken, err := slash(ctx, stash, schedulerPart.MulFloor(MinValidatorBond.Get(ctx)), plannedEra(ctx))
		if err != nil {
			return err
		}
		slashPot.Receive(ctx, taken)
		return nil
	})
}

// slash takes up to x of a bond for an offence in the given era, emits Slashed
// and returns what it took from the balance. The caller owes it to somebody.
func slash(ctx *runtime.Context, stash accountID, x amount, era uint32) (amount, error) {
	controller, l, err := ledgerOfStash(ctx, stash)
	if err != nil || x.IsZero() {
		return amount{}, err
	}
	x = l.slash(x, deposit(ctx), saturatingAdd(era, BondingDuration.Get(ctx)))
	if x.IsZero() {
		return amount{}, nil
	}
	// The lock first: it is never above the balance.
	if err := save(ctx, controller, l); err != nil {
		return amount{}, err
	}
	taken, err := currency.Slash(ctx, stash, x)
	if err != nil {
		return amount{}, err
	}
	ctx.Emit(SlashedEvent{Staker: stash, Amount: x})
	return taken, nil
}

// slash takes up to x off the active stake and the chunks and returns what it
// took. Chunks that unlock in era first or later were bonded when the offence
// happened: they and the active stake lose the same part, rounded up, and the
// other chunks what is still missing, the latest first. Without such chunks
// the active stake loses all it can. A remainder below least is taken too.
func (l *Ledger) slash(x, least amount, first uint32) amount {
	before := l.Total
	left := x
	from := len(l.Unlocking)
	affected := l.Active
	for i := len(l.Unlocking) - 1; i >= 0 && l.Unlocking[i].Era >= first; i-- {
		from = i
		affected = affected.SaturatingAdd(l.Unlocking[i].Value)
	}
	part := func(target amount) amount { return target }
	if from < len(l.Unlocking) {
		ratio := perquintillUp(x, affected)
		part = func(target amount) amount { return ratio.MulCeil(target) }
	}
	takeOf := func(target *amount) {
		y := part(*target).Min(*target).Min(left)
		*target = target.SaturatingSub(y)
		if target.Less(least) {
			y, *target = y.SaturatingAdd(*target), amount{}
		}
		l.Total = l.Total.SaturatingSub(y)
		left = left.SaturatingSub(y)
	}
	takeOf(&l.Active)
	for i := from; i < len(l.Unlocking) && !left.IsZero(); i++ {
		takeOf(&l.Unlocking[i].Value)
	}
	for i := from - 1; i >= 0 && !left.IsZero(); i-- {
		takeOf(&l.Unlocking[i].Value)
	}
	var kept []UnlockChunk
	for _, c := range l.Unlocking {
		if !c.Value.IsZero() {
			kept = append(kept, c)
		}
	}
	l.Unlocking = kept
	return before.SaturatingSub(l.Total)
}

// perquintillUp is x/of in parts of 10¹⁸, rounded up, one at most.
func perquintillUp(x, of amount) substrate.Perquintill {
	const one = 1_000_000_000_000_000_000
	if of.IsZero() || !x.Less(of) {
		return one
	}
	parts, _ := scale.MulDivUp(x, scale.U128From64(one), of)
	n, _ := parts.Uint64()
	return substrate.Perquintill(min(n, one))
}

// applySlashes carries out the slashes that waited for an era.
func applySlashes(ctx *runtime.Context, era uint32) {
	slashes := UnappliedSlashes.Get(ctx, era)
	if len(slashes) == 0 {
		return
	}
	UnappliedSlashes.Delete(ctx, era)
	offended := era - min(era, SlashDeferDuration.Get(ctx))
	for _, s := range slashes {
		// One that cannot be carried out leaves the others alone.
		_ = ctx.Transaction(func() error { return apply(ctx, s, offended) })
	}
}

// apply slashes a validator and its nominators and pays the reporters out of
// it; the rest goes to the treasury.
func apply(ctx *runtime.Context, s UnappliedSlash, era uint32) error {
	sum := amount{}
	for _, part := range append([]AccountAmount{{s.Validator, s.Own}}, s.Others...) {
		taken, err := slash(ctx, part.Account, part.Amount, era)
		if errors.Is(err, ErrNotStash) {
			// It has withdrawn all since.
			continue
		}
		if err != nil {
			return err
		}
		sum = sum.SaturatingAdd(taken)
	}
	if len(s.Reporters) > 0 {
		each := s.Payout.Min(sum).Div64(uint64(len(s.Reporters)))
		for _, reporter := range s.Reporters {
			if currency.Deposit(ctx, reporter, each) == nil {
				sum = sum.SaturatingSub(each)
			}
		}
	}
	slashPot.Receive(ctx, sum)
	return nil
}

// forgetSlashes removes the records of an era that can no longer be slashed.
func forgetSlashes(ctx *runtime.Context, era uint32) {
	for stash := range ValidatorSlashInEra.IterPrefix(ctx, era) {
		ValidatorSlashInEra.Delete(ctx, era, stash)
	}
	for stash := range NominatorSlashInEra.IterPrefix(ctx, era) {
		NominatorSlashInEra.Delete(ctx, era, stash)
	}
}
