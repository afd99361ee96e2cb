package r2s

import (
	"fmt"

	"github.com/gocess/gocess/ledger/pallets/r2s/solver"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Request is what staking asks an election for.
type Request struct {
	// Session is the first one in which the winners serve.
	Session uint32
	// Seats is how many winners are wanted, Least how many are needed.
	Seats, Least uint32
	// Unit is the worth of one vote, in planck.
	Unit       types.Balance
	Candidates []substrate.AccountID
	Voters     []solver.Voter
}

// Elect chooses among the candidates that are alive and have session keys, and
// says what stands behind each winner, by account. It returns false if there are
// fewer winners than needed.
func (API) Elect(ctx *runtime.Context, r Request) ([]solver.Support, bool) {
	forgetSilent(ctx)
	e := Election{Session: r.Session, Seats: r.Seats}
	var alive []substrate.AccountID
	for _, stash := range r.Candidates {
		if _, has := uses.Sessions.Keys(ctx, stash); has && (API{}).Alive(ctx, stash) {
			alive = append(alive, stash)
		} else {
			e.Silent.TryPush(stash)
		}
	}
	scores := solver.Scores(solver.Input{
		Rules: rulesOf(ctx, r.Unit), Candidates: alive, Voters: r.Voters,
		Credit: credits(ctx), Random: chances(ctx),
	})
	n := min(uint64(len(scores)), uint64(r.Seats), session.MaxValidators)
	enough := n >= uint64(r.Least)
	winners := make([]substrate.AccountID, 0, n)
	for i, s := range scores {
		elected := enough && uint64(i) < n
		if elected {
			winners = append(winners, s.Candidate)
		}
		e.Scores.TryPush(CandidateScore{
			Candidate: s.Candidate, Backing: s.Backing.SaturatingMul(r.Unit), Credit: s.Credit,
			Stake: s.Stake, Chance: s.Chance, Total: s.Total, Elected: elected,
		})
	}
	LastElection.Put(ctx, e)
	if !enough {
		return nil, false
	}
	return solver.Supports(winners, r.Voters), true
}

// forgetSilent removes signs of life that have become too old.
func forgetSilent(ctx *runtime.Context) {
	for stash, seen := range LastSeen.Iter(ctx) {
		if !recent(ctx, seen) {
			LastSeen.Delete(ctx, stash)
		}
	}
}

func rulesOf(ctx *runtime.Context, unit types.Balance) solver.Rules {
	return solver.Rules{
		Credit: CreditWeight.Get(ctx), Stake: StakeWeight.Get(ctx), Chance: ChanceWeight.Get(ctx),
		StakeScale: StakeScale.Get(ctx), Least: LeastBacking.Get(ctx).Div(unit.Max(scale.U128From64(1))),
	}
}

func credits(ctx *runtime.Context) func(substrate.AccountID) uint32 {
	by := make(map[substrate.AccountID]uint32)
	for _, c := range uses.Credits.Credits(ctx) {
		by[c.Account] = c.Score
	}
	return func(who substrate.AccountID) uint32 { return by[who] }
}

// chances are hashes of the subject `authorities` with the decimal number of the
// draw, and the randomness that the chain's parameter names
// (spec/consensus.md §2.4).
func chances(ctx *runtime.Context) func(i int) [32]byte {
	seed := uses.Epochs.BlockRandomness(ctx)
	if EpochRandomness.Get(ctx) {
		seed = uses.Epochs.NextRandomness(ctx)
	}
	return func(i int) [32]byte { return crypto.Blake2b256(fmt.Appendf(nil, "authorities%d", i), seed[:]) }
}
