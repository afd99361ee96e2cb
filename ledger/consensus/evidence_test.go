package consensus

import (
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// eraBlocks is an era of the test chain: six sessions.
const eraBlocks = 6 * testEpoch

// bonded lets the validators of a network have something to lose: 3,000,000
// tokens each.
func bonded(t testing.TB, nw *network) *network {
	t.Helper()
	g := staking.Genesis{ValidatorCount: uint32(len(nw.validators))}
	for _, v := range nw.validators {
		g.Stakers = append(g.Stakers, staking.GenesisStaker{
			Stash: types.Address(v.stash.AccountID()), Bond: unit.SaturatingMul(scale.U128From64(3_000_000)),
		})
	}
	nw.genesis.Pallets["Staking"] = encode(t, g)
	return nw
}

// doubleVote is evidence against validator i.
func (d *driver) doubleVote(i int, height int64) abci.Misbehavior {
	a := d.address(i)
	return abci.Misbehavior{
		Type: abci.MisbehaviorType_DUPLICATE_VOTE, Validator: abci.Validator{Address: a[:], Power: 1},
		Height: height, Time: d.time, TotalVotingPower: int64(len(d.order)),
	}
}

// to decides blocks until one with this number, proposed by whoever may.
func (d *driver) to(number uint32) {
	d.t.Helper()
	for d.apps[0].chain.Best().Number < number {
		from := slices.IndexFunc(d.order, func(i int) bool { return !d.absent[d.address(i)] })
		d.block(d.order[from])
	}
}

// read runs fn over the state after the best block.
func (d *driver) read(fn func(ctx *runtime.Context)) {
	d.t.Helper()
	view, err := d.apps[0].chain.BestView()
	if err != nil {
		d.t.Fatal(err)
	}
	defer view.Close()
	if err := d.nw.rt.Read(view.Parent(), fn); err != nil {
		d.t.Fatal(err)
	}
}

func powers(updates []abci.ValidatorUpdate) map[address]int64 {
	out := map[address]int64{}
	for _, u := range updates {
		out[addressOf([32]byte(u.PubKey.GetEd25519()))] = u.Power
	}
	return out
}

// Evidence of a double vote is punished by the formula, and the key decides no
// block from the second one after on, until the era ends and it is elected again.
// The others go on; who replays the chain gets the same.
func TestEvidenceTakesTheVoteAway(t *testing.T) {
	// Nobody proves its life here: a silent offender stays electable.
	d := newDriver(t, bonded(t, newNetwork(t, 4, 0).with(t, map[string]int{"R2S.LifeWindow": 1000})))
	const offender, at = 2, 4
	d.to(at - 1)
	d.evidence = []abci.Misbehavior{d.doubleVote(offender, 2)}
	d.to(at)
	if got := powers(d.updates[at]); len(got) != 1 || got[d.address(offender)] != 0 {
		t.Fatalf("block %d updates %v", at, got)
	}
	stash := substrate.AccountID(d.nw.validators[offender].stash.AccountID())
	d.read(func(ctx *runtime.Context) {
		overview, _ := staking.ErasStakersOverview.Get(ctx, 0, stash)
		want := substrate.Perbill(562_500_000).Mul(overview.Own)
		due := staking.SlashDeferDuration.Get(ctx) + 1
		if got := staking.UnappliedSlashes.Get(ctx, due); len(got) != 1 || got[0].Validator != stash || got[0].Own != want || want.IsZero() {
			t.Errorf("slashes %+v, want %v", got, want)
		}
		if got := session.Validators.Get(ctx); len(got) != 4 {
			t.Errorf("%d validators", len(got))
		}
	})
	d.to(at + 1)
	if d.absent[d.address(offender)] != true {
		t.Fatal("the offender may still vote")
	}
	// Sessions change, the era does not: nothing is to be updated.
	for d.to(eraBlocks - 2); ; d.to(d.apps[0].chain.Best().Number + 1) {
		n := int64(d.apps[0].chain.Best().Number)
		got := powers(d.updates[n])
		if n == eraBlocks-1 {
			if len(got) != 1 || got[d.address(offender)] != 1 {
				t.Errorf("block %d updates %v: the next era has all validators again", n, got)
			}
			break
		}
		if len(got) != 0 {
			t.Errorf("block %d updates %v", n, got)
		}
	}
	d.to(eraBlocks + 3)
	if d.absent[d.address(offender)] {
		t.Error("the offender stays away")
	}
	replay := d.open(-1)
	for _, req := range d.decided {
		if err := finalize(t, replay.app, req); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := replay.Chain().Best(), d.agreed().Ref; got != want {
		t.Errorf("replay ends at %+v, want %+v", got, want)
	}
}

// Evidence in the last two blocks of a session, when the next one's validators
// are decided already or about to be, is not forgotten.
func TestEvidenceAtTheEndOfASession(t *testing.T) {
	for at := uint32(testEpoch - 2); at <= testEpoch+1; at++ {
		d := newDriver(t, bonded(t, newNetwork(t, 4, 0)))
		d.to(at - 1)
		d.evidence = []abci.Misbehavior{d.doubleVote(1, 2)}
		d.to(at + 1)
		if !d.absent[d.address(1)] {
			t.Errorf("evidence in block %d: the offender decides block %d", at, at+2)
		}
		d.to(3 * testEpoch)
		if !d.absent[d.address(1)] {
			t.Errorf("evidence in block %d: the offender is back", at)
		}
	}
}

// However many offend, somebody keeps deciding blocks.
func TestEvidenceAgainstEverybody(t *testing.T) {
	d := newDriver(t, bonded(t, newNetwork(t, 2, 0)))
	d.to(3)
	d.evidence = []abci.Misbehavior{d.doubleVote(0, 2), d.doubleVote(1, 2)}
	d.to(testEpoch + 3)
	for n, updates := range d.updates {
		if len(updates) != 0 {
			t.Errorf("block %d updates %v", n, updates)
		}
	}
}

// Proposals with other evidence than CometBFT's are other blocks: executions are
// not mixed up.
func TestEvidenceIsPartOfTheProposal(t *testing.T) {
	d := newDriver(t, bonded(t, newNetwork(t, 4, 0)))
	d.to(3)
	txs := d.propose(0)
	for i := range d.apps {
		if !d.accepts(i, 0, txs) {
			t.Fatalf("validator %d rejects", i)
		}
	}
	d.evidence = []abci.Misbehavior{d.doubleVote(1, 2)}
	d.decide(0, txs)
	if got := powers(d.updates[4]); len(got) != 1 {
		t.Errorf("updates %v", got)
	}
}

// Evidence may be as old as a bond lasts, two weeks at most.
func TestEvidenceAge(t *testing.T) {
	nw := newNetwork(t, 1, 0)
	for _, c := range []struct {
		block, age, want time.Duration
		blocks           int64
	}{
		{6 * time.Second, 0, 14 * 24 * time.Hour, 201_600},
		{100 * time.Millisecond, 0, 672 * eraBlocks * 100 * time.Millisecond, 672 * eraBlocks},
		{time.Second, time.Hour, time.Hour, 3600},
	} {
		cfg := nw.config(t, t.TempDir(), -1)
		cfg.Genesis.BlockTime, cfg.Genesis.EvidenceAge = c.block, c.age
		if err := cfg.complete(); err != nil {
			t.Fatal(err)
		}
		doc, err := cfg.genesisDoc(authorities{{Grandpa: [32]byte(nw.validators[0].grandpa.Public())}}, make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		e := doc.ConsensusParams.Evidence
		want := min(c.want, 672*eraBlocks*c.block)
		if e.MaxAgeDuration != want || e.MaxAgeNumBlocks != int64(want/c.block) {
			t.Errorf("blocks of %v: evidence of %v or %d blocks, want %v", c.block, e.MaxAgeDuration, e.MaxAgeNumBlocks, want)
		}
	}
}
