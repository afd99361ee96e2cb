//go:build e2e

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/timestamp"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// grace is how long a node that was started again may take until it works: a
// round that it had less for is no fault of it.
const grace = 5 * time.Second

// record is what the chain says of rounds and fines after one block.
type record struct {
	time       time.Time
	challenges map[substrate.AccountID]audit.Challenge
	misses     map[substrate.AccountID]uint8
	miners     map[substrate.AccountID]sminer.Miner
	earned     map[substrate.AccountID]scale.U128 // planck
	falsely    []string                           // verdicts against a proof
}

func (s *history) record(t *testing.T, number uint32) *record {
	t.Helper()
	r := &record{
		challenges: make(map[substrate.AccountID]audit.Challenge),
		misses:     make(map[substrate.AccountID]uint8),
		miners:     make(map[substrate.AccountID]sminer.Miner),
		earned:     make(map[substrate.AccountID]scale.U128),
	}
	s.read(t, number, func(ctx *runtime.Context) {
		r.time = time.UnixMilli(int64(timestamp.Now.Get(ctx)))
		for who, c := range audit.Challenges.Iter(ctx) {
			r.challenges[who] = c
		}
		for who, n := range audit.Misses.Iter(ctx) {
			r.misses[who] = n
		}
		for who, m := range sminer.Miners.Iter(ctx) {
			r.miners[who] = m
		}
		for who, reward := range sminer.Rewards.Iter(ctx) {
			r.earned[who] = reward.TotalReward
		}
		for _, e := range system.Events.Get(ctx) {
			switch e := e.Event.Event.(type) {
			case audit.SubmitIdleVerifyResultEvent:
				r.verdict("idle", e.Miner, e.Result)
			case audit.SubmitServiceVerifyResultEvent:
				r.verdict("service", e.Miner, e.Result)
			}
		}
	})
	return r
}

func (r *record) verdict(kind string, who substrate.AccountID, result bool) {
	if !result {
		r.falsely = append(r.falsely, fmt.Sprintf("the %s proof of miner %v was found wrong", kind, types.Address(who)))
	}
}

// tallies counts rounds by how they ended.
type tallies struct {
	passed, noService, noIdle, unjudged, fines int
	taken                                      scale.U128 // planck
}

// rounds follows all challenges of the run. A miner may miss a round only if it
// was down in it, and a fine needs a round that was missed: no proof was ever
// found wrong. What was taken is in the pot of punishments.
func (s *history) rounds(t *testing.T, c *chaos) {
	t.Helper()
	names := make(map[substrate.AccountID]string)
	for _, n := range c.net.Nodes("miner") {
		names[account(t, n)] = n.Name
	}
	starts := make(map[uint32]time.Time)
	var honest, dead tallies
	before := s.record(t, 0)
	for number := uint32(1); number <= s.last; number++ {
		now := s.record(t, number)
		starts[number] = now.time
		for _, what := range now.falsely {
			t.Errorf("block %d: %s", number, what)
		}
		for who, m := range now.miners {
			count := &honest
			if c.dead != nil && names[who] == c.dead.Name {
				count = &dead
			}
			missed := now.misses[who] > before.misses[who]
			old, was := before.challenges[who]
			if open, is := now.challenges[who]; was && (!is || open.Element.Start != old.Element.Start) {
				how := count.add(&old)
				if count == &honest && how != "" {
					s.excuse(t, c, names[who], &old.Element, starts, now.time, how)
				}
			}
			fine := before.fine(who, m)
			if fine.IsZero() {
				continue
			}
			count.fines++
			count.taken = count.taken.SaturatingAdd(fine)
			if count == &honest {
				t.Logf("block %d: %s was fined %v planck for miss %d in a row", number, names[who], fine, now.misses[who])
				if !missed {
					t.Errorf("block %d: %s was fined without a missed round", number, names[who])
				}
			}
		}
		before = now
	}
	t.Logf("rounds of miners that were restarted: %d passed, %d without a service proof, %d without an idle proof, %d without a verdict, %d fines",
		honest.passed, honest.noService, honest.noIdle, honest.unjudged, honest.fines)
	t.Logf("rounds of the lost miner: %d passed, %d missed, %d fines", dead.passed, dead.noService, dead.fines)
	s.read(t, s.last, func(ctx *runtime.Context) {
		taken := honest.taken.SaturatingAdd(dead.taken)
		if got, want := potOf(ctx, types.PunishmentPot), taken.SaturatingAdd(types.Tokens(1)); got != want {
			t.Errorf("the pot of punishments has %v planck; fines and what it started with are %v", got, want)
		}
	})
}

const missedService = "without a service proof"

// add counts a round that is over and says how it was lost; "" if it was
// passed.
func (n *tallies) add(c *audit.Challenge) string {
	idle, hasIdle := c.Proofs.Idle.Get()
	service, hasService := c.Proofs.Service.Get()
	switch {
	case !hasService:
		n.noService++
		return missedService
	case !hasIdle:
		n.noIdle++
		return "without an idle proof"
	case idle.Verdict.IsNone() || service.Verdict.IsNone():
		n.unjudged++
		return "without a verdict"
	}
	n.passed++
	return ""
}

// fine is what the block after r took from a miner. One that was forced out in
// it got what was left of its collateral back in the same block: its fine is
// that of the miss that was one too many (spec/pallets-mining.md §1.8).
func (r *record) fine(who substrate.AccountID, now sminer.Miner) scale.U128 {
	old := r.miners[who]
	if string(now.State) != sminer.StateOffline {
		return old.Collateral.SaturatingSub(now.Collateral).SaturatingAdd(now.Debt.SaturatingSub(old.Debt))
	}
	if string(old.State) == sminer.StateOffline {
		return scale.U128{}
	}
	snap := r.challenges[who].Snapshot
	limit := sminer.CollateralLimit(sminer.Power(snap.IdleSpace, snap.ServiceSpace))
	fine := substrate.Percent(15).MulFloor(limit)
	if r.earned[who].IsZero() {
		fine = scale.U128From64(100)
	}
	return fine.Min(old.Collateral)
}

// excuse tells what was down during a lost round: the miner and the chain for
// proofs, TEE workers too for verdicts. A missing service proof is what miners
// are fined and forced out for, so the test fails if nothing was. The others
// only cost a reward; idle proofs are long computations that a busy machine may
// not end in the twenty blocks of a fast network.
func (s *history) excuse(t *testing.T, c *chaos, name string, e *audit.ChallengeElement, starts map[uint32]time.Time, ended time.Time, how string) {
	t.Helper()
	// A block has the time at which the one before it was decided.
	from, to, needed := starts[e.Start], starts[e.ServiceSlip+1], []string{name, "validator-1"}
	if how == "without a verdict" {
		to, needed = ended, append(needed, "tee-1", "tee-2")
	}
	excused := false
	for _, n := range needed {
		excused = excused || c.downIn(n, from, to, grace)
	}
	alive := c.aliveIn(from, to, needed...)
	t.Logf("%s lost the round of block %d %s; of its %v nothing was down for %v at most",
		name, e.Start, how, to.Sub(from).Round(time.Second), alive.Round(time.Second))
	if !excused && how == missedService {
		t.Errorf("%s missed the round of block %d, %v long, although nothing that it needs was down", name, e.Start, to.Sub(from).Round(time.Second))
	}
}
