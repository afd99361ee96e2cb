package collective_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/collective"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

type (
	accountID = substrate.AccountID
	council   = collective.OfCouncil
	technical = collective.OfTechnicalCommittee
)

var (
	alice, bob, charlie = palletstest.Alice, palletstest.Bob, palletstest.Charlie
	dave, eve           = palletstest.Dave, palletstest.Eve

	errs = collective.Council.Errors
)

const (
	duration  = 20 // blocks that a motion lives in these tests
	anyLength = 1 << 20
)

// newWorld has a council of Alice, Bob, Charlie and Dave. Eve is no member.
func newWorld(t palletstest.TB) *palletstest.Chain {
	t.Helper()
	return palletstest.New(t, palletstest.Genesis{
		Constants: map[string]any{"Council.MotionDuration": duration},
		Pallets: map[string]any{
			"Council":            genesis(alice, bob, charlie, dave),
			"TechnicalCommittee": genesis(bob, charlie),
		},
	})
}

func genesis(members ...accountID) collective.Genesis {
	var g collective.Genesis
	for _, m := range members {
		g.Members = append(g.Members, types.Address(m))
	}
	return g
}

func call(c runtime.Call) runtime.RuntimeCall { return runtime.RuntimeCall{Call: c} }

func hashOf(c runtime.Call) substrate.H256 { return crypto.Blake2b256(scale.MustMarshal(call(c))) }

// propose opens the council's next motion and returns its hash.
func propose(t palletstest.TB, c *palletstest.Chain, by accountID, threshold uint32, what runtime.Call) substrate.H256 {
	t.Helper()
	c.Must(by, collective.Propose[council]{Threshold: threshold, Proposal: call(what), LengthBound: anyLength})
	return hashOf(what)
}

func vote(t palletstest.TB, c *palletstest.Chain, motion substrate.H256, index uint32, approve bool, by ...accountID) {
	t.Helper()
	for _, who := range by {
		c.Must(who, collective.Vote[council]{Proposal: motion, Index: index, Approve: approve})
	}
}

func closing(motion substrate.H256, index uint32) collective.Close[council] {
	return collective.Close[council]{
		ProposalHash: motion, Index: index, ProposalWeightBound: substrate.Weight{RefTime: 1e12, ProofSize: 1e9},
		LengthBound: anyLength,
	}
}

func is(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// only is the single event of its kind in the last block.
func only[E any](t palletstest.TB, c *palletstest.Chain) (e E) {
	t.Helper()
	list := palletstest.EventsOf[E](c)
	if len(list) != 1 {
		t.Fatalf("%d events %T: %v", len(list), e, c.Events())
	}
	return list[0]
}

var succeeded = runtime.DispatchResult(nil)
