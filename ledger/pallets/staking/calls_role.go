package staking

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// perbillOne is a whole in parts of Perbill.
const perbillOne = 1_000_000_000

// Validate makes the stash a candidate of the next elections; the signer is
// the controller.
type Validate struct {
	Prefs ValidatorPrefs `type:"ValidatorPrefs"`
}

// Dispatch emits ValidatorPrefsSet. A commission above one counts as one.
func (c Validate) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	_, l, err := bondOf(ctx, origin)
	if err != nil {
		return err
	}
	prefs := c.Prefs
	prefs.Commission = min(prefs.Commission, perbillOne)
	switch {
	case l.Active.Less(MinValidatorBond.Get(ctx)):
		return ErrInsufficientBond
	case prefs.Commission < MinCommission.Get(ctx):
		return ErrCommissionTooLow
	}
	if limit, ok := MaxValidatorsCount.Get(ctx); ok && !Validators.Contains(ctx, l.Stash) && CounterForValidators.Get(ctx) >= limit {
		return ErrTooManyValidators
	}
	removeNominator(ctx, l.Stash)
	addValidator(ctx, l.Stash, prefs)
	ctx.Emit(ValidatorPrefsSetEvent{Stash: l.Stash, Prefs: prefs})
	return nil
}

// Nominate puts the stake behind validators; the signer is the controller.
type Nominate struct {
	Targets []substrate.MultiAddress `type:"Vec<AccountIdLookupOf<T>>"`
}

// Dispatch accepts a validator that takes no new nominators only if the stash
// nominates it already.
func (c Nominate) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	_, l, err := bondOf(ctx, origin)
	if err != nil {
		return err
	}
	if l.Active.Less(MinNominatorBond.Get(ctx)) {
		return ErrInsufficientBond
	}
	old, nominates := Nominators.Get(ctx, l.Stash)
	if limit, ok := MaxNominatorsCount.Get(ctx); ok && !nominates && Nominators.Count(ctx) >= limit {
		return ErrTooManyNominators
	}
	switch {
	case len(c.Targets) == 0:
		return ErrEmptyTargets
	case uint64(len(c.Targets)) > uint64(min(NominationsQuota.Get(ctx), maxNominations)):
		return ErrTooManyTargets
	}
	targets := make([]accountID, 0, len(c.Targets))
	for _, address := range c.Targets {
		target, err := system.Lookup(ctx, address)
		if err != nil {
			return err
		}
		if Validators.Get(ctx, target).Blocked && !slices.Contains(old.Targets, target) {
			return ErrBadTarget
		}
		targets = append(targets, target)
	}
	removeValidator(ctx, l.Stash)
	addNominator(ctx, l.Stash, Nominations{Targets: targets, SubmittedIn: plannedEra(ctx)})
	return nil
}

// Chill takes the stash out of the next elections; the signer is the
// controller.
type Chill struct{}

// Dispatch emits Chilled if the stash validated or nominated.
func (c Chill) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	_, l, err := bondOf(ctx, origin)
	if err != nil {
		return err
	}
	chill(ctx, l.Stash)
	return nil
}

// ChillOther chills a stash whose bond no longer suffices for its role, while
// places are scarce.
type ChillOther struct {
	Stash accountID `type:"T::AccountId"`
}

// Dispatch emits Chilled. The stash's controller needs no reason.
func (c ChillOther) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	caller, err := origin.Signed()
	if err != nil {
		return err
	}
	controller, l, err := ledgerOfStash(ctx, c.Stash)
	if err != nil {
		return err
	}
	if caller != controller {
		if err := mayChill(ctx, l); err != nil {
			return err
		}
	}
	chill(ctx, c.Stash)
	return nil
}

func mayChill(ctx *runtime.Context, l Ledger) error {
	threshold, ok := ChillThreshold.Get(ctx)
	if !ok {
		return ErrCannotChillOther
	}
	crowded := func(limit uint32, limited bool, count uint32) bool {
		full := threshold.Mul(scale.U128From64(uint64(limit)))
		return limited && full.Less(scale.U128From64(uint64(count)))
	}
	switch {
	case Nominators.Contains(ctx, l.Stash):
		limit, limited := MaxNominatorsCount.Get(ctx)
		ok = crowded(limit, limited, Nominators.Count(ctx))
	case Validators.Contains(ctx, l.Stash):
		limit, limited := MaxValidatorsCount.Get(ctx)
		ok = crowded(limit, limited, CounterForValidators.Get(ctx))
	}
	if !ok || !l.Active.Less(minActive(ctx, l.Stash)) {
		return ErrCannotChillOther
	}
	return nil
}

// Kick sends nominators away; the signer is the validator's controller.
type Kick struct {
	Who []substrate.MultiAddress `type:"Vec<AccountIdLookupOf<T>>"`
}

// Dispatch emits Kicked for each account that nominated the validator.
func (c Kick) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	_, l, err := bondOf(ctx, origin)
	if err != nil {
		return err
	}
	for _, address := range c.Who {
		who, err := system.Lookup(ctx, address)
		if err != nil {
			return err
		}
		n, _ := Nominators.Get(ctx, who)
		i := slices.Index(n.Targets, l.Stash)
		if i < 0 {
			continue
		}
		last := len(n.Targets) - 1
		n.Targets[i] = n.Targets[last]
		n.Targets = n.Targets[:last]
		Nominators.Put(ctx, who, n)
		ctx.Emit(KickedEvent{Nominator: who, Stash: l.Stash})
	}
	return nil
}

// DispatchInfo counts a read and a write for each nominator.
func (c Kick) DispatchInfo() substrate.DispatchInfo {
	n := uint64(len(c.Who))
	return substrate.DispatchInfo{Weight: runtime.WorkWeight(2+n, n)}
}

// ForceApplyMinCommission raises a validator's commission to the least that is
// allowed; anybody may sign.
type ForceApplyMinCommission struct {
	ValidatorStash accountID `type:"T::AccountId"`
}

// Dispatch fails with NotStash if the account is no candidate.
func (c ForceApplyMinCommission) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	if !Validators.Contains(ctx, c.ValidatorStash) {
		return ErrNotStash
	}
	return Validators.Mutate(ctx, c.ValidatorStash, func(p *ValidatorPrefs) error {
		p.Commission = max(p.Commission, MinCommission.Get(ctx))
		return nil
	})
}

// ReapStash removes the bond of a stash that has no funds worth it; anybody
// may sign.
type ReapStash struct {
	Stash            accountID `type:"T::AccountId"`
	NumSlashingSpans uint32    `type:"u32"`
}

// Dispatch is free.
func (c ReapStash) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	_, l, err := ledgerOfStash(ctx, c.Stash)
	if err != nil {
		return err
	}
	owned := currency.Free(ctx, c.Stash).SaturatingAdd(currency.Reserved(ctx, c.Stash))
	if ed := deposit(ctx); !owned.Less(ed) && !l.Total.Less(ed) {
		return ErrFundedTarget
	}
	if err := kill(ctx, c.Stash, c.NumSlashingSpans); err != nil {
		return err
	}
	ctx.WaiveFee()
	return nil
}
