// Package solver chooses validators by R²S: credit, stake and chance
// (spec/consensus.md §5). It is a pure function of its input, in integers.
package solver

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

type accountID = substrate.AccountID

// Voter puts its votes behind the candidates that it lists; a candidate votes
// for itself with its own bond. One vote is a fixed number of planck.
type Voter struct {
	Who     accountID
	Votes   uint64
	Targets []accountID
}

// Rules are the parameters of an election.
type Rules struct {
	// Credit, Stake and Chance weigh the parts of a score; their sum is not zero.
	Credit, Stake, Chance uint32
	// StakeScale is the stake part of the candidate with the most votes. Credit
	// goes to 1000, chance to 999.
	StakeScale uint32
	// Least is the least backing of a candidate, in votes.
	Least scale.U128
}

// chances bounds the chance part.
const chances = 1000

// perU16 is a whole in parts of a PerU16.
const perU16 = 65535

// Score is how a candidate stands in an election.
type Score struct {
	Candidate accountID
	Backing   scale.U128 // votes
	// Credit, Stake and Chance are the parts of Total before they are weighed.
	Credit, Stake, Chance uint32
	Total                 uint32
}

// Input is what an election depends on.
type Input struct {
	Rules      Rules
	Candidates []accountID // without repetition
	Voters     []Voter
	// Credit is a candidate's credit, 0 to 1000.
	Credit func(accountID) uint32
	// Random is the i-th random value. Candidates with enough backing draw in the
	// order of their accounts, from 0.
	Random func(i int) [32]byte
}

// Scores rates the candidates that have enough backing, the best first: of equal
// ones that with the higher account. The winners are the first ones.
func Scores(in Input) []Score {
	list := backed(in)
	highest := in.Rules.Least
	for _, s := range list {
		highest = highest.Max(s.Backing)
	}
	for i := range list {
		s := &list[i]
		s.Credit = in.Credit(s.Candidate)
		s.Stake = stakePart(s.Backing, highest, in.Rules.StakeScale)
		seed := in.Random(i)
		s.Chance = binary.LittleEndian.Uint32(seed[:]) % chances
		s.Total = in.Rules.total(s)
	}
	slices.SortFunc(list, func(a, b Score) int {
		if a.Total != b.Total {
			return int(int64(b.Total) - int64(a.Total))
		}
		return bytes.Compare(b.Candidate[:], a.Candidate[:])
	})
	return list
}

// backed lists the candidates with at least the least backing, by account.
func backed(in Input) []Score {
	list := make([]Score, len(in.Candidates))
	for i, who := range in.Candidates {
		list[i].Candidate = who
	}
	slices.SortFunc(list, func(a, b Score) int { return bytes.Compare(a.Candidate[:], b.Candidate[:]) })
	for _, v := range in.Voters {
		if len(v.Targets) == 0 {
			continue
		}
		part := scale.U128From64(v.Votes / uint64(len(v.Targets)))
		for i, target := range v.Targets {
			at, ok := slices.BinarySearchFunc(list, target, func(s Score, who accountID) int {
				return bytes.Compare(s.Candidate[:], who[:])
			})
			if ok && !slices.Contains(v.Targets[:i], target) {
				list[at].Backing = list[at].Backing.SaturatingAdd(part)
			}
		}
	}
	return slices.DeleteFunc(list, func(s Score) bool { return s.Backing.Less(in.Rules.Least) })
}

// stakePart is the backing as part of the highest one, first rounded down to a
// PerU16 and then to parts of scaled.
func stakePart(backing, highest scale.U128, scaled uint32) uint32 {
	parts := uint64(perU16) // of nothing everything is a whole
	if !highest.IsZero() {
		q, _ := scale.MulDiv(backing.Min(highest), scale.U128From64(perU16), highest)
		parts, _ = q.Uint64()
	}
	return uint32(parts * uint64(scaled) / perU16)
}

func (r Rules) total(s *Score) uint32 {
	weighed := func(weight, part uint32) scale.U128 {
		return scale.U128From64(uint64(weight)).SaturatingMul(scale.U128From64(uint64(part)))
	}
	sum := weighed(r.Credit, s.Credit).SaturatingAdd(weighed(r.Stake, s.Stake)).SaturatingAdd(weighed(r.Chance, s.Chance))
	// A mean of numbers below 2³² is below 2³².
	mean, _ := sum.Div64(uint64(r.Credit) + uint64(r.Stake) + uint64(r.Chance)).Uint64()
	return uint32(mean)
}
