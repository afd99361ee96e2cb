package chaos

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// seven are the nodes of a world whose seats are four of them: the first now, of
// whom one leaves, and the fifth with the next session.
func seven() *World {
	w := &World{manifest: Manifest{Nodes: 7, Seats: 4}, net: &Network{}, rng: rand.New(rand.NewPCG(1, 2))}
	for i := range w.manifest.Nodes {
		w.net.Nodes = append(w.net.Nodes, &Node{Index: i})
	}
	w.seated, w.soon = w.net.Nodes[:4], w.net.Nodes[:5]
	return w
}

// More than two thirds of the seats decide, however many nodes a group has.
func TestQuorumCountsSeats(t *testing.T) {
	w := seven()
	for _, c := range []struct {
		group []int
		want  bool
	}{
		{[]int{0, 1, 2, 3}, true},
		{[]int{0, 1, 2}, true},
		{[]int{0, 1, 4, 5, 6}, false},
		{[]int{3, 4, 5, 6}, false},
		{[]int{1, 2, 3, 6}, true},
		{nil, false},
	} {
		var group []*Node
		for _, i := range c.group {
			group = append(group, w.net.Nodes[i])
		}
		if got := quorum(w.seated, group); got != c.want {
			t.Errorf("quorum of nodes %v: %v, want %v", c.group, got, c.want)
		}
	}
}

// Nodes that are chosen to be spared leave a quorum in this session and the next;
// the sides of a partition have as many seats as is asked for.
func TestChoiceKnowsSeats(t *testing.T) {
	w := seven()
	without, with := 0, 0
	for range 200 {
		picked := w.chooseSpare(w.net.Nodes, 3)
		if lost := seatsIn(w.soon, picked); lost > 1 || len(picked) != 3 {
			t.Fatalf("%d nodes with %d seats of now or soon were chosen", len(picked), lost)
		}
		with += seatsIn(w.seated, picked)
		side := w.side(2)
		if seats := seatsIn(w.seated, side); seats != 2 {
			t.Fatalf("a side has %d seats, want 2", seats)
		}
		without += len(side) - 2
		if rest := w.except(side); len(rest)+len(side) != 7 || slices.ContainsFunc(rest, func(n *Node) bool { return slices.Contains(side, n) }) {
			t.Fatalf("sides of %d and %d nodes", len(side), len(rest))
		}
	}
	if with == 0 || without == 0 {
		t.Errorf("%d nodes with a seat were chosen, %d without one on a side: some of each are", with, without)
	}
}
