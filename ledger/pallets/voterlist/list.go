package voterlist

import (
	"math"
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// bagOf is the upper end of the bag that a score belongs to: the lowest threshold
// that is not below it.
func bagOf(ctx *runtime.Context, score uint64) uint64 {
	list := BagThresholds.Get(ctx)
	if i, _ := slices.BinarySearch(list, score); i < len(list) {
		return list[i]
	}
	return math.MaxUint64
}

// place writes a voter's score and moves it to the end of the bag that the score
// belongs to, unless it is in that bag.
func place(ctx *runtime.Context, who accountID, score uint64) error {
	n, ok := ListNodes.Get(ctx, who)
	if !ok {
		return ErrNodeNotFound
	}
	n.Score = score
	if from, to := n.BagUpper, bagOf(ctx, score); from != to {
		unlink(ctx, n)
		appendTo(ctx, to, n)
		ctx.Emit(RebaggedEvent{Who: who, From: from, To: to})
	} else {
		ListNodes.Put(ctx, who, n)
	}
	ctx.Emit(ScoreUpdatedEvent{Who: who, NewScore: score})
	return nil
}

// appendTo stores a node as the last one of a bag.
func appendTo(ctx *runtime.Context, upper uint64, n Node) {
	bag, _ := ListBags.Get(ctx, upper)
	n.BagUpper, n.Prev, n.Next = upper, bag.Tail, scale.None[accountID]()
	if tail, ok := bag.Tail.Get(); ok {
		link(ctx, tail, func(last *Node) { last.Next = scale.Some(n.ID) })
	} else {
		bag.Head = scale.Some(n.ID)
	}
	bag.Tail = scale.Some(n.ID)
	ListBags.Put(ctx, upper, bag)
	ListNodes.Put(ctx, n.ID, n)
}

// insertBefore stores a node in front of another one of its bag.
func insertBefore(ctx *runtime.Context, at, n Node) {
	n.BagUpper, n.Prev, n.Next = at.BagUpper, at.Prev, scale.Some(at.ID)
	if before, ok := at.Prev.Get(); ok {
		link(ctx, before, func(b *Node) { b.Next = scale.Some(n.ID) })
	} else {
		bag, _ := ListBags.Get(ctx, at.BagUpper)
		bag.Head = scale.Some(n.ID)
		ListBags.Put(ctx, at.BagUpper, bag)
	}
	at.Prev = scale.Some(n.ID)
	ListNodes.Put(ctx, at.ID, at)
	ListNodes.Put(ctx, n.ID, n)
}

// unlink takes a node out of its bag; its own record stays.
func unlink(ctx *runtime.Context, n Node) {
	bag, _ := ListBags.Get(ctx, n.BagUpper)
	if before, ok := n.Prev.Get(); ok {
		link(ctx, before, func(b *Node) { b.Next = n.Next })
	} else {
		bag.Head = n.Next
	}
	if after, ok := n.Next.Get(); ok {
		link(ctx, after, func(a *Node) { a.Prev = n.Prev })
	} else {
		bag.Tail = n.Prev
	}
	if bag.Head.IsNone() {
		ListBags.Delete(ctx, n.BagUpper)
		return
	}
	ListBags.Put(ctx, n.BagUpper, bag)
}

func link(ctx *runtime.Context, who accountID, change func(*Node)) {
	n, ok := ListNodes.Get(ctx, who)
	if !ok {
		return // only this package writes the list, and it removes no neighbour
	}
	change(&n)
	ListNodes.Put(ctx, who, n)
}
