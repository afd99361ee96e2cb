package r2s_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/pallets/electionprovidermultiphase"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	credit "github.com/gocess/gocess/ledger/pallets/schedulercredit"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// run makes blocks up to one, in which the candidates at the given places prove
// their life once per session, and checks after each block what is always true.
func run(t *testing.T, c *palletstest.Chain, list []candidate, last uint32, living ...int) {
	t.Helper()
	proved := ^uint32(0)
	var deciding []accountID
	for c.Number() < last {
		if now := session.CurrentIndex.Get(c.Ctx()); now != proved && c.Number()%epoch != 0 {
			proved = now
			for _, i := range living {
				_ = c.Submit(list[i].proof(t, c, now)) // stale if it has voted
				deciding = check(t, c, deciding)
			}
			continue
		}
		c.NextBlocks(1)
		deciding = check(t, c, deciding)
	}
}

// check compares the session with what consensus was told two blocks ahead.
func check(t *testing.T, c *palletstest.Chain, deciding []accountID) []accountID {
	t.Helper()
	ctx := c.Ctx()
	now := session.Validators.Get(ctx)
	if c.Number()%epoch == 1 && deciding != nil && !slices.Equal(now, deciding) {
		t.Fatalf("block %d: consensus was told other validators than the session has", c.Number())
	}
	list := consensus.Frame{}.Authorities(ctx)
	if next := (c.Number()+1)%epoch == 0; next != (len(list) > 0) {
		t.Fatalf("block %d names %d validators", c.Number(), len(list))
	}
	if len(list) == 0 {
		return deciding
	}
	deciding = nil
	for _, v := range list {
		deciding = append(deciding, v.Account)
	}
	return deciding
}

