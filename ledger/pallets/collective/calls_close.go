package collective

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Close ends a motion that the votes decide, or whose time is over; any
// account.
type Close[I Instance] struct {
	ProposalHash        substrate.H256   `type:"T::Hash"`
	Index               uint32           `scale:",compact" type:"ProposalIndex"`
	ProposalWeightBound substrate.Weight `type:"Weight"`
	LengthBound         uint32           `scale:",compact" type:"u32"` // bytes that the call may have
}

// Dispatch emits Closed, then Approved and Executed with the call's outcome,
// or Disapproved. To end a motion that failed is free.
func (call Close[I]) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	c := of[I]()
	if _, err := origin.Signed(); err != nil {
		return err
	}
	votes, err := c.motion(ctx, call.ProposalHash, call.Index)
	if err != nil {
		return err
	}
	yes, no, seats := uint32(len(votes.Ayes)), uint32(len(votes.Nays)), uint32(len(c.Members.Get(ctx)))
	ends := ClosedEvent[I]{ProposalHash: call.ProposalHash, Yes: yes, No: no}
	switch {
	case yes >= votes.Threshold:
		return call.approve(ctx, ends, seats)
	case seats-min(no, seats) < votes.Threshold:
		disapprove(ctx, ends)
		return nil
	case ctx.BlockNumber() < votes.End:
		return c.Errors.TooEarly
	}
	silent := seats - min(yes+no, seats)
	if prime, ok := c.Prime.Get(ctx); ok && slices.Contains(votes.Ayes, prime) {
		ends.Yes += silent
	} else {
		ends.No += silent
	}
	if ends.Yes < votes.Threshold {
		disapprove(ctx, ends)
		return nil
	}
	return call.approve(ctx, ends, seats)
}

// DispatchInfo adds what the caller says that the motion's call weighs.
func (call Close[I]) DispatchInfo() substrate.DispatchInfo {
	return substrate.DispatchInfo{
		Weight: runtime.WorkWeight(5, 3).Add(call.ProposalWeightBound), Class: substrate.Operational,
	}
}

// approve runs the motion's call, unless it is longer or heavier than the
// caller has paid for.
func (call Close[I]) approve(ctx *runtime.Context, ends ClosedEvent[I], seats uint32) error {
	c := of[I]()
	raw := ctx.Get(c.ProposalOf.Key(call.ProposalHash))
	if uint64(len(raw)) > uint64(call.LengthBound) {
		return c.Errors.WrongProposalLength
	}
	proposal, ok := c.ProposalOf.Get(ctx, call.ProposalHash)
	if !ok {
		return c.Errors.ProposalMissing
	}
	if proposal.Info().Weight.AnyGreater(call.ProposalWeightBound) {
		return c.Errors.WrongProposalWeight
	}
	ctx.Emit(ends)
	ctx.Emit(ApprovedEvent[I]{ProposalHash: call.ProposalHash})
	execute[I](ctx, call.ProposalHash, proposal, ends.Yes, seats)
	c.remove(ctx, call.ProposalHash)
	return nil
}

func disapprove[I Instance](ctx *runtime.Context, ends ClosedEvent[I]) {
	ctx.Emit(ends)
	ctx.Emit(DisapprovedEvent[I]{ProposalHash: ends.ProposalHash})
	of[I]().remove(ctx, ends.ProposalHash)
	ctx.WaiveFee()
}

// remove forgets a motion.
func (c *Collective) remove(ctx *runtime.Context, hash substrate.H256) {
	c.ProposalOf.Delete(ctx, hash)
	c.Voting.Delete(ctx, hash)
	open := c.Proposals.Get(ctx)
	if i := slices.Index(open, hash); i >= 0 {
		c.Proposals.Put(ctx, slices.Delete(open, i, i+1))
	}
}

// DisapproveProposal ends a motion against it; root.
type DisapproveProposal[I Instance] struct {
	ProposalHash substrate.H256 `type:"T::Hash"`
}

// Dispatch emits Disapproved, whether or not there is such a motion.
func (call DisapproveProposal[I]) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	ctx.Emit(DisapprovedEvent[I](call))
	of[I]().remove(ctx, call.ProposalHash)
	return nil
}

// Kill removes a motion without a decision; root.
type Kill[I Instance] struct {
	ProposalHash substrate.H256 `type:"T::Hash"`
}

// Dispatch emits Killed. The proposer has paid nothing that could be burned.
func (call Kill[I]) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	c := of[I]()
	if err := origin.Root(); err != nil {
		return err
	}
	if !c.ProposalOf.Contains(ctx, call.ProposalHash) {
		return c.Errors.ProposalMissing
	}
	c.remove(ctx, call.ProposalHash)
	ctx.Emit(KilledEvent[I](call))
	return nil
}

// ReleaseProposalCost would give back what the proposer of an ended motion
// paid; any account, or root.
type ReleaseProposalCost[I Instance] struct {
	ProposalHash substrate.H256 `type:"T::Hash"`
}

// Dispatch refuses while the motion is open and does nothing afterwards: the
// proposer has paid nothing.
func (call ReleaseProposalCost[I]) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	c := of[I]()
	if origin.Root() != nil {
		if _, err := origin.Signed(); err != nil {
			return err
		}
	}
	if c.ProposalOf.Contains(ctx, call.ProposalHash) {
		return c.Errors.ProposalActive
	}
	return nil
}
