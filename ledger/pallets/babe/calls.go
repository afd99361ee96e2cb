package babe

import (
	"github.com/gocess/gocess/ledger/pallets/historical"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// EquivocationProof shows two sealed headers of one author for one slot.
type EquivocationProof struct {
	Offender     types.BabeKey    `type:"Id"`
	Slot         Slot             `type:"Slot"`
	FirstHeader  substrate.Header `type:"Header"`
	SecondHeader substrate.Header `type:"Header"`
}

// ScaleType is the framework's `EquivocationProof`.
func (EquivocationProof) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_slots::EquivocationProof", Params: []scale.Param{
		{Name: "Header", Type: scale.TypeOf[substrate.Header]()},
		{Name: "Id", Type: scale.TypeOf[types.BabeKey]()},
	}}
}

// ReportEquivocation reports two headers of one author for one slot.
type ReportEquivocation struct {
	EquivocationProof EquivocationProof          `type:"Box<EquivocationProof<HeaderFor<T>>>"`
	KeyOwnerProof     historical.MembershipProof `type:"T::KeyOwnerProof"`
}

// Dispatch always fails with InvalidEquivocationProof. Blocks of this chain
// carry no seals: the state root in a header is known only after execution, so
// that its author cannot have signed it, and a sealed header that somebody shows
// is not one that consensus could have decided. Double votes are found and
// proven by consensus instead (package grandpa, Observer).
func (ReportEquivocation) Dispatch(_ *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	return ErrInvalidEquivocationProof
}

// ReportEquivocationUnsigned is ReportEquivocation by a block's author. Pools
// refuse it: no rules admit it.
type ReportEquivocationUnsigned struct {
	EquivocationProof EquivocationProof          `type:"Box<EquivocationProof<HeaderFor<T>>>"`
	KeyOwnerProof     historical.MembershipProof `type:"T::KeyOwnerProof"`
}

// Dispatch always fails with InvalidEquivocationProof, as ReportEquivocation.
func (ReportEquivocationUnsigned) Dispatch(_ *runtime.Context, origin runtime.Origin) error {
	if err := origin.None(); err != nil {
		return err
	}
	return ErrInvalidEquivocationProof
}

// PlanConfigChange changes the epoch configuration that clients are told, from
// the epoch after the next on; root. Consensus does not depend on it.
type PlanConfigChange struct {
	Config NextConfigDescriptor `type:"NextConfigDescriptor"`
}

// Dispatch fails with InvalidConfiguration if no slot would have an author.
func (c PlanConfigChange) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	plan, ok := c.Config.(NextConfigV1)
	if !ok || plan.C.Numerator == 0 && plan.AllowedSlots == PrimarySlots || plan.C.Denominator == 0 {
		return ErrInvalidConfiguration
	}
	PendingEpochConfigChange.Put(ctx, plan)
	return nil
}

func (c NextConfigV1) configuration() EpochConfiguration {
	return EpochConfiguration(c)
}
