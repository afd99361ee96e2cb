package collective_test

import (
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/collective"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/pallets/treasury"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

var remark = system.Remark{Remark: []byte("we agree")}

// A motion with enough votes can be closed at once and runs with the origin of
// those votes.
func TestApprovedMotionRuns(t *testing.T) {
	c := newWorld(t)
	motion := propose(t, c, alice, 3, remark)
	if e := only[collective.ProposedEvent[council]](t, c); e.Account != alice || e.ProposalIndex != 0 || e.ProposalHash != motion || e.Threshold != 3 {
		t.Errorf("%+v", e)
	}
	vote(t, c, motion, 0, true, alice, bob)
	is(t, c.Run(eve, closing(motion, 0)), errs.TooEarly)
	vote(t, c, motion, 0, true, dave)
	if e := only[collective.VotedEvent[council]](t, c); e.Account != dave || !e.Voted || e.Yes != 3 || e.No != 0 {
		t.Errorf("%+v", e)
	}
	c.Must(eve, closing(motion, 0))
	if e := only[collective.ClosedEvent[council]](t, c); e.Yes != 3 || e.No != 0 {
		t.Errorf("%+v", e)
	}
	only[collective.ApprovedEvent[council]](t, c)
	if e := only[collective.ExecutedEvent[council]](t, c); e.ProposalHash != motion || e.Result != succeeded {
		t.Errorf("%+v", e)
	}
	if open := collective.Council.Proposals.Get(c.Ctx()); len(open) != 0 || collective.Council.ProposalOf.Contains(c.Ctx(), motion) || collective.Council.Voting.Contains(c.Ctx(), motion) {
		t.Error("the motion is still there")
	}
	is(t, c.Run(eve, closing(motion, 0)), errs.ProposalMissing)
}

// The majority of the council may do what the reference lets it do, a minority
// or the technical committee may not.
func TestVotesAreAnOrigin(t *testing.T) {
	two, three, all := []accountID{alice, bob}, []accountID{alice, bob, dave}, []accountID{alice, bob, charlie, dave}
	reject := treasury.RemoveApproval{ProposalID: 9}
	program := teeworker.AddCeseal{Hash: substrate.H256{1}}
	for _, tt := range []struct {
		name   string
		voters []accountID
		call   runtime.Call
		want   error
	}{
		{"three of four reject a spend", three, reject, treasury.ErrProposalNotApproved},
		{"half do not", two, reject, runtime.ErrBadOrigin},
		{"three of four allow a program", three, program, nil},
		{"half do not", two, program, runtime.ErrBadOrigin},
		{"three of four set the commission", three, staking.SetMinCommission{New: 1}, nil},
		{"half do not", two, staking.SetMinCommission{New: 1}, runtime.ErrBadOrigin},
		{"three of four cancel slashes", three, staking.CancelDeferredSlash{}, staking.ErrEmptyTargets},
		{"no majority spends", all, treasury.SpendLocal{Beneficiary: substrate.AddressOf(eve)}, runtime.ErrBadOrigin},
		{"no majority is root", all, sudo.Sudo{Call: call(remark)}, runtime.ErrBadOrigin},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newWorld(t)
			motion := propose(t, c, alice, uint32(len(tt.voters)), tt.call)
			vote(t, c, motion, 0, true, tt.voters...)
			c.Must(eve, closing(motion, 0))
			if e := only[collective.ExecutedEvent[council]](t, c); e.Result != runtime.DispatchResult(tt.want) {
				t.Errorf("the call ended with %v, want %v", e.Result, tt.want)
			}
		})
	}
}

