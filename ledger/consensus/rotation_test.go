package consensus

import (
	"testing"

	"github.com/gocess/gocess/ledger/runtime"
)

// rotating lets a fixed plan say who decides a block.
type rotating struct {
	Frame
	nw *network
}

// planned lists the validators that decide a block.
func planned(block uint32) []int {
	switch {
	case block < 6:
		return []int{0, 1, 2, 3}
	case block < 10:
		return []int{0, 1, 2}
	case block < 14:
		return []int{3, 1, 2}
	}
	return []int{3}
}

// Authorities implements Pallets.
func (r rotating) Authorities(ctx *runtime.Context) []Authority {
	var out []Authority
	for _, i := range planned(ctx.BlockNumber() + 2) {
		v := r.nw.validators[i]
		out = append(out, Authority{
			Index: uint32(i), Account: v.stash.AccountID(),
			Grandpa: [32]byte(v.grandpa.Public()), Babe: [32]byte(v.babe.Public()),
		})
	}
	return out
}

// The validator set follows the plan: who is not in it proposes nothing, who
// joins does, and the chain goes on.
func TestRotation(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four nodes")
	}
	nw := newNetwork(t, 4, 0)
	nw.pallets = rotating{nw: nw}
	nodes := nw.startAll(t)
	const last = 18
	waitFor(t, nodes[0], last)
	joined := false
	for number := uint32(1); number <= last; number++ {
		b, err := nodes[0].Chain().Block(number)
		if err != nil {
			t.Fatal(err)
		}
		author := int(b.Header.Digest.Logs[0].Data[1])
		allowed := false
		for _, i := range planned(number) {
			allowed = allowed || i == author
		}
		if !allowed {
			t.Errorf("block %d is by validator %d, which is not in %v", number, author, planned(number))
		}
		joined = joined || number >= 10 && author == 3
	}
	if !joined {
		t.Error("validator 3 came back and proposed nothing")
	}
	for i, n := range nodes {
		if err := n.Err(); err != nil {
			t.Errorf("node %d: %v", i, err)
		}
	}
}
