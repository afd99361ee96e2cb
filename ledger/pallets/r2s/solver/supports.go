package solver

import (
	"bytes"
	"slices"

	"github.com/gocess/gocess/primitives/scale"
)

// Backer is what one voter puts behind a winner, in votes.
type Backer struct {
	Who   accountID
	Votes uint64
}

// Support is what stands behind a winner, in votes, the backers in the order of
// the voters.
type Support struct {
	Winner  accountID
	Total   scale.U128
	Backers []Backer
}

// Supports spreads the votes over the winners and lists these by account. A
// voter's votes go evenly to those of its targets that won, to the last vote: the
// remainder of the division to the first ones.
func Supports(winners []accountID, voters []Voter) []Support {
	list := make([]Support, len(winners))
	for i, who := range winners {
		list[i].Winner = who
	}
	slices.SortFunc(list, func(a, b Support) int { return bytes.Compare(a.Winner[:], b.Winner[:]) })
	for _, v := range voters {
		var chosen []int
		for _, target := range v.Targets {
			i, ok := slices.BinarySearchFunc(list, target, func(s Support, who accountID) int {
				return bytes.Compare(s.Winner[:], who[:])
			})
			if ok && !slices.Contains(chosen, i) {
				chosen = append(chosen, i)
			}
		}
		for j, i := range chosen {
			n := uint64(len(chosen))
			votes := v.Votes / n
			if uint64(j) < v.Votes%n {
				votes++
			}
			if votes == 0 {
				continue
			}
			list[i].Total = list[i].Total.SaturatingAdd(scale.U128From64(votes))
			list[i].Backers = append(list[i].Backers, Backer{v.Who, votes})
		}
	}
	return list
}
