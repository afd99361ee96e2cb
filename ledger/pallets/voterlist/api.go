package voterlist

import (
	"iter"
	"math"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
)

// Scores tells how many votes an account has.
type Scores interface {
	Score(ctx *runtime.Context, who accountID) uint64
}

var scores Scores // set by Wire

// Wire names what this pallet uses of others.
func Wire(s Scores) { scores = s }

// API is what staking does with the list.
type API struct{}

// Contains says whether an account is in the list.
func (API) Contains(ctx *runtime.Context, who accountID) bool { return ListNodes.Contains(ctx, who) }

// Insert adds a voter at the end of its bag. It returns ErrDuplicate if it is
// there.
func (API) Insert(ctx *runtime.Context, who accountID, score uint64) error {
	if ListNodes.Contains(ctx, who) {
		return ErrDuplicate
	}
	appendTo(ctx, bagOf(ctx, score), Node{ID: who, Score: score})
	return nil
}

// Update notes a voter's new score and emits ScoreUpdated, and Rebagged if it
// moved. Nothing happens for who is not in the list, or if the score is as before.
func (API) Update(ctx *runtime.Context, who accountID, score uint64) {
	if n, ok := ListNodes.Get(ctx, who); ok && n.Score != score {
		_ = place(ctx, who, score) // it is in the list
	}
}

// Remove takes a voter out of the list, if it is there.
func (API) Remove(ctx *runtime.Context, who accountID) {
	if n, ok := ListNodes.Get(ctx, who); ok {
		unlink(ctx, n)
		ListNodes.Delete(ctx, who)
	}
}

// All lists the voters from the highest bag to the lowest. The loop body must not
// change the list.
func (API) All(ctx *runtime.Context) iter.Seq[accountID] {
	return func(yield func(accountID) bool) {
		bags := slices.Clone(BagThresholds.Get(ctx))
		if len(bags) == 0 || bags[len(bags)-1] != math.MaxUint64 {
			bags = append(bags, math.MaxUint64)
		}
		for _, upper := range slices.Backward(bags) {
			bag, _ := ListBags.Get(ctx, upper)
			for at := bag.Head; at.IsSome(); {
				n, ok := ListNodes.Get(ctx, at.Or(accountID{}))
				if !ok || !yield(n.ID) {
					return
				}
				at = n.Next
			}
		}
	}
}
