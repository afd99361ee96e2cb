package solver_test

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/r2s/solver"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

type accountID = substrate.AccountID

func u(n uint64) scale.U128 { return scale.U128From64(n) }

func account(b byte) accountID { return accountID{b} }

// drawn are the random values of a seed, as the chain makes them.
func drawn(seed [32]byte) func(int) [32]byte {
	return func(i int) [32]byte { return crypto.Blake2b256(fmt.Appendf(nil, "authorities%d", i), seed[:]) }
}

func selfVotes(votes map[accountID]uint64) (list []solver.Voter, who []accountID) {
	for a := range votes {
		who = append(who, a)
	}
	slices.SortFunc(who, func(a, b accountID) int { return bytes.Compare(a[:], b[:]) })
	for _, a := range who {
		list = append(list, solver.Voter{Who: a, Votes: votes[a], Targets: []accountID{a}})
	}
	return list, who
}

// The golden values of spec/consensus.md §5.
func TestGolden(t *testing.T) {
	voters, who := selfVotes(map[accountID]uint64{account(1): 50, account(2): 100, account(3): 200})
	for name, tt := range map[string]struct {
		rules  solver.Rules
		credit map[accountID]uint32
		want   []solver.Score
	}{
		"as upstream runs it": {
			rules: solver.Rules{Credit: 5, Stake: 3, Chance: 2, StakeScale: 100, Least: u(50)},
			want: []solver.Score{
				{Candidate: account(1), Backing: u(50), Stake: 24, Chance: 915, Total: 190},
				{Candidate: account(3), Backing: u(200), Stake: 100, Chance: 524, Total: 134},
				{Candidate: account(2), Backing: u(100), Stake: 49, Chance: 151, Total: 44},
			},
		},
		"on equal scales": {
			rules:  solver.Rules{Credit: 5, Stake: 3, Chance: 2, StakeScale: 1000, Least: u(50)},
			credit: map[accountID]uint32{account(2): 1000, account(3): 300},
			want: []solver.Score{
				{Candidate: account(2), Backing: u(100), Credit: 1000, Stake: 499, Chance: 151, Total: 679},
				{Candidate: account(3), Backing: u(200), Credit: 300, Stake: 1000, Chance: 524, Total: 554},
				{Candidate: account(1), Backing: u(50), Stake: 249, Chance: 915, Total: 257},
			},
		},
		"too little behind one": {
			rules: solver.Rules{Credit: 5, Stake: 3, Chance: 2, StakeScale: 1000, Least: u(51)},
			want: []solver.Score{
				{Candidate: account(2), Backing: u(100), Stake: 499, Chance: 915, Total: 332},
				{Candidate: account(3), Backing: u(200), Stake: 1000, Chance: 151, Total: 330},
			},
		},
		"more needed than anybody has": {rules: solver.Rules{Credit: 1, StakeScale: 100, Least: u(201)}},
	} {
		got := solver.Scores(solver.Input{
			Rules: tt.rules, Candidates: who, Voters: voters,
			Credit: func(a accountID) uint32 { return tt.credit[a] },
			Random: drawn([32]byte(bytes.Repeat([]byte{0x11}, 32))),
		})
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n%+v, want\n%+v", name, got, tt.want)
		}
	}
}

// The random values of spec/consensus.md §5, before they are reduced.
func TestRandomValues(t *testing.T) {
	random := drawn([32]byte(bytes.Repeat([]byte{0x11}, 32)))
	for i, want := range []uint32{981548915, 1491865151, 3911028524} {
		v := random(i)
		if got := uint32(v[0]) | uint32(v[1])<<8 | uint32(v[2])<<16 | uint32(v[3])<<24; got != want {
			t.Errorf("value %d is %d, want %d", i, got, want)
		}
	}
}

// Equal scores: the higher account first.
func TestTies(t *testing.T) {
	voters, who := selfVotes(map[accountID]uint64{account(1): 7, account(2): 7, account(3): 7})
	got := solver.Scores(solver.Input{
		Rules: solver.Rules{Credit: 1, Stake: 1, StakeScale: 100}, Candidates: who, Voters: voters,
		Credit: func(accountID) uint32 { return 3 }, Random: drawn([32]byte{}),
	})
	for i, want := range []byte{3, 2, 1} {
		if got[i].Candidate != account(want) {
			t.Errorf("place %d: %x, want %d", i, got[i].Candidate[:1], want)
		}
	}
}

