package collective_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/collective"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

func ascending(list ...accountID) []accountID {
	slices.SortFunc(list, func(a, b accountID) int { return strings.Compare(string(a[:]), string(b[:])) })
	return list
}

// Votes of those who leave do not count any more.
func TestMembersChange(t *testing.T) {
	c := newWorld(t)
	motion := propose(t, c, alice, 2, remark)
	vote(t, c, motion, 0, true, alice, bob)
	vote(t, c, motion, 0, false, charlie)
	must(t, c.Root(collective.SetMembers[council]{NewMembers: []accountID{eve, alice, eve, dave}, OldCount: 4}))
	if got, want := collective.Council.Members.Get(c.Ctx()), ascending(alice, dave, eve); !slices.Equal(got, want) {
		t.Fatalf("members %v, want %v", got, want)
	}
	votes, _ := collective.Council.Voting.Get(c.Ctx(), motion)
	if !slices.Equal(votes.Ayes, []accountID{alice}) || len(votes.Nays) != 0 {
		t.Fatalf("%+v", votes)
	}
	is(t, c.Run(bob, collective.Vote[council]{Proposal: motion, Approve: true}), errs.NotMember)
	is(t, c.Run(bob, closing(motion, 0)), errs.TooEarly)
	if got := collective.TechnicalCommittee.Members.Get(c.Ctx()); !slices.Equal(got, ascending(bob, charlie)) {
		t.Fatalf("the other body changed: %v", got)
	}
}

func TestSetMembersErrors(t *testing.T) {
	c := newWorld(t)
	is(t, c.Run(alice, collective.SetMembers[council]{}), runtime.ErrBadOrigin)
	is(t, c.Root(collective.SetMembers[council]{NewMembers: []accountID{alice}, Prime: scale.Some(bob)}), errs.PrimeAccountNotMember)
	var many []accountID
	for i := range 101 {
		many = append(many, accountID{byte(i)})
	}
	if err := c.Root(collective.SetMembers[council]{NewMembers: many}); !errors.Is(err, substrate.ErrExhausted) {
		t.Errorf("101 members: %v", err)
	}
	must(t, c.Root(collective.SetMembers[council]{NewMembers: many[:100], Prime: scale.Some(many[3])}))
	if prime, ok := collective.Council.Prime.Get(c.Ctx()); !ok || prime != many[3] {
		t.Errorf("prime %v, %v", prime, ok)
	}
	must(t, c.Root(collective.SetMembers[council]{NewMembers: many[:100]}))
	if collective.Council.Prime.Exists(c.Ctx()) {
		t.Error("the prime member outlives its appointment")
	}
}

func TestRootEndsMotions(t *testing.T) {
	c := newWorld(t)
	motion := propose(t, c, alice, 2, remark)
	is(t, c.Run(alice, collective.Kill[council]{ProposalHash: motion}), runtime.ErrBadOrigin)
	is(t, c.Run(alice, collective.DisapproveProposal[council]{ProposalHash: motion}), runtime.ErrBadOrigin)
	is(t, c.Run(eve, collective.ReleaseProposalCost[council]{ProposalHash: motion}), errs.ProposalActive)
	must(t, c.Root(collective.Kill[council]{ProposalHash: motion}))
	if e := only[collective.KilledEvent[council]](t, c); e.ProposalHash != motion {
		t.Errorf("%+v", e)
	}
	is(t, c.Root(collective.Kill[council]{ProposalHash: motion}), errs.ProposalMissing)
	is(t, c.Run(eve, collective.ReleaseProposalCost[council]{ProposalHash: motion}), nil)

	// The same call is another motion with the next index.
	if again := propose(t, c, alice, 2, remark); again != motion {
		t.Fatal("another hash")
	}
	is(t, c.Run(bob, collective.Vote[council]{Proposal: motion, Index: 0, Approve: true}), errs.WrongIndex)
	must(t, c.Root(collective.DisapproveProposal[council]{ProposalHash: motion}))
	only[collective.DisapprovedEvent[council]](t, c)
	if open := collective.Council.Proposals.Get(c.Ctx()); len(open) != 0 {
		t.Errorf("%d motions are open", len(open))
	}
}

func TestGenesisMembers(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	if got := collective.Council.Members.Get(c.Ctx()); len(got) != 0 {
		t.Errorf("a council that nobody named: %v", got)
	}
	is(t, c.Run(alice, collective.Execute[council]{Proposal: call(remark), LengthBound: anyLength}), errs.NotMember)
	c = palletstest.New(t, palletstest.Genesis{Pallets: map[string]any{"Council": genesis(bob, alice, bob)}})
	if got := collective.Council.Members.Get(c.Ctx()); !slices.Equal(got, ascending(alice, bob)) {
		t.Errorf("members %v", got)
	}
}
