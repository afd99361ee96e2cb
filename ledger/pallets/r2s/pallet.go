// Package r2s rotates validators by R²S: of the candidates whose nodes are known
// to run, those with the highest score of credit, stake and chance serve in the
// next era (spec/consensus.md §5, §9.5). The reference chain has the score but
// lets anybody submit another result, and asks nobody whether the node runs; this
// pallet is ours.
//
// A validator that is silent counts against the two thirds that decide blocks. A
// candidate is therefore electable only as long as it is alive: it voted for a
// block, or proved with its session keys that it could, in one of the last
// LifeWindow sessions.
//
// It also keeps who decided which blocks, by the keys that evidence of
// misbehaviour names, and whose votes do not count any more.
package r2s

import (
	"encoding/json"
	"errors"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "R2S"
	index = 114
)

// Storage.
var (
	// LastSeen is the last session in which a validator or candidate voted or
	// proved its life, with the keys that it has registered now.
	LastSeen = runtime.NewOptionalMap[substrate.AccountID, uint32](name, "LastSeen", runtime.Twox64Concat)

	// VotesCountFrom is the first session in which a validator votes with the keys
	// that it has registered last; votes before say nothing about these.
	VotesCountFrom = runtime.NewOptionalMap[substrate.AccountID, uint32](name, "VotesCountFrom", runtime.Twox64Concat)

	// LastElection is how the last election came out, for those who want to know
	// why they did or did not win.
	LastElection = runtime.NewOptionalValue[Election](name, "LastElection")
)

// Constants. A chain's specification sets them.
var (
	// LifeWindow is how many sessions before an election a sign of life may be old.
	LifeWindow = runtime.NewConstant[uint32](name, "LifeWindow", 2)

	// CreditWeight, StakeWeight and ChanceWeight weigh the parts of a score.
	CreditWeight = runtime.NewConstant[uint32](name, "CreditWeight", 5)
	StakeWeight  = runtime.NewConstant[uint32](name, "StakeWeight", 3)
	ChanceWeight = runtime.NewConstant[uint32](name, "ChanceWeight", 2)

	// StakeScale is the stake part of the candidate with the highest backing. 1000
	// makes the weights mean what the documentation of the network says; the
	// reference runs 100, with which stake hardly counts.
	StakeScale = runtime.NewConstant[uint32](name, "StakeScale", 1000)

	// LeastBacking is the least that must stand behind a candidate, in planck.
	LeastBacking = runtime.NewConstant(name, "LeastBacking", types.Tokens(3_000_000))

	// EpochRandomness draws chances from the randomness that all blocks of the last
	// epoch made; false draws them from the parent block's alone, as the reference.
	EpochRandomness = runtime.NewConstant(name, "EpochRandomness", true)
)

// Pallet is the declaration page of R2S: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		KeySets, KeySetStarts, Exclusions, LastSeen, VotesCountFrom, LastElection,
	},
	Calls: runtime.Calls("pallet_r2s::pallet::Call",
		runtime.NewCall[ProveLife](0, "prove_life", runtime.Work(20, 1).Operational().Free()),
	),
	Events: runtime.Events("pallet_r2s::pallet::Event",
		runtime.Event[LifeProvedEvent](0, "LifeProved"),
	),
	Constants: []runtime.ConstantItem{
		LifeWindow, CreditWeight, StakeWeight, ChanceWeight, StakeScale, LeastBacking, EpochRandomness,
	},
	OnInitialize: onInitialize,
	Unsigned:     rules{},
	Genesis:      genesis,
}

// maxWeight bounds weights and scale, so that a score fits into its type.
const maxWeight = 1_000_000

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	credit, stake, chance := CreditWeight.Get(ctx), StakeWeight.Get(ctx), ChanceWeight.Get(ctx)
	switch {
	case max(credit, stake, chance, StakeScale.Get(ctx)) > maxWeight:
		return errors.New("a weight or StakeScale above 1,000,000")
	case credit+stake+chance == 0:
		return errors.New("the weights are all zero: nothing tells candidates apart")
	case LifeWindow.Get(ctx) == 0:
		return errors.New("LifeWindow is zero: nobody could be elected")
	}
	var none struct{}
	return types.DecodeGenesis(raw, &none)
}
