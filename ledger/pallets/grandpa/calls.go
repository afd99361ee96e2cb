package grandpa

import (
	"github.com/gocess/gocess/ledger/pallets/historical"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// ReportEquivocation reports two GRANDPA votes of one voter in one round.
type ReportEquivocation struct {
	EquivocationProof EquivocationProof          `type:"Box<EquivocationProof<T::Hash, BlockNumberFor<T>>>"`
	KeyOwnerProof     historical.MembershipProof `type:"T::KeyOwnerProof"`
}

// Dispatch always fails with InvalidEquivocationProof: no validator of this
// chain votes in GRANDPA, so that two such votes prove nothing about it. Double
// votes of the chain's own consensus are found and proven by consensus; see
// Observer.
func (ReportEquivocation) Dispatch(_ *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	return ErrInvalidEquivocationProof
}

// ReportEquivocationUnsigned is ReportEquivocation by a block's author. Pools
// refuse it: no rules admit it.
type ReportEquivocationUnsigned struct {
	EquivocationProof EquivocationProof          `type:"Box<EquivocationProof<T::Hash, BlockNumberFor<T>>>"`
	KeyOwnerProof     historical.MembershipProof `type:"T::KeyOwnerProof"`
}

// Dispatch always fails with InvalidEquivocationProof, as ReportEquivocation.
func (ReportEquivocationUnsigned) Dispatch(_ *runtime.Context, origin runtime.Origin) error {
	if err := origin.None(); err != nil {
		return err
	}
	return ErrInvalidEquivocationProof
}

// NoteStalled says that finality stands still; root.
type NoteStalled struct {
	Delay                    types.BlockNumber `type:"BlockNumberFor<T>"`
	BestFinalizedBlockNumber types.BlockNumber `type:"BlockNumberFor<T>"`
}

// Dispatch makes the next session begin a new set of voters even if they stay
// the same. There is nothing to force: a block that is not final does not exist
// here.
func (c NoteStalled) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	Stalled.Put(ctx, StalledAt{Wait: c.Delay, Finalized: c.BestFinalizedBlockNumber})
	return nil
}
