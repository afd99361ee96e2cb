package staking

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
)

// lockID is the lock that keeps Ledger.Total on the stash.
var lockID = balances.Identifier([]byte("staking "))

// ledgerOf is the bond of a controller, or ErrNotController.
func ledgerOf(ctx *runtime.Context, controller accountID) (Ledger, error) {
	l, ok := Ledgers.Get(ctx, controller)
	if !ok {
		return Ledger{}, ErrNotController
	}
	return l, nil
}

// bondOf is the signer and the bond that it controls, or NotController.
func bondOf(ctx *runtime.Context, origin runtime.Origin) (controller accountID, l Ledger, err error) {
	if controller, err = origin.Signed(); err != nil {
		return controller, l, err
	}
	l, err = ledgerOf(ctx, controller)
	return controller, l, err
}

// ledgerOfStash is the bond of a stash with its controller, or ErrNotStash.
func ledgerOfStash(ctx *runtime.Context, stash accountID) (controller accountID, l Ledger, err error) {
	controller, ok := Bonded.Get(ctx, stash)
	if !ok {
		return controller, l, ErrNotStash
	}
	l, err = ledgerOf(ctx, controller)
	return controller, l, err
}

// save stores a bond, locks what is bonded and puts the stash in its place among
// the voters, if it votes.
func save(ctx *runtime.Context, controller accountID, l Ledger) error {
	Ledgers.Put(ctx, controller, l)
	voterList.Update(ctx, l.Stash, votesOf(ctx, l.Active))
	return currency.SetLock(ctx, l.Stash, lockID, l.Total, balances.ReasonsAll)
}

// create bonds x of the stash's balance under its own control.
func create(ctx *runtime.Context, stash, controller accountID, x amount, payee RewardDestination) error {
	if err := system.IncConsumers(ctx, stash); err != nil {
		return ErrBadState
	}
	Bonded.Put(ctx, stash, controller)
	Payees.Put(ctx, stash, payee)
	return save(ctx, controller, Ledger{Stash: stash, Total: x, Active: x})
}

// kill removes all that staking knows of a stash and its lock. spans is the
// caller's count of the stash's slashing spans.
func kill(ctx *runtime.Context, stash accountID, spans uint32) error {
	controller, _, err := ledgerOfStash(ctx, stash)
	if err != nil {
		return err
	}
	if err := clearSpans(ctx, stash, spans); err != nil {
		return err
	}
	Bonded.Delete(ctx, stash)
	Payees.Delete(ctx, stash)
	Ledgers.Delete(ctx, controller)
	removeValidator(ctx, stash)
	removeNominator(ctx, stash)
	if err := currency.SetLock(ctx, stash, lockID, amount{}, balances.ReasonsAll); err != nil {
		return err
	}
	system.DecConsumers(ctx, stash)
	return nil
}

// clearSpans forgets the slashing spans of a stash, if the caller counted on
// that many.
func clearSpans(ctx *runtime.Context, stash accountID, counted uint32) error {
	s, ok := SlashingSpans.Get(ctx, stash)
	if !ok {
		return nil
	}
	n := spanCount(s)
	if counted < n {
		return ErrIncorrectSlashingSpans
	}
	SlashingSpans.Delete(ctx, stash)
	for i := range n {
		SpanSlash.Delete(ctx, SpanKey{stash, s.SpanIndex - i})
	}
	return nil
}

func spanCount(s Spans) uint32 { return min(uint32(len(s.Prior)), s.SpanIndex) + 1 }

// consolidate frees the chunks that are due in an era.
func (l *Ledger) consolidate(era uint32) {
	var kept []UnlockChunk
	for _, c := range l.Unlocking {
		if c.Era > era {
			kept = append(kept, c)
		} else {
			l.Total = l.Total.SaturatingSub(c.Value)
		}
	}
	l.Unlocking = kept
}

// rebond moves up to x from the latest chunks back to the active stake and
// returns what it moved.
func (l *Ledger) rebond(x amount) (moved amount) {
	for len(l.Unlocking) > 0 && moved.Less(x) {
		last := &l.Unlocking[len(l.Unlocking)-1]
		part := last.Value.Min(x.SaturatingSub(moved))
		moved = moved.SaturatingAdd(part)
		l.Active = l.Active.SaturatingAdd(part)
		last.Value = last.Value.SaturatingSub(part)
		if !last.Value.IsZero() {
			break
		}
		l.Unlocking = l.Unlocking[:len(l.Unlocking)-1]
	}
	return moved
}

func deposit(ctx *runtime.Context) amount { return balances.ExistentialDeposit.Get(ctx) }

func add(a, b amount) (amount, error) {
	sum, over := a.AddOverflow(b)
	if over {
		return amount{}, runtime.ErrOverflow
	}
	return sum, nil
}

// addValidator and removeValidator keep CounterForValidators. Whoever validates
// or nominates is in the voter list.
func addValidator(ctx *runtime.Context, stash accountID, prefs ValidatorPrefs) {
	if !Validators.Contains(ctx, stash) {
		CounterForValidators.Mutate(ctx, func(n *uint32) { *n++ })
		enlist(ctx, stash)
	}
	Validators.Put(ctx, stash, prefs)
}

func addNominator(ctx *runtime.Context, stash accountID, n Nominations) {
	if !Nominators.Contains(ctx, stash) {
		enlist(ctx, stash)
	}
	Nominators.Put(ctx, stash, n)
}

func enlist(ctx *runtime.Context, stash accountID) {
	// It has no other role: there is no entry that could be in the way.
	_ = voterList.Insert(ctx, stash, API{}.Score(ctx, stash))
}

func removeValidator(ctx *runtime.Context, stash accountID) bool {
	if !Validators.Contains(ctx, stash) {
		return false
	}
	CounterForValidators.Mutate(ctx, func(n *uint32) { *n-- })
	Validators.Delete(ctx, stash)
	voterList.Remove(ctx, stash)
	return true
}

func removeNominator(ctx *runtime.Context, stash accountID) bool {
	if !Nominators.Contains(ctx, stash) {
		return false
	}
	Nominators.Delete(ctx, stash)
	voterList.Remove(ctx, stash)
	return true
}

// chill takes a stash out of the next elections and emits Chilled.
func chill(ctx *runtime.Context, stash accountID) {
	validated, nominated := removeValidator(ctx, stash), removeNominator(ctx, stash)
	if validated || nominated {
		ctx.Emit(ChilledEvent{Stash: stash})
	}
}

// minActive is the least active bond that the stash's role allows.
func minActive(ctx *runtime.Context, stash accountID) amount {
	switch {
	case Nominators.Contains(ctx, stash):
		return MinNominatorBond.Get(ctx)
	case Validators.Contains(ctx, stash):
		return MinValidatorBond.Get(ctx)
	}
	return amount{}
}

// plannedEra is CurrentEra, 0 before there is one.
func plannedEra(ctx *runtime.Context) uint32 {
	era, _ := CurrentEra.Get(ctx)
	return era
}
