package staking

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/origins"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// SetValidatorCount sets the ideal number of validators; root.
type SetValidatorCount struct {
	New uint32 `scale:",compact" type:"u32"`
}

// Dispatch refuses more than MaxWinners.
func (c SetValidatorCount) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return setValidatorCount(ctx, origin, func(uint32) (uint32, error) { return c.New, nil })
}

// IncreaseValidatorCount adds to the ideal number of validators; root.
type IncreaseValidatorCount struct {
	Additional uint32 `scale:",compact" type:"u32"`
}

// Dispatch refuses more than MaxWinners.
func (c IncreaseValidatorCount) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return setValidatorCount(ctx, origin, func(old uint32) (uint32, error) { return sum32(old, c.Additional) })
}

// ScaleValidatorCount adds a part of it to the ideal number of validators;
// root.
type ScaleValidatorCount struct {
	Factor substrate.Percent `type:"Percent"`
}

// Dispatch refuses more than MaxWinners.
func (c ScaleValidatorCount) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return setValidatorCount(ctx, origin, func(old uint32) (uint32, error) {
		more, _ := c.Factor.MulFloor(scale.U128From64(uint64(old))).Uint64()
		return sum32(old, uint32(more))
	})
}

func sum32(a, b uint32) (uint32, error) {
	if a+b < a {
		return 0, runtime.ErrOverflow
	}
	return a + b, nil
}

func setValidatorCount(ctx *runtime.Context, origin runtime.Origin, from func(old uint32) (uint32, error)) error {
	if err := origin.Root(); err != nil {
		return err
	}
	n, err := from(ValidatorCount.Get(ctx))
	if err != nil {
		return err
	}
	if n > MaxWinners.Get(ctx) {
		return ErrTooManyValidators
	}
	ValidatorCount.Put(ctx, n)
	return nil
}

// ForceNoEras lets the planned era last; root.
type ForceNoEras struct{}

// Dispatch emits ForceEra.
func (c ForceNoEras) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return rootForces(ctx, origin, ForceNone)
}

// ForceNewEra begins an era as soon as a session can be planned; root.
type ForceNewEra struct{}

// Dispatch emits ForceEra.
func (c ForceNewEra) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return rootForces(ctx, origin, ForceNew)
}

// ForceNewEraAlways makes every session an era; root.
type ForceNewEraAlways struct{}

// Dispatch emits ForceEra.
func (c ForceNewEraAlways) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return rootForces(ctx, origin, ForceAlways)
}

func rootForces(ctx *runtime.Context, origin runtime.Origin, mode Forcing) error {
	if err := origin.Root(); err != nil {
		return err
	}
	setForcing(ctx, mode)
	return nil
}

func setForcing(ctx *runtime.Context, mode Forcing) {
	ForceEra.Put(ctx, mode)
	ctx.Emit(ForceEraEvent{Mode: mode})
}

// SetInvulnerables names the validators that are never slashed; root.
type SetInvulnerables struct {
	Invulnerables []accountID `type:"Vec<T::AccountId>"`
}

// Dispatch replaces the list.
func (c SetInvulnerables) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	Invulnerables.Put(ctx, c.Invulnerables)
	return nil
}

// ForceUnstake ends a bond at once; root.
type ForceUnstake struct {
	Stash            accountID `type:"T::AccountId"`
	NumSlashingSpans uint32    `type:"u32"`
}

// Dispatch removes the stash's lock.
func (c ForceUnstake) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return kill(ctx, c.Stash, c.NumSlashingSpans)
}

// CancelDeferredSlash drops slashes that wait for an era, by their indices in
// ascending order; root, or three quarters of the council.
type CancelDeferredSlash struct {
	Era          uint32   `type:"EraIndex"`
	SlashIndices []uint32 `type:"Vec<u32>"`
}

// Dispatch fails as a whole if one index is wrong.
func (c CancelDeferredSlash) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origins.RootOrThreeQuartersOfCouncil(origin); err != nil {
		return err
	}
	if len(c.SlashIndices) == 0 {
		return ErrEmptyTargets
	}
	for i, index := range c.SlashIndices[1:] {
		if index <= c.SlashIndices[i] {
			return ErrNotSortedAndUnique
		}
	}
	slashes := UnappliedSlashes.Get(ctx, c.Era)
	if last := c.SlashIndices[len(c.SlashIndices)-1]; uint64(last) >= uint64(len(slashes)) {
		return ErrInvalidSlashIndex
	}
	var kept []UnappliedSlash
	for i, s := range slashes {
		if _, canceled := slices.BinarySearch(c.SlashIndices, uint32(i)); !canceled {
			kept = append(kept, s)
		}
	}
	if len(kept) == 0 {
		UnappliedSlashes.Delete(ctx, c.Era)
	} else {
		UnappliedSlashes.Put(ctx, c.Era, kept)
	}
	return nil
}