func TestBodiesAreApart(t *testing.T) {
	c := newWorld(t)
	reject := treasury.RemoveApproval{ProposalID: 9}
	motion := hashOf(reject)
	c.Must(bob, collective.Propose[technical]{Threshold: 2, Proposal: call(reject), LengthBound: anyLength})
	is(t, c.Run(bob, collective.Vote[council]{Proposal: motion, Approve: true}), errs.ProposalMissing)
	is(t, c.Run(alice, collective.Vote[technical]{Proposal: motion, Approve: true}), collective.TechnicalCommittee.Errors.NotMember)
	for _, who := range []accountID{bob, charlie} {
		c.Must(who, collective.Vote[technical]{Proposal: motion, Approve: true})
	}
	c.Must(eve, collective.Close[technical](closing(motion, 0)))
	if e := only[collective.ExecutedEvent[technical]](t, c); e.Result != runtime.DispatchResult(runtime.ErrBadOrigin) {
		t.Errorf("the technical committee rejects spends of the treasury: %v", e.Result)
	}
}

func TestDisapprovedMotion(t *testing.T) {
	c := newWorld(t)
	motion := propose(t, c, alice, 3, remark)
	vote(t, c, motion, 0, false, bob)
	is(t, c.Run(eve, closing(motion, 0)), errs.TooEarly)
	vote(t, c, motion, 0, false, charlie) // two seats are left, three are needed
	before := balances.API{}.Free(c.Ctx(), eve)
	c.Must(eve, closing(motion, 0))
	if e := only[collective.ClosedEvent[council]](t, c); e.Yes != 0 || e.No != 2 {
		t.Errorf("%+v", e)
	}
	if e := only[collective.DisapprovedEvent[council]](t, c); e.ProposalHash != motion {
		t.Errorf("%+v", e)
	}
	if n := len(palletstest.EventsOf[collective.ExecutedEvent[council]](c)); n != 0 {
		t.Error("the call ran")
	}
	if after := (balances.API{}).Free(c.Ctx(), eve); after != before {
		t.Errorf("closing a motion that failed cost %v", before.SaturatingSub(after))
	}
}

