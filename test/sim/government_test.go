package sim

import (
	"github.com/gocess/gocess/ledger/pallets/collective"
	"github.com/gocess/gocess/ledger/pallets/indices"
	"github.com/gocess/gocess/ledger/pallets/preimage"
	"github.com/gocess/gocess/ledger/pallets/scheduler"
	"github.com/gocess/gocess/ledger/pallets/treasury"
	"github.com/gocess/gocess/ledger/pallets/utility"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// manyBytes is more than any of the proposals has.
const manyBytes = 100_000

// government is what only root may do with pallets of the framework.
func (s *sim) government() runtime.Call {
	switch s.rng.IntN(14) {
	case 0, 1, 2, 10, 11:
		return s.schedule()
	case 3, 4:
		return s.spend()
	case 5:
		return indices.ForceTransfer{New: substrate.AddressOf(pick(s, s.users)), Index: uint32(s.rng.IntN(10)), Freeze: s.chance(10)}
	case 6:
		if s.chance(2) {
			return preimage.RequestPreimage{Hash: s.image().hash}
		}
		return preimage.UnrequestPreimage{Hash: s.image().hash}
	case 7:
		return s.members()
	case 8:
		return utility.DispatchAs{
			Origin: types.OriginSystem{Origin: types.RawSigned{Account: pick(s, s.users)}}, Call: s.errand(),
		}
	case 9:
		return utility.WithWeight{Call: runtime.RuntimeCall{Call: s.spend()}, Weight: substrate.Weight{RefTime: 1e9}}
	}
	return s.rule()
}

// task is a call that root can make later.
func (s *sim) task() runtime.RuntimeCall {
	switch s.rng.IntN(3) {
	case 0:
		return runtime.RuntimeCall{Call: s.spend()}
	case 1:
		return runtime.RuntimeCall{Call: utility.DispatchAs{
			Origin: types.OriginSystem{Origin: types.RawSigned{Account: pick(s, s.users)}}, Call: s.errand(),
		}}
	}
	return s.errand() // which root cannot: it fails, and is tried again
}

// schedule is a call of the scheduler, about one of a few names.
func (s *sim) schedule() runtime.Call {
	// Root seldom speaks: what it may take back must wait for long.
	after := types.BlockNumber(s.rng.IntN(400))
	at := types.BlockNumber(s.Number()) + 1 + after
	id := scheduler.TaskName{byte(s.rng.IntN(3))}
	periodic := scale.None[scheduler.Period]()
	if s.chance(3) {
		periodic = scale.Some(scheduler.Period{Blocks: types.BlockNumber(1 + s.rng.IntN(6)), Count: uint32(s.rng.IntN(5))})
	}
	priority := uint8(s.rng.IntN(256))
	task, known := scheduler.Lookup.Get(s.Ctx(), id)
	if !known {
		task = scheduler.TaskAddress{When: at, Index: uint32(s.rng.IntN(2))}
	}
	switch s.rng.IntN(10) {
	case 0:
		return scheduler.Schedule{When: at, MaybePeriodic: periodic, Priority: priority, Call: s.task()}
	case 1:
		return scheduler.ScheduleNamed{ID: id, When: at, MaybePeriodic: periodic, Priority: priority, Call: s.task()}
	case 2:
		return scheduler.ScheduleAfter{After: after, MaybePeriodic: periodic, Priority: priority, Call: s.task()}
	case 3:
		return scheduler.ScheduleNamedAfter{ID: id, After: after, MaybePeriodic: periodic, Priority: priority, Call: s.task()}
	case 4:
		return scheduler.Cancel(task)
	case 5:
		return scheduler.CancelNamed{ID: id}
	case 6:
		return scheduler.SetRetry{Task: task, Retries: uint8(s.rng.IntN(4)), Period: types.BlockNumber(s.rng.IntN(5))}
	case 7:
		return scheduler.SetRetryNamed{ID: id, Retries: uint8(s.rng.IntN(4)), Period: types.BlockNumber(s.rng.IntN(5))}
	case 8:
		return scheduler.CancelRetry{Task: task}
	}
	return scheduler.CancelRetryNamed{ID: id}
}

// spend gives money of the treasury away, at once or over time.
func (s *sim) spend() runtime.Call {
	to := substrate.AddressOf(pick(s, s.users))
	switch s.rng.IntN(5) {
	case 0, 1:
		return treasury.SpendLocal{Amount: s.tokens(), Beneficiary: to}
	case 2:
		return treasury.RemoveApproval{ProposalID: s.recent(treasury.ProposalCount.Get(s.Ctx()))}
	case 3:
		return treasury.VoidSpend{Index: s.recent(treasury.SpendCount.Get(s.Ctx()))}
	}
	from := scale.None[types.BlockNumber]()
	if s.chance(2) {
		from = scale.Some(types.BlockNumber(s.Number() + uint32(s.rng.IntN(10))))
	}
	return treasury.Spend{AssetKind: treasury.NativeAsset, Amount: s.tokens(), Beneficiary: to, ValidFrom: from}
}

// recent is one of the last few of n things, or one that does not exist yet.
func (s *sim) recent(n uint32) uint32 { return n - min(n, uint32(s.rng.IntN(4))) }

// payout asks for what the treasury owes.
func (s *sim) payout() (account, runtime.Call) {
	i := s.recent(treasury.SpendCount.Get(s.Ctx()))
	if s.chance(3) {
		return pick(s, s.users), treasury.CheckStatus{Index: i}
	}
	return pick(s, s.users), treasury.Payout{Index: i}
}

// image is one of a few byte strings and its hash.
type image struct {
	bytes []byte
	hash  substrate.H256
}

func (s *sim) image() image {
	b := make([]byte, 1+s.rng.IntN(4)*100)
	return image{b, crypto.Blake2b256(b)}
}

func (s *sim) preimage() (account, runtime.Call) {
	who, i := pick(s, s.users), s.image()
	if status, ok := preimage.Statuses.Get(s.Ctx(), i.hash); ok {
		if u, ok := status.(preimage.Unrequested); ok {
			who = u.Ticket.Owner
		}
	}
	switch s.rng.IntN(5) {
	case 0, 1:
		return who, preimage.NotePreimage{Bytes: i.bytes}
	case 2:
		return who, preimage.EnsureUpdated{Hashes: []substrate.H256{i.hash}}
	}
	return who, preimage.UnnotePreimage{Hash: i.hash}
}

// members changes who governs, and overrules them.
func (s *sim) members() runtime.Call {
	list := s.users[:2+s.rng.IntN(2)]
	prime := scale.None[account]()
	if s.chance(2) {
		prime = scale.Some(list[0])
	}
	if s.chance(2) {
		return collective.SetMembers[collective.OfCouncil]{NewMembers: list, Prime: prime, OldCount: 3}
	}
	hash := substrate.H256{}
	if open := collective.Council.Proposals.Get(s.Ctx()); len(open) > 0 {
		hash = pick(s, open)
	}
	switch s.rng.IntN(3) {
	case 0:
		return collective.DisapproveProposal[collective.OfCouncil]{ProposalHash: hash}
	case 1:
		return collective.Kill[collective.OfCouncil]{ProposalHash: hash}
	}
	return collective.ReleaseProposalCost[collective.OfCouncil]{ProposalHash: hash}
}

// motion is a call of a member of a body of government.
func motion[I collective.Instance](s *sim, body *collective.Collective, _ I) (account, runtime.Call) {
	who := pick(s, s.users)
	open := body.Proposals.Get(s.Ctx())
	if len(open) == 0 || s.chance(4) {
		proposal := runtime.RuntimeCall{Call: s.spend()}
		if s.chance(4) {
			proposal = s.errand()
		}
		if s.chance(3) {
			return who, collective.Execute[I]{Proposal: proposal, LengthBound: manyBytes}
		}
		return who, collective.Propose[I]{Threshold: uint32(1 + s.rng.IntN(3)), Proposal: proposal, LengthBound: manyBytes}
	}
	hash := pick(s, open)
	votes, _ := body.Voting.Get(s.Ctx(), hash)
	if s.chance(3) {
		return who, collective.Close[I]{
			ProposalHash: hash, Index: votes.Index, LengthBound: manyBytes,
			ProposalWeightBound: substrate.Weight{RefTime: 1e12, ProofSize: 1 << 40},
		}
	}
	return who, collective.Vote[I]{Proposal: hash, Index: votes.Index, Approve: s.rng.IntN(4) > 0}
}