// SetStakingConfigs changes limits; root. Bonds are in planck.
type SetStakingConfigs struct {
	MinNominatorBond  ConfigOp[types.Balance]     `type:"ConfigOp<BalanceOf<T>>"`
	MinValidatorBond  ConfigOp[types.Balance]     `type:"ConfigOp<BalanceOf<T>>"`
	MaxNominatorCount ConfigOp[uint32]            `type:"ConfigOp<u32>"`
	MaxValidatorCount ConfigOp[uint32]            `type:"ConfigOp<u32>"`
	ChillThreshold    ConfigOp[substrate.Percent] `type:"ConfigOp<Percent>"`
	MinCommission     ConfigOp[substrate.Perbill] `type:"ConfigOp<Perbill>"`
	MaxStakedRewards  ConfigOp[substrate.Percent] `type:"ConfigOp<Percent>"`
}

// Dispatch applies each change.
func (c SetStakingConfigs) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	configure(ctx, MinNominatorBond, c.MinNominatorBond)
	configure(ctx, MinValidatorBond, c.MinValidatorBond)
	configure(ctx, MaxNominatorsCount, c.MaxNominatorCount)
	configure(ctx, MaxValidatorsCount, c.MaxValidatorCount)
	configure(ctx, ChillThreshold, c.ChillThreshold)
	configure(ctx, MinCommission, c.MinCommission)
	configure(ctx, MaxStakedRewards, c.MaxStakedRewards)
	return nil
}

// setting is a storage value that a ConfigOp changes.
type setting[T any] interface {
	Put(ctx *runtime.Context, v T)
	Delete(ctx *runtime.Context)
}

func configure[T any](ctx *runtime.Context, s setting[T], op ConfigOp[T]) {
	switch op := op.(type) {
	case ConfigSet[T]:
		s.Put(ctx, op.Value)
	case ConfigRemove[T]:
		s.Delete(ctx)
	}
}

// SetMinCommission sets the least commission that validators may ask; root, or
// three quarters of the council.
type SetMinCommission struct {
	New substrate.Perbill `type:"Perbill"`
}

// Dispatch leaves the validators as they are.
func (c SetMinCommission) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origins.RootOrThreeQuartersOfCouncil(origin); err != nil {
		return err
	}
	MinCommission.Put(ctx, min(c.New, perbillOne))
	return nil
}

// DeprecateControllerBatch makes the stashes of controllers their own
// controllers; root, or three quarters of the council.
type DeprecateControllerBatch struct {
	Controllers scale.BoundedVec[accountID, DeprecationBound] `type:"BoundedVec<T::AccountId, T::MaxControllersInDeprecationBatch>"`
}

// Dispatch emits ControllerBatchDeprecated if some could not be replaced.
func (c DeprecateControllerBatch) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origins.RootOrThreeQuartersOfCouncil(origin); err != nil {
		return err
	}
	failures := uint32(0)
	for _, controller := range c.Controllers {
		l, ok := Ledgers.Get(ctx, controller)
		if !ok || l.Stash == controller {
			continue
		}
		if err := controlOneself(ctx, l.Stash); err != nil {
			failures++
			continue
		}
		// Rewards go on reaching the old controller.
		payee, _ := Payees.Get(ctx, l.Stash)
		if _, pays := payee.(PayController); pays {
			Payees.Put(ctx, l.Stash, PayAccount{Account: controller})
		}
	}
	if failures > 0 {
		ctx.Emit(ControllerBatchDeprecatedEvent{Failures: failures})
	}
	return nil
}

// DispatchInfo counts the records of each controller.
func (c DeprecateControllerBatch) DispatchInfo() substrate.DispatchInfo {
	n := uint64(len(c.Controllers))
	return substrate.DispatchInfo{Weight: runtime.WorkWeight(4*n, 4*n)}
}
