//go:build e2e

package e2e

import (
	"math/big"
	"slices"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// clue is by what the chain finds a cheater.
type clue int

const (
	falseProof  clue = iota // a false verdict on the service proof
	missedProof             // no service proof in time
	missedIdle              // no idle proof in time
)

// offence is a way to cheat (nodes/miner/cheat.go).
type offence struct {
	way  string
	clue clue
	// bad is the number of blocks of all fragments of which the answer is
	// wrong; 0 means all, or that blocks do not matter.
	bad uint64
	// refusal is the error of the extrinsic with which the miner tries to get
	// away; it is found by that already.
	refusal *runtime.ModuleError
}

const (
	blocksOfFragment = 1024
	samples          = 460 // of all blocks, in one challenge
)

var offences = []offence{
	{way: "dropped-fragment", bad: blocksOfFragment},
	{way: "flipped-byte", bad: 1},
	{way: "dropped-idle", clue: missedIdle},
	{way: "replayed-proof"},
	{way: "foreign-proof"},
	{way: "foreign-signature", bad: blocksOfFragment, refusal: audit.ErrVerifyTEESigFailed},
	{way: "late-proof", clue: missedProof, refusal: audit.ErrExpired},
	{way: "silence", clue: missedProof},
	{way: "forged-filter", bad: blocksOfFragment, refusal: audit.ErrBloomFilter},
	{way: "refused-deletion"},
}

// chance is the probability that one challenge finds the cheater: it draws
// blocks of all fragments without putting them back.
func (o *offence) chance(fragments uint64) float64 {
	if o.bad == 0 || o.refusal != nil {
		return 1
	}
	escapes, total := 1.0, blocksOfFragment*fragments
	for drawn := range min(samples, total) {
		escapes *= max(0, 1-float64(o.bad)/float64(total-drawn))
	}
	return 1 - escapes
}

// bound is the number of rounds that the cheater escapes with a probability
// below one in a million.
func bound(chance float64) int {
	for k, escapes := 1, 1-chance; ; k, escapes = k+1, escapes*(1-chance) {
		if escapes < 1e-6 {
			return k
		}
	}
}

// suspect is a miner that cheats.
type suspect struct {
	offence
	who  substrate.AccountID
	node *devkit.Node
}

// rounds are the challenges in which the miner cheats: the first proof that is
// replayed is a right one, and late proofs begin with the first reward.
func (s *suspect) rounds(c *court) []*round {
	all := c.rounds[s.who]
	from := 0
	switch s.way {
	case "replayed-proof":
		from = 1 + slices.IndexFunc(all, func(r *round) bool { return r.fragments > 0 })
	case "late-proof":
		from = slices.IndexFunc(all, func(r *round) bool { return r.earned || r.noService })
	}
	if from < 0 {
		return nil
	}
	return all[from:]
}

// foundIn says whether a round finds the cheater.
func (s *suspect) foundIn(r *round) bool {
	if s.refusal != nil && !slices.Contains(r.refused, runtime.DispatchErrorOf(s.refusal)) {
		return false
	}
	switch s.clue {
	case missedProof:
		return r.noService
	case missedIdle:
		return r.noIdle
	}
	return s.refusal != nil || !r.service.Or(true)
}

// found is the number of the round that found the cheater, 0 if none did.
func (s *suspect) found(c *court) int { return 1 + slices.IndexFunc(s.rounds(c), s.foundIn) }

// punished says whether all has happened that has to: a fine for false proofs,
// the end of its service for a miner that does not prove. Idle space that is
// not proven earns nothing, and costs nothing else.
func (s *suspect) punished(c *court) bool {
	switch s.clue {
	case missedProof:
		return c.out[s.who]
	case missedIdle:
		n := 0
		for _, r := range s.rounds(c) {
			if r.over && r.noIdle {
				n++
			}
		}
		return n >= 2
	}
	return value(c.taken[s.who]).Sign() > 0
}

// price is what the test makes each way cost: the first fine for false proofs;
// the second and third miss, which cost a newcomer next to nothing.
func (s *suspect) price(rounds []*round) *big.Int {
	var last *round
	for _, r := range rounds {
		if !r.service.Or(true) || r.noService {
			last = r
		}
	}
	switch {
	case s.clue == missedIdle || last == nil:
		return new(big.Int)
	case s.clue == falseProof:
		return falseFine(last.challenge.Snapshot.ServiceSpace.Big())
	}
	idle, service := last.challenge.Snapshot.IdleSpace.Big(), last.challenge.Snapshot.ServiceSpace.Big()
	earned := s.way == "late-proof"
	return new(big.Int).Add(missFine(idle, service, 2, earned), missFine(idle, service, 3, earned))
}
