//go:build cheat

package consensus

import (
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/grandpa"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// byzantine runs four validators, the first of which cheats, until block last,
// and checks that all have the same blocks and none has stopped.
func byzantine(t *testing.T, way string, last uint32) (*network, []*Node) {
	t.Helper()
	nw := bonded(t, newNetwork(t, 4, 0))
	t.Setenv(cheatVariable, types.Address(nw.validators[0].stash.AccountID()).String()+"="+way)
	nodes := nw.startAll(t)
	for _, n := range nodes {
		waitFor(t, n, last)
	}
	for number := uint32(1); number <= last; number++ {
		first, err := nodes[0].Chain().Block(number)
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range nodes[1:] {
			b, err := n.Chain().Block(number)
			if err != nil {
				t.Fatal(err)
			}
			if b.Hash != first.Hash || b.Header.StateRoot != first.Header.StateRoot {
				t.Fatalf("block %d of node %d differs from that of node 0", number, i+1)
			}
		}
	}
	for i, n := range nodes {
		if err := n.Err(); err != nil {
			t.Errorf("node %d stopped: %v", i, err)
		}
	}
	return nw, nodes
}

// read runs fn over the state after the node's best block.
func read(t *testing.T, nw *network, n *Node, fn func(ctx *runtime.Context)) {
	t.Helper()
	view, err := n.Chain().BestView()
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	if err := nw.rt.Read(view.Parent(), fn); err != nil {
		t.Fatal(err)
	}
}

// Whatever a validator attaches to its votes, blocks go on through sessions, and
// nobody is punished for others' extensions.
func TestBadExtensionsNeverStallTheChain(t *testing.T) {
	for _, way := range []string{invalidExtension, oversizedExtension, withheldExtension} {
		t.Run(way, func(t *testing.T) {
			nw, nodes := byzantine(t, way, 4*testEpoch+1)
			read(t, nw, nodes[1], func(ctx *runtime.Context) {
				for range r2s.Exclusions.Get(ctx) {
					t.Error("somebody is excluded")
				}
				for era, list := range staking.UnappliedSlashes.Iter(ctx) {
					t.Errorf("slashes in era %d: %+v", era, list)
				}
			})
			// The cheater's blocks carry no VRF of its own.
			for number := uint32(2); number <= 4*testEpoch+1; number++ {
				b, err := nodes[1].Chain().Block(number)
				if err != nil {
					t.Fatal(err)
				}
				if d := b.Header.Digest.Logs[0].Data; d[1] == 0 && d[0] != secondaryPlain {
					t.Errorf("block %d by the cheater has the pre-digest %x", number, d)
				}
			}
		})
	}
}

// A validator that votes twice is found by the others, loses what the formula
// says, and decides no more blocks; its seat stays.
func TestDoubleVoteIsFound(t *testing.T) {
	nw, nodes := byzantine(t, doubleVote, 3*testEpoch+1)
	offender := substrate.AccountID(nw.validators[0].stash.AccountID())
	read(t, nw, nodes[1], func(ctx *runtime.Context) {
		slash, ok := staking.ValidatorSlashInEra.Get(ctx, 0, offender)
		overview, _ := staking.ErasStakersOverview.Get(ctx, 0, offender)
		if want := grandpa.EquivocationFraction(1, 4); !ok || slash.Fraction != want || slash.Amount != want.Mul(overview.Own) {
			t.Errorf("slashed by %+v", slash)
		}
		sum := types.Balance{}
		for _, list := range staking.UnappliedSlashes.Iter(ctx) {
			for _, s := range list {
				if s.Validator != offender {
					t.Errorf("%v is slashed", s.Validator)
				}
				sum = sum.SaturatingAdd(s.Own)
			}
		}
		if sum != slash.Amount || sum.IsZero() {
			t.Errorf("slashes of %v are due, want %v", sum, slash.Amount)
		}
		if !(r2s.API{}).IsExcluded(ctx, offender) {
			t.Error("the offender may vote")
		}
		if got := session.Validators.Get(ctx); !slices.Contains(got, offender) {
			t.Error("the offender lost its seat within the session")
		}
	})
	nodes[1].app.mu.Lock()
	deciding := slices.Clone(nodes[1].app.record.deciding(1))
	nodes[1].app.mu.Unlock()
	if len(deciding) != 3 {
		t.Errorf("%d validators decide blocks, want 3", len(deciding))
	}
}

// Two proposals in a round cost a round at most: the others decide the same
// blocks all the same.
func TestEquivocatingProposals(t *testing.T) {
	_, nodes := byzantine(t, equivocatingProposals, 4*testEpoch+1)
	if n := nodes[0].app.cheats.proposals.Load(); n == 0 {
		t.Error("no second proposal was sent")
	} else {
		t.Logf("%d second proposals", n)
	}
}

func TestCheatsAreNamed(t *testing.T) {
	a, b := Authority{Account: substrate.AccountID{1}}, Authority{Account: substrate.AccountID{2}}
	t.Setenv(cheatVariable, types.Address(a.Account).String()+"="+doubleVote+", "+withheldExtension)
	c, err := newCheats()
	if err != nil || c.way(a) != doubleVote || c.way(b) != withheldExtension {
		t.Errorf("%+v, %v", c, err)
	}
	t.Setenv(cheatVariable, "nonsense")
	if _, err := newCheats(); err == nil {
		t.Error("nonsense is a way to cheat")
	}
}
