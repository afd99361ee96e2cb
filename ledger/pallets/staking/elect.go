package staking

import (
	"iter"
	"math"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/r2s/solver"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Elections chooses validators.
type Elections interface {
	// Elect returns what stands behind each winner, by account; false if too few
	// candidates could be elected.
	Elect(ctx *runtime.Context, r r2s.Request) ([]solver.Support, bool)
}

// Voters are the validators and nominators, the ones with the most at stake
// first. Scores are in votes.
type Voters interface {
	Insert(ctx *runtime.Context, who substrate.AccountID, score uint64) error
	Update(ctx *runtime.Context, who substrate.AccountID, score uint64)
	Remove(ctx *runtime.Context, who substrate.AccountID)
	All(ctx *runtime.Context) iter.Seq[substrate.AccountID]
}

// Rounds counts elections.
type Rounds interface {
	Elected(ctx *runtime.Context, supports []solver.Support)
	Failed(ctx *runtime.Context)
}

// Set by WireElections.
var (
	elections Elections
	voterList Voters
	rounds    Rounds
)

// WireElections names who elects validators, who keeps the order of voters, and
// who counts elections.
func WireElections(e Elections, v Voters, r Rounds) { elections, voterList, rounds = e, v, r }

// elect chooses the validators of the era that starts with a session. Without
// enough of them it emits StakingElectionFailed.
func elect(ctx *runtime.Context, session uint32) ([]solver.Support, bool) {
	var candidates []accountID
	for stash := range Validators.Iter(ctx) {
		candidates = append(candidates, stash)
	}
	supports, ok := elections.Elect(ctx, r2s.Request{
		Session: session,
		Seats:   ValidatorCount.Get(ctx), Least: max(MinimumValidatorCount.Get(ctx), 1),
		Unit: voteUnit(ctx), Candidates: candidates, Voters: voters(ctx),
	})
	if !ok {
		rounds.Failed(ctx)
		ctx.Emit(StakingElectionFailedEvent{})
		return nil, false
	}
	rounds.Elected(ctx, supports)
	ctx.Emit(StakersElectedEvent{})
	return supports, true
}

// voters lists those who have votes, in the order of the voter list, up to
// MaxElectingVoters of them: validators, who vote for themselves, and nominators.
// It records the fewest votes of a nominator, 2⁶⁴−1 without any.
func voters(ctx *runtime.Context) []solver.Voter {
	var list []solver.Voter
	least := uint64(math.MaxUint64)
	for who := range voterList.All(ctx) {
		votes := API{}.Score(ctx, who)
		if votes == 0 {
			continue
		}
		targets := []accountID{who}
		if n, nominates := Nominators.Get(ctx, who); nominates {
			least, targets = min(least, votes), n.Targets
		} else if !Validators.Contains(ctx, who) {
			continue
		}
		if uint64(len(list)) == uint64(MaxElectingVoters.Get(ctx)) {
			ctx.Emit(SnapshotVotersSizeExceededEvent{Size: uint32(len(list))})
			break
		}
		if len(targets) > 0 {
			list = append(list, solver.Voter{Who: who, Votes: votes, Targets: targets})
		}
	}
	MinimumActiveStake.Put(ctx, scale.U128From64(least))
	return list
}

// Score is how many votes the active bond of a stash has.
func (API) Score(ctx *runtime.Context, stash substrate.AccountID) uint64 {
	_, l, err := ledgerOfStash(ctx, stash)
	if err != nil {
		return 0
	}
	return votesOf(ctx, l.Active)
}

func votesOf(ctx *runtime.Context, x amount) uint64 {
	if votes, ok := x.Div(voteUnit(ctx)).Uint64(); ok {
		return votes
	}
	return math.MaxUint64
}

// voteUnit is the worth of one vote, in planck: the total issuance has fewer
// than 2⁶⁴ votes.
func voteUnit(ctx *runtime.Context) amount {
	one := scale.U128From64(1)
	return balances.TotalIssuance.Get(ctx).Div64(math.MaxUint64).Max(one)
}
