package r2s

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Election is the outcome of an election.
type Election struct {
	// Session is the first one in which the winners serve.
	Session uint32 `type:"SessionIndex"`
	// Seats is how many winners were wanted.
	Seats uint32 `type:"u32"`
	// Silent are the candidates that showed no life.
	Silent scale.BoundedVec[substrate.AccountID, ScoreBound] `type:"BoundedVec<T::AccountId, MaxScores>"`
	// Scores are the candidates with enough backing, the best first.
	Scores scale.BoundedVec[CandidateScore, ScoreBound] `type:"BoundedVec<CandidateScore<T>, MaxScores>"`
}

// CandidateScore is how a candidate stood in an election.
type CandidateScore struct {
	Candidate substrate.AccountID `type:"T::AccountId"`
	Backing   types.Balance       `type:"BalanceOf<T>"` // planck
	Credit    uint32              `type:"u32"`          // 0 to 1000
	Stake     uint32              `type:"u32"`          // 0 to StakeScale
	Chance    uint32              `type:"u32"`          // 0 to 999
	Total     uint32              `type:"u32"`
	Elected   bool                `type:"bool"`
}

// LifeProvedEvent reports that a candidate's node holds its session keys and
// runs.
type LifeProvedEvent struct {
	Stash   substrate.AccountID `type:"T::AccountId"`
	Session uint32              `type:"SessionIndex"`
}

// ScoreBound bounds what is stored about an election; the election itself counts
// all.
type ScoreBound struct{}

func (ScoreBound) Max() int { return 1000 }

func typeInfo(name string) scale.TypeInfo { return scale.TypeInfo{Path: "pallet_r2s::" + name} }

func (Election) ScaleType() scale.TypeInfo       { return typeInfo("Election") }
func (CandidateScore) ScaleType() scale.TypeInfo { return typeInfo("CandidateScore") }
