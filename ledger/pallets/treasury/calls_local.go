package treasury

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets/origins"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// SpendLocal approves a payment in the native token at the end of the spend
// period; root.
type SpendLocal struct {
	Amount      types.Balance          `scale:",compact" type:"BalanceOf<T, I>"` // planck
	Beneficiary substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
}

// Dispatch emits SpendApproved.
func (c SpendLocal) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	who, err := system.Lookup(ctx, c.Beneficiary)
	if err != nil {
		return err
	}
	approved := Approvals.Get(ctx)
	if uint64(len(approved)) >= uint64(MaxApprovals.Get(ctx)) {
		return ErrTooManyApprovals
	}
	i := ProposalCount.Get(ctx)
	if !approved.TryPush(i) {
		return ErrTooManyApprovals
	}
	Approvals.Put(ctx, approved)
	Proposals.Put(ctx, i, Proposal{Proposer: who, Value: c.Amount, Beneficiary: who})
	ProposalCount.Put(ctx, i+1)
	ctx.Emit(SpendApprovedEvent{ProposalIndex: i, Amount: c.Amount, Beneficiary: who})
	return nil
}

// RemoveApproval takes back the approval of a local spend; root, or more than
// half of the council.
type RemoveApproval struct {
	ProposalID uint32 `scale:"proposal_id,compact" type:"ProposalIndex"`
}

// Dispatch forgets the spend. The reference leaves the record behind for ever.
func (c RemoveApproval) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origins.RootOrHalfCouncil(origin); err != nil {
		return err
	}
	approved := Approvals.Get(ctx)
	at := slices.Index(approved, c.ProposalID)
	if at < 0 {
		return ErrProposalNotApproved
	}
	Approvals.Put(ctx, slices.Delete(approved, at, at+1))
	Proposals.Delete(ctx, c.ProposalID)
	return nil
}
