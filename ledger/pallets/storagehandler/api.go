package storagehandler

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Currency is what this pallet needs of the native token.
type Currency interface {
	CanSlash(ctx *runtime.Context, who substrate.AccountID, x types.Balance) bool
	Transfer(ctx *runtime.Context, from, to substrate.AccountID, x types.Balance, keep balances.Existence) error
	Reserve(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
	Unreserve(ctx *runtime.Context, who substrate.AccountID, x types.Balance) types.Balance
}

// Randomness makes tokens and order ids.
type Randomness interface {
	// Random differs between any two calls, equal subjects included.
	Random(ctx *runtime.Context, subject []byte) substrate.H256
}

// Scheduler runs calls of the chain itself at later blocks.
type Scheduler interface {
	// ScheduleNamed returns an error if id is in use or the block is full.
	ScheduleNamed(ctx *runtime.Context, id [32]byte, at types.BlockNumber, priority uint8, origin runtime.Origin, call runtime.RuntimeCall) error
	// CancelNamed returns an error if there is no such task, or it has run.
	CancelNamed(ctx *runtime.Context, id [32]byte) error
}

// Files knows what is stored in territories.
type Files interface {
	// Clearing says whether files of an expired territory are still being
	// removed.
	Clearing(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName) bool
}

// Miners knows what storage miners keep.
type Miners interface {
	// StoredSpace is the size of the fragments of all files, in bytes.
	StoredSpace(ctx *runtime.Context) scale.U128
}

// Set by Wire.
var (
	currency   Currency
	randomness Randomness
	files      Files
	scheduler  Scheduler
	miners     Miners
)

// Wire names what this pallet uses of others.
func Wire(c Currency, r Randomness, f Files, s Scheduler, m Miners) {
	currency, randomness, files, scheduler, miners = c, r, f, s, m
}

// spaceAccount receives all payments for territories.
var spaceAccount = substrate.AccountOfPallet(types.SpacePot)

// API is what other pallets may do with territories and with the space of the
// network (spec/pallets-storage.md §3.6). Spaces are in bytes.
type API struct{}

// CheckOwner returns NotHaveTerritory unless the account has the territory.
func (API) CheckOwner(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName) error {
	if !Territories.Contains(ctx, owner, name) {
		return ErrNotHaveTerritory
	}
	return nil
}

// Expired says whether the territory is absent or its lease ran out for good.
func (API) Expired(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName) bool {
	t, ok := Territories.Get(ctx, owner, name)
	return !ok || t.State == TerritoryExpired
}

// Available is the space of the territory that nothing uses, or
// NotHaveTerritory.
func (API) Available(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName) (scale.U128, error) {
	t, err := territory(ctx, owner, name)
	return t.RemainingSpace, err
}

// AddUsed takes free space of an active territory for a stored file. It
// returns NotHaveTerritory, NotActive or InsufficientStorage.
func (API) AddUsed(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName, bytes scale.U128) error {
	return take(ctx, owner, name, bytes, func(t *Territory) *scale.U128 { return &t.UsedSpace })
}

// LockSpace takes free space of an active territory for a file that miners
// have not reported yet. Its errors are those of AddUsed.
func (API) LockSpace(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName, bytes scale.U128) error {
	return take(ctx, owner, name, bytes, func(t *Territory) *scale.U128 { return &t.LockedSpace })
}

// SubUsed frees the space of a file that is gone, in any state of the lease.
// It returns NotHaveTerritory or Overflow.
func (API) SubUsed(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName, bytes scale.U128) error {
	return shift(ctx, owner, name, bytes, func(t *Territory) (from, to *scale.U128) {
		return &t.UsedSpace, &t.RemainingSpace
	})
}

// UnlockSpace undoes LockSpace, in any state. Its errors are those of SubUsed.
func (API) UnlockSpace(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName, bytes scale.U128) error {
	return shift(ctx, owner, name, bytes, func(t *Territory) (from, to *scale.U128) {
		return &t.LockedSpace, &t.RemainingSpace
	})
}

// UseLocked turns locked space into used: the file is stored. Its errors are
// those of SubUsed.
func (API) UseLocked(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName, bytes scale.U128) error {
	return shift(ctx, owner, name, bytes, func(t *Territory) (from, to *scale.U128) {
		return &t.LockedSpace, &t.UsedSpace
	})
}

// Cleared notes that no file of an expired territory is left: nothing but what
// open deals lock counts as taken. It returns NotHaveTerritory, or NotExpire
// for a territory in another state.
func (API) Cleared(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName) error {
	return Territories.Mutate(ctx, owner, name, ErrNotHaveTerritory, func(t *Territory) error {
		if t.State != TerritoryExpired {
			return ErrNotExpire
		}
		t.UsedSpace = scale.U128{}
		t.RemainingSpace = t.TotalSpace.SaturatingSub(t.LockedSpace)
		return nil
	})
}

func territory(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName) (Territory, error) {
	t, ok := Territories.Get(ctx, owner, name)
	if !ok {
		return t, ErrNotHaveTerritory
	}
	return t, nil
}

func take(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName, bytes scale.U128, to func(*Territory) *scale.U128) error {
	t, err := territory(ctx, owner, name)
	switch {
	case err != nil:
		return err
	case t.State != TerritoryActive:
		return ErrNotActive
	case t.RemainingSpace.Less(bytes):
		return ErrInsufficientStorage
	}
	return shift(ctx, owner, name, bytes, func(t *Territory) (_, _ *scale.U128) { return &t.RemainingSpace, to(t) })
}

// shift moves bytes between two parts of a territory's space, so that their sum
// stays.
func shift(ctx *runtime.Context, owner substrate.AccountID, name types.TerritoryName, bytes scale.U128, pick func(*Territory) (from, to *scale.U128)) error {
	return Territories.Mutate(ctx, owner, name, ErrNotHaveTerritory, func(t *Territory) error {
		from, to := pick(t)
		rest, under := from.SubUnderflow(bytes)
		sum, over := to.AddOverflow(bytes)
		if under || over {
			return ErrOverflow
		}
		*from, *to = rest, sum
		return nil
	})
}
