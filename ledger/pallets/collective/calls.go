package collective

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Execute runs a call with the origin of one member; a member.
type Execute[I Instance] struct {
	Proposal    runtime.RuntimeCall `type:"Box<<T as Config<I>>::Proposal>"`
	LengthBound uint32              `scale:",compact" type:"u32"` // bytes that the call may have
}

// Dispatch emits MemberExecuted with the call's outcome.
func (call Execute[I]) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	c := of[I]()
	who, err := c.member(ctx, origin)
	if err != nil {
		return err
	}
	hash, err := c.identify(call.Proposal, call.LengthBound)
	if err != nil {
		return err
	}
	err = ctx.Dispatch(call.Proposal.Call, originOf[I](types.CollectiveMember{Account: who}))
	ctx.Emit(MemberExecutedEvent[I]{ProposalHash: hash, Result: runtime.DispatchResult(err)})
	return nil
}

// DispatchInfo adds the call's weight.
func (call Execute[I]) DispatchInfo() substrate.DispatchInfo {
	return substrate.DispatchInfo{
		Weight: runtime.WorkWeight(1, 0).Add(call.Proposal.Info().Weight), Class: substrate.Operational,
	}
}

// originOf is an origin of the body.
func originOf[I Instance](o types.CollectiveOrigin) runtime.Origin {
	var i I
	return runtime.CustomOrigin(i.caller(o))
}

// identify is the hash of a call, or WrongProposalLength if it is longer than
// the proposer says, who pays by that length.
func (c *Collective) identify(call runtime.RuntimeCall, bound uint32) (substrate.H256, error) {
	raw, err := scale.Marshal(call)
	if err != nil {
		return substrate.H256{}, err
	}
	if uint64(len(raw)) > uint64(bound) {
		return substrate.H256{}, c.Errors.WrongProposalLength
	}
	return crypto.Blake2b256(raw), nil
}

// Propose puts a call to the vote, or runs it at once if the proposer's own
// vote suffices; a member.
type Propose[I Instance] struct {
	Threshold   uint32              `scale:",compact" type:"MemberCount"`
	Proposal    runtime.RuntimeCall `type:"Box<<T as Config<I>>::Proposal>"`
	LengthBound uint32              `scale:",compact" type:"u32"` // bytes that the call may have
}

// Dispatch emits Proposed, or Executed with the call's outcome when Threshold
// is below two. The proposer's vote is not counted: it votes like all others.
func (call Propose[I]) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	c := of[I]()
	who, err := c.member(ctx, origin)
	if err != nil {
		return err
	}
	hash, err := c.identify(call.Proposal, call.LengthBound)
	if err != nil {
		return err
	}
	if call.Proposal.Info().Weight.AnyGreater(c.MaxProposalWeight.Get(ctx)) {
		return c.Errors.WrongProposalWeight
	}
	if c.ProposalOf.Contains(ctx, hash) {
		return c.Errors.DuplicateProposal
	}
	if call.Threshold < 2 {
		execute[I](ctx, hash, call.Proposal, 1, uint32(len(c.Members.Get(ctx))))
		return nil
	}
	open := c.Proposals.Get(ctx)
	if !open.TryPush(hash) {
		return c.Errors.TooManyProposals
	}
	number := c.ProposalCount.Get(ctx)
	c.Proposals.Put(ctx, open)
	c.ProposalCount.Put(ctx, number+1)
	c.ProposalOf.Put(ctx, hash, call.Proposal)
	c.Voting.Put(ctx, hash, Votes{
		Index: number, Threshold: call.Threshold, End: ctx.BlockNumber() + c.MotionDuration.Get(ctx),
	})
	ctx.Emit(ProposedEvent[I]{Account: who, ProposalIndex: number, ProposalHash: hash, Threshold: call.Threshold})
	return nil
}

// DispatchInfo adds the call's weight if it runs at once.
func (call Propose[I]) DispatchInfo() substrate.DispatchInfo {
	info := substrate.DispatchInfo{Weight: runtime.WorkWeight(5, 4), Class: substrate.Operational}
	if call.Threshold < 2 {
		info.Weight = info.Weight.Add(call.Proposal.Info().Weight)
	}
	return info
}

// execute runs a call with the origin of so many votes.
func execute[I Instance](ctx *runtime.Context, hash substrate.H256, call runtime.RuntimeCall, ayes, seats uint32) {
	err := ctx.Dispatch(call.Call, originOf[I](types.CollectiveMembers{Ayes: ayes, Seats: seats}))
	ctx.Emit(ExecutedEvent[I]{ProposalHash: hash, Result: runtime.DispatchResult(err)})
}

// Vote votes on a motion, or changes the vote; a member. The first vote is
// free.
type Vote[I Instance] struct {
	Proposal substrate.H256 `type:"T::Hash"`
	Index    uint32         `scale:",compact" type:"ProposalIndex"`
	Approve  bool           `type:"bool"`
}

// Dispatch emits Voted.
func (call Vote[I]) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	c := of[I]()
	who, err := c.member(ctx, origin)
	if err != nil {
		return err
	}
	votes, err := c.motion(ctx, call.Proposal, call.Index)
	if err != nil {
		return err
	}
	first, ok := votes.cast(who, call.Approve)
	if !ok {
		return c.Errors.DuplicateVote
	}
	c.Voting.Put(ctx, call.Proposal, votes)
	ctx.Emit(VotedEvent[I]{
		Account: who, ProposalHash: call.Proposal, Voted: call.Approve,
		Yes: uint32(len(votes.Ayes)), No: uint32(len(votes.Nays)),
	})
	if first {
		ctx.WaiveFee()
	}
	return nil
}

// motion are the votes on the open motion that both hash and index name.
func (c *Collective) motion(ctx *runtime.Context, hash substrate.H256, index uint32) (Votes, error) {
	votes, ok := c.Voting.Get(ctx, hash)
	if !ok {
		return votes, c.Errors.ProposalMissing
	}
	if votes.Index != index {
		return votes, c.Errors.WrongIndex
	}
	return votes, nil
}