// model is the election once more, on big numbers and maps.
func model(in solver.Input) []solver.Score {
	backing := map[accountID]*big.Int{}
	for _, c := range in.Candidates {
		backing[c] = new(big.Int)
	}
	for _, v := range in.Voters {
		seen := map[accountID]bool{}
		for _, target := range v.Targets {
			if b := backing[target]; b != nil && !seen[target] {
				part := new(big.Int).SetUint64(v.Votes)
				b.Add(b, part.Quo(part, big.NewInt(int64(len(v.Targets)))))
			}
			seen[target] = true
		}
	}
	var kept []accountID
	most := in.Rules.Least.Big()
	for c, b := range backing {
		if b.Cmp(in.Rules.Least.Big()) >= 0 {
			kept = append(kept, c)
			if b.Cmp(most) > 0 {
				most = b
			}
		}
	}
	sort.Slice(kept, func(i, j int) bool { return string(kept[i][:]) < string(kept[j][:]) })
	var list []solver.Score
	for i, c := range kept {
		seed := in.Random(i)
		chance := new(big.Int).SetBytes([]byte{seed[3], seed[2], seed[1], seed[0]})
		chance.Mod(chance, big.NewInt(1000))
		stake := big.NewInt(65535)
		if most.Sign() > 0 {
			stake.Mul(stake, backing[c]).Quo(stake, most)
		}
		stake.Mul(stake, big.NewInt(int64(in.Rules.StakeScale))).Quo(stake, big.NewInt(65535))
		credit := int64(in.Credit(c))
		r := in.Rules
		total := (int64(r.Credit)*credit + int64(r.Stake)*stake.Int64() + int64(r.Chance)*chance.Int64()) / int64(r.Credit+r.Stake+r.Chance)
		b, _ := scale.U128FromBig(backing[c])
		list = append(list, solver.Score{
			Candidate: c, Backing: b, Credit: uint32(credit), Stake: uint32(stake.Int64()),
			Chance: uint32(chance.Int64()), Total: uint32(total),
		})
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Total < list[j].Total })
	slices.Reverse(list)
	return list
}

func TestScoresFollowModel(t *testing.T) {
	votes := rapid.OneOf(rapid.Uint64Range(0, 20), rapid.Uint64())
	rapid.Check(t, func(t *rapid.T) {
		in := solver.Input{Rules: solver.Rules{
			Credit: rapid.Uint32Range(1, 9).Draw(t, "credit weight"), Stake: rapid.Uint32Range(0, 9).Draw(t, "stake weight"),
			Chance: rapid.Uint32Range(0, 9).Draw(t, "chance weight"), StakeScale: rapid.SampledFrom([]uint32{0, 100, 1000}).Draw(t, "scale"),
			Least: u(rapid.Uint64Range(0, 9).Draw(t, "least")),
		}}
		n := byte(rapid.IntRange(0, 8).Draw(t, "candidates"))
		for i := range n {
			in.Candidates = append(in.Candidates, account(n-i))
		}
		for i := range rapid.IntRange(0, 12).Draw(t, "voters") {
			v := solver.Voter{Who: account(byte(100 + i)), Votes: votes.Draw(t, "votes")}
			for _, target := range rapid.SliceOfN(rapid.ByteRange(0, 10), 0, 6).Draw(t, "targets") {
				v.Targets = append(v.Targets, account(target))
			}
			in.Voters = append(in.Voters, v)
		}
		credits := map[accountID]uint32{}
		for _, c := range in.Candidates {
			credits[c] = rapid.Uint32Range(0, 3).Draw(t, "credit") * 500
		}
		in.Credit = func(a accountID) uint32 { return credits[a] }
		in.Random = drawn([32]byte{rapid.Byte().Draw(t, "seed")})
		got, want := solver.Scores(in), model(in)
		if len(got)+len(want) > 0 && !slices.Equal(got, want) {
			t.Fatalf("\n%+v, want\n%+v", got, want)
		}
		checkSupports(t, in, got)
	})
}

// checkSupports: no vote is lost or counted twice, and a voter's winners get
// equal parts.
func checkSupports(t *rapid.T, in solver.Input, scores []solver.Score) {
	var winners []accountID
	for _, s := range scores[:len(scores)/2] {
		winners = append(winners, s.Candidate)
	}
	given := map[accountID][]uint64{}
	supports := solver.Supports(winners, in.Voters)
	for i, s := range supports {
		if i > 0 && bytes.Compare(supports[i-1].Winner[:], s.Winner[:]) >= 0 {
			t.Fatal("the winners are not in the order of their accounts")
		}
		total := scale.U128{}
		for _, b := range s.Backers {
			total = total.SaturatingAdd(u(b.Votes))
			given[b.Who] = append(given[b.Who], b.Votes)
		}
		if total != s.Total {
			t.Fatalf("%v votes, the backers have %v", s.Total, total)
		}
	}
	for _, v := range in.Voters {
		won := map[accountID]bool{}
		for _, target := range v.Targets {
			if slices.Contains(winners, target) {
				won[target] = true
			}
		}
		sum, n := uint64(0), uint64(len(won))
		for _, x := range given[v.Who] {
			sum += x
			if x != v.Votes/n && x != v.Votes/n+1 {
				t.Fatalf("%d of %d votes go to one of %d", x, v.Votes, n)
			}
		}
		if n > 0 && sum != v.Votes {
			t.Fatalf("%d of %d votes are given", sum, v.Votes)
		}
	}
}