// Seven candidates for four seats over eras: who is elected is who has the best
// score, is alive and has keys; nobody else ever has a seat.
func TestRotation(t *testing.T) {
	c, list := world(t, 7, 4, nil)
	everybody := []int{0, 1, 2, 3, 4, 5, 6}
	sets := map[string]bool{}
	for n := uint32(1); n <= 6; n++ {
		// Work moves from candidate to candidate.
		worker := list[int(n+3)%7].stash
		if err := c.Do(func(ctx *runtime.Context) error {
			credit.CurrentCounters.Put(ctx, worker, credit.CounterEntry{Points: 100})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		run(t, c, list, n*era+1, everybody...)
		ctx := c.Ctx()
		e, ok := r2s.LastElection.Get(ctx)
		if !ok || e.Seats != 4 || len(e.Scores) != 7 || len(e.Silent) != 0 {
			t.Fatalf("era %d: election %+v", n, e)
		}
		var best []accountID
		for i, s := range e.Scores {
			if s.Elected != (i < 4) || i > 0 && s.Total > e.Scores[i-1].Total {
				t.Fatalf("era %d: scores %+v", n, e.Scores)
			}
			if want := (5*s.Credit + 3*s.Stake + 2*s.Chance) / 10; s.Total != want {
				t.Errorf("era %d: a score of %d, want %d", n, s.Total, want)
			}
			if s.Elected {
				best = append(best, s.Candidate)
			}
		}
		slices.SortFunc(best, func(a, b accountID) int { return bytes.Compare(a[:], b[:]) })
		if got := session.Validators.Get(ctx); !slices.Equal(got, best) {
			t.Fatalf("era %d has %v, elected were %v", n, got, best)
		}
		if got := (staking.API{}).ActiveEra(ctx); got != n {
			t.Fatalf("era %d is active, want %d", got, n)
		}
		if got := electionprovidermultiphase.Round.Get(ctx); got != n+1 {
			t.Errorf("round %d after %d elections", got, n)
		}
		for _, who := range best {
			sets[string(who[:])] = true
			if o, ok := staking.ErasStakersOverview.Get(ctx, n, who); !ok || o.Own.IsZero() {
				t.Errorf("era %d: nothing stands behind a winner: %+v", n, o)
			}
		}
	}
	if len(sets) < 6 {
		t.Errorf("only %d of seven candidates ever had a seat", len(sets))
	}
}

// A silent node is never elected, and validators that fall silent lose their
// seats. With too few candidates alive the set stays as it is.
func TestSilentNodesAreNotElected(t *testing.T) {
	c, list := world(t, 6, 3, nil)
	run(t, c, list, 2*era+1, 3) // of those without a seat only one shows life
	for _, v := range []candidate{list[4], list[5]} {
		if slices.Contains(session.Validators.Get(c.Ctx()), v.stash) {
			t.Fatal("a node that nobody has seen has a seat")
		}
	}
	seated := session.Validators.Get(c.Ctx())
	c.Silence(seated[1], seated[2])
	run(t, c, list, 3*era+1, 4, 5)
	now := session.Validators.Get(c.Ctx())
	if slices.Contains(now, seated[1]) || slices.Contains(now, seated[2]) {
		t.Fatal("validators that do not vote were elected again")
	}
	c.Silence(list[0].stash, list[1].stash, list[2].stash, list[3].stash, list[4].stash, list[5].stash)
	run(t, c, list, 5*era+1)
	if got := session.Validators.Get(c.Ctx()); !slices.Equal(got, now) {
		t.Errorf("nobody is alive, and the validators are %v", got)
	}
	if got := (staking.API{}).ActiveEra(c.Ctx()); got != 3 {
		t.Errorf("era %d without an election", got)
	}
	if e := palletstest.EventsOf[staking.StakingElectionFailedEvent](c); len(e) != 1 {
		t.Errorf("%d elections failed in the first block of a session", len(e))
	}
	if e, _ := r2s.LastElection.Get(c.Ctx()); len(e.Silent) != 6 || len(e.Scores) != 0 {
		t.Errorf("election %+v", e)
	}
	// They come back.
	c.Silence()
	run(t, c, list, 6*era+1, 0, 1, 2, 3, 4, 5)
	if got := (staking.API{}).ActiveEra(c.Ctx()); got < 4 {
		t.Errorf("era %d after the nodes came back", got)
	}
}

// Nominators, chilling, unbonding and removed keys decide who can be elected.
func TestWhoCanBeElected(t *testing.T) {
	c, list := world(t, 5, 2, map[string]any{"R2S.CreditWeight": 0, "R2S.ChanceWeight": 0})
	everybody := []int{0, 1, 2, 3, 4}
	seated := func(i int) bool { return slices.Contains(session.Validators.Get(c.Ctx()), list[i].stash) }
	// By stake alone the last ones, who have bonded most, win.
	run(t, c, list, era+1, everybody...)
	if !seated(3) || !seated(4) {
		t.Fatal("the highest stakes did not win")
	}
	nominate := func(who accountID, tokens uint64, targets ...accountID) {
		var addresses []substrate.MultiAddress
		for _, v := range targets {
			addresses = append(addresses, substrate.AddressOf(v))
		}
		c.Must(who, staking.Bond{Value: types.Tokens(tokens), Payee: staking.PayStash{}})
		c.Must(who, staking.Nominate{Targets: addresses})
	}
	nominate(palletstest.Bob, 3_000_000, list[0].stash, palletstest.Eve) // half of it counts
	nominate(palletstest.Charlie, 2_000_000, list[1].stash)
	run(t, c, list, 2*era+1, everybody...)
	if !seated(0) || !seated(1) {
		t.Fatal("nominators did not count")
	}
	page, _ := staking.ErasStakersPaged.Get(c.Ctx(), 2, list[0].stash, 0)
	if len(page.Others) != 1 || page.Others[0].Who != palletstest.Bob || page.Others[0].Value.Less(types.Tokens(2_999_999)) {
		t.Errorf("all of a nominator's stake is behind its only winner: %+v", page)
	}
	c.Must(list[0].stash, staking.Chill{})
	c.Must(list[1].stash, session.PurgeKeys{})
	run(t, c, list, 2*era+epoch+1, everybody...)
	if seated(1) && len(session.QueuedKeys.Get(c.Ctx())) != 1 {
		t.Error("who has no keys is queued")
	}
	run(t, c, list, 3*era+1, everybody...)
	if seated(0) || seated(1) || !seated(3) || !seated(4) {
		t.Fatal("chilled, or without keys, and elected")
	}
	// Below the least backing nobody is elected; exactly it suffices.
	c.Must(list[4].stash, staking.Unbond{Value: types.Tokens(800_001)})
	c.Must(list[3].stash, staking.Unbond{Value: types.Tokens(600_000)})
	run(t, c, list, 4*era+1, everybody...)
	if seated(4) || !seated(3) || !seated(2) {
		t.Fatalf("3,000,000 tokens are the least: %v", session.Validators.Get(c.Ctx()))
	}
	if balance := staking.ErasTotalStake.Get(c.Ctx(), 4); balance.IsZero() {
		t.Error("no stake is recorded")
	}
}

// The reference's parameters: stake on a scale of 100, chance from the parent
// block.
func TestAsUpstream(t *testing.T) {
	c, list := world(t, 3, 2, map[string]any{"R2S.StakeScale": 100, "R2S.EpochRandomness": false})
	if err := c.Root(staking.ForceNewEraAlways{}); err != nil {
		t.Fatal(err)
	}
	run(t, c, list, 3*epoch+1, 2)
	e, _ := r2s.LastElection.Get(c.Ctx())
	if len(e.Scores) != 3 || e.Session != 4 {
		t.Fatalf("election %+v", e)
	}
	for _, s := range e.Scores {
		if s.Stake > 100 || s.Stake < 88 {
			t.Errorf("a stake of %d", s.Stake)
		}
	}
	if got := (staking.API{}).ActiveEra(c.Ctx()); got != 2 {
		t.Errorf("era %d: every session is one, from the second on", got)
	}
}
