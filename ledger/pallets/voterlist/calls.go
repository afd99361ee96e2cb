package voterlist

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Rebag moves a voter into the bag that its stake belongs to; anybody may sign.
type Rebag struct {
	Dislocated substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
}

// Dispatch emits ScoreUpdated, and Rebagged if the voter moved.
func (c Rebag) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	who, err := system.Lookup(ctx, c.Dislocated)
	if err != nil {
		return err
	}
	return place(ctx, who, scores.Score(ctx, who))
}

// PutInFrontOf moves the signer in front of a voter of its bag that has less at
// stake.
type PutInFrontOf struct {
	Lighter substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
}

// Dispatch emits nothing.
func (c PutInFrontOf) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	heavier, err := origin.Signed()
	if err != nil {
		return err
	}
	lighter, err := system.Lookup(ctx, c.Lighter)
	if err != nil {
		return err
	}
	return putInFrontOf(ctx, lighter, heavier)
}

// PutInFrontOfOther moves a voter in front of one of its bag that has less at
// stake; anybody may sign.
type PutInFrontOfOther struct {
	Heavier substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Lighter substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
}

// Dispatch emits nothing.
func (c PutInFrontOfOther) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	lighter, err := system.Lookup(ctx, c.Lighter)
	if err != nil {
		return err
	}
	heavier, err := system.Lookup(ctx, c.Heavier)
	if err != nil {
		return err
	}
	return putInFrontOf(ctx, lighter, heavier)
}

func putInFrontOf(ctx *runtime.Context, lighter, heavier accountID) error {
	light, ok := ListNodes.Get(ctx, lighter)
	if !ok {
		return ErrNodeNotFound
	}
	heavy, ok := ListNodes.Get(ctx, heavier)
	switch {
	case !ok:
		return ErrNodeNotFound
	case light.BagUpper != heavy.BagUpper:
		return ErrNotInSameBag
	case scores.Score(ctx, heavier) <= scores.Score(ctx, lighter):
		return ErrNotHeavier
	}
	unlink(ctx, heavy)
	light, _ = ListNodes.Get(ctx, lighter) // its neighbour may have gone
	insertBefore(ctx, light, heavy)
	return nil
}