// When time is over, silence counts as the prime member's vote, or as a no.
func TestSilence(t *testing.T) {
	for _, tt := range []struct {
		name     string
		prime    bool
		ayes     []accountID
		nays     []accountID
		approved bool
		yes, no  uint32
	}{
		{"without prime", false, []accountID{alice, bob}, nil, false, 2, 2},
		{"prime in favour", true, []accountID{alice}, []accountID{bob}, true, 3, 1},
		{"prime against", true, []accountID{bob, charlie}, []accountID{alice}, false, 2, 2},
		{"prime silent", true, []accountID{bob, charlie}, nil, false, 2, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newWorld(t)
			if tt.prime {
				must(t, c.Root(collective.SetMembers[council]{
					NewMembers: []accountID{dave, alice, bob, charlie}, Prime: scale.Some(alice), OldCount: 4,
				}))
			}
			motion := propose(t, c, alice, 3, remark)
			end := c.Number() + duration
			vote(t, c, motion, 0, true, tt.ayes...)
			vote(t, c, motion, 0, false, tt.nays...)
			c.GoTo(end - 2)
			is(t, c.Run(eve, closing(motion, 0)), errs.TooEarly)
			c.Must(eve, closing(motion, 0))
			if e := only[collective.ClosedEvent[council]](t, c); e.Yes != tt.yes || e.No != tt.no {
				t.Errorf("%+v, want %d against %d", e, tt.yes, tt.no)
			}
			if got := len(palletstest.EventsOf[collective.ApprovedEvent[council]](c)) == 1; got != tt.approved {
				t.Errorf("approved: %v", got)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestVotes(t *testing.T) {
	c := newWorld(t)
	motion := propose(t, c, alice, 3, remark)
	cast := func(who accountID, index uint32, approve bool) error {
		return c.Run(who, collective.Vote[council]{Proposal: motion, Index: index, Approve: approve})
	}
	is(t, cast(eve, 0, true), errs.NotMember)
	is(t, cast(bob, 1, true), errs.WrongIndex)
	is(t, c.Run(bob, collective.Vote[council]{Proposal: substrate.H256{1}}), errs.ProposalMissing)
	funds := func() types.Balance { return balances.API{}.Free(c.Ctx(), bob) }
	before := funds()
	is(t, cast(bob, 0, true), nil)
	if funds() != before {
		t.Error("the first vote is not free")
	}
	is(t, cast(bob, 0, true), errs.DuplicateVote)
	before = funds()
	is(t, cast(bob, 0, false), nil)
	if funds() == before {
		t.Error("changing one's mind is free")
	}
	votes, _ := collective.Council.Voting.Get(c.Ctx(), motion)
	if len(votes.Ayes) != 0 || !slices.Equal(votes.Nays, []accountID{bob}) {
		t.Errorf("%+v", votes)
	}
}

func TestProposeErrors(t *testing.T) {
	c := newWorld(t)
	size := uint32(len(scale.MustMarshal(call(remark))))
	is(t, c.Run(eve, collective.Propose[council]{Threshold: 2, Proposal: call(remark), LengthBound: anyLength}), errs.NotMember)
	is(t, c.Run(bob, collective.Propose[council]{Threshold: 2, Proposal: call(remark), LengthBound: size - 1}), errs.WrongProposalLength)
	is(t, c.Run(bob, collective.Propose[council]{Threshold: 2, Proposal: call(remark), LengthBound: size}), nil)
	is(t, c.Run(bob, collective.Propose[council]{Threshold: 2, Proposal: call(remark), LengthBound: size}), errs.DuplicateProposal)
	is(t, c.Run(bob, collective.Propose[council]{Threshold: 1, Proposal: call(remark), LengthBound: size}), errs.DuplicateProposal)
	heavy := collective.Close[council]{ProposalWeightBound: substrate.Weight{RefTime: 1_000_000_000_001}}
	is(t, c.Run(bob, collective.Propose[council]{Threshold: 2, Proposal: call(heavy), LengthBound: anyLength}), errs.WrongProposalWeight)
	for i := 1; i < 100; i++ {
		propose(t, c, bob, 2, system.Remark{Remark: []byte{byte(i)}})
	}
	is(t, c.Run(bob, collective.Propose[council]{Threshold: 2, Proposal: call(system.Remark{}), LengthBound: anyLength}), errs.TooManyProposals)
}

// Who closes a motion pays for its call: by length and by weight.
func TestCloseIsPaidFor(t *testing.T) {
	c := newWorld(t)
	motion := propose(t, c, alice, 2, remark)
	vote(t, c, motion, 0, true, alice, bob)
	short := closing(motion, 0)
	short.LengthBound = uint32(len(scale.MustMarshal(call(remark)))) - 1
	is(t, c.Run(eve, short), errs.WrongProposalLength)
	light := closing(motion, 0)
	light.ProposalWeightBound = substrate.Weight{RefTime: call(remark).Info().Weight.RefTime - 1, ProofSize: 1e9}
	is(t, c.Run(eve, light), errs.WrongProposalWeight)
	is(t, c.Run(eve, closing(motion, 1)), errs.WrongIndex)
	is(t, c.Run(eve, closing(motion, 0)), nil)
}

// A motion whose own vote suffices runs at once; a member's call runs as that
// member.
func TestRunAtOnce(t *testing.T) {
	c := newWorld(t)
	c.Must(bob, collective.Propose[council]{Threshold: 1, Proposal: call(remark), LengthBound: anyLength})
	if e := only[collective.ExecutedEvent[council]](t, c); e.Result != succeeded {
		t.Errorf("%+v", e)
	}
	if n := collective.Council.ProposalCount.Get(c.Ctx()); n != 0 {
		t.Errorf("%d motions", n)
	}
	pay := balances.TransferKeepAlive{Dest: substrate.AddressOf(eve), Value: types.Tokens(1)}
	is(t, c.Run(eve, collective.Execute[council]{Proposal: call(remark), LengthBound: anyLength}), errs.NotMember)
	is(t, c.Run(bob, collective.Execute[council]{Proposal: call(remark), LengthBound: 3}), errs.WrongProposalLength)
	c.Must(bob, collective.Execute[council]{Proposal: call(pay), LengthBound: anyLength})
	if e := only[collective.MemberExecutedEvent[council]](t, c); e.Result != runtime.DispatchResult(runtime.ErrBadOrigin) {
		t.Errorf("a member's origin pays like its account: %v", e.Result)
	}
}
