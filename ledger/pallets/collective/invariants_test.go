package collective_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/collective"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// After any sequence of calls the records of open motions agree, every vote is
// one member's, and a motion was approved only by enough of the members. No
// call makes or loses money.
func TestMotionsStayConsistent(t *testing.T) {
	everybody := []accountID{alice, bob, charlie, dave, eve}
	rapid.Check(t, func(t *rapid.T) {
		c := newWorld(t)
		for range rapid.IntRange(1, 40).Draw(t, "calls") {
			who := rapid.SampledFrom(everybody).Draw(t, "who")
			what := system.Remark{Remark: []byte{byte(rapid.IntRange(0, 3).Draw(t, "motion"))}}
			votes, open := collective.Council.Voting.Get(c.Ctx(), hashOf(what))
			switch rapid.IntRange(0, 5).Draw(t, "action") {
			case 0:
				_ = c.Run(who, collective.Propose[council]{
					Threshold: rapid.Uint32Range(1, 4).Draw(t, "threshold"), Proposal: call(what), LengthBound: anyLength,
				})
			case 1, 2:
				_ = c.Run(who, collective.Vote[council]{
					Proposal: hashOf(what), Index: votes.Index, Approve: rapid.Bool().Draw(t, "approve"),
				})
			case 3:
				seats := len(collective.Council.Members.Get(c.Ctx()))
				err := c.Run(who, closing(hashOf(what), votes.Index))
				checkClose(t, c, votes, seats, open, err)
			case 4:
				c.NextBlocks(rapid.Uint32Range(1, duration).Draw(t, "blocks"))
			case 5:
				members := rapid.SliceOfNDistinct(rapid.SampledFrom(everybody), 1, 5, rapid.ID).Draw(t, "members")
				prime := scale.None[accountID]()
				if rapid.Bool().Draw(t, "prime") {
					prime = scale.Some(members[0])
				}
				_ = c.Root(collective.SetMembers[council]{NewMembers: members, Prime: prime})
			}
			checkMotions(t, c)
		}
	})
}

// checkClose decides anew what closing a motion had to do, from the votes
// before it.
func checkClose(t *rapid.T, c *palletstest.Chain, v collective.Votes, seats int, open bool, err error) {
	if !open {
		if err == nil {
			t.Fatal("a motion that does not exist was closed")
		}
		return
	}
	yes, no := len(v.Ayes), len(v.Nays)
	if yes < int(v.Threshold) && seats-no >= int(v.Threshold) {
		if c.Number() < v.End {
			if err == nil {
				t.Fatalf("closed in block %d, before %d: %+v", c.Number(), v.End, v)
			}
			return
		}
		if prime, ok := collective.Council.Prime.Get(c.Ctx()); ok && slices.Contains(v.Ayes, prime) {
			yes = seats - no
		}
	}
	if err != nil {
		t.Fatalf("%+v with %d seats: %v", v, seats, err)
	}
	approved := len(palletstest.EventsOf[collective.ExecutedEvent[council]](c)) == 1
	if want := yes >= int(v.Threshold); approved != want {
		t.Fatalf("%+v with %d seats: approved %v, want %v", v, seats, approved, want)
	}
}

func checkMotions(t *rapid.T, c *palletstest.Chain) {
	body, ctx := collective.Council, c.Ctx()
	members := body.Members.Get(ctx)
	open := body.Proposals.Get(ctx)
	var calls, votings int
	for hash := range body.ProposalOf.Iter(ctx) {
		calls++
		if !slices.Contains(open, hash) {
			t.Fatalf("the call of a motion that is not open: %v", hash)
		}
	}
	for hash, v := range body.Voting.Iter(ctx) {
		votings++
		if !slices.Contains(open, hash) {
			t.Fatalf("votes on a motion that is not open: %v", hash)
		}
		all := append(slices.Clone(v.Ayes), v.Nays...)
		for i, who := range all {
			if !slices.Contains(members, who) || slices.Contains(all[:i], who) {
				t.Fatalf("%+v: a vote of no member, or a second one", v)
			}
		}
		if v.Threshold < 2 || v.Index >= body.ProposalCount.Get(ctx) {
			t.Fatalf("%+v", v)
		}
	}
	if calls != len(open) || votings != len(open) {
		t.Fatalf("%d open motions, %d calls, %d votings", len(open), calls, votings)
	}
	checkMoney(t, ctx)
}

func checkMoney(t *rapid.T, ctx *runtime.Context) {
	sum := types.Balance{}
	for _, a := range system.Accounts.Iter(ctx) {
		sum = sum.SaturatingAdd(a.Data.Free).SaturatingAdd(a.Data.Reserved)
	}
	if total := balances.TotalIssuance.Get(ctx); sum != total {
		t.Fatalf("accounts have %v, issued are %v", sum, total)
	}
}

// The wire form of a motion's calls, which clients build.
func TestCallsWire(t *testing.T) {
	for _, tt := range []struct {
		call runtime.Call
		want []byte
	}{
		{collective.Propose[council]{Threshold: 2, Proposal: call(system.Remark{}), LengthBound: 3}, []byte{13, 2, 8, 0, 0, 0, 12}},
		{collective.Propose[technical]{Threshold: 2, Proposal: call(system.Remark{}), LengthBound: 3}, []byte{14, 2, 8, 0, 0, 0, 12}},
		{collective.Close[council]{Index: 1, ProposalWeightBound: substrate.Weight{RefTime: 1, ProofSize: 2}, LengthBound: 3},
			append(append([]byte{13, 6}, make([]byte, 32)...), 4, 4, 8, 12)},
	} {
		raw, err := scale.Marshal(call(tt.call))
		if err != nil || !slices.Equal(raw, tt.want) {
			t.Errorf("%T: %x, %v; want %x", tt.call, raw, err, tt.want)
		}
		back, err := scale.Unmarshal[runtime.RuntimeCall](raw)
		if err != nil || runtimeName(back.Call) != runtimeName(tt.call) {
			t.Errorf("%x decodes to %T, %v", raw, back.Call, err)
		}
	}
}

func runtimeName(c runtime.Call) string { return call(c).Name() }
