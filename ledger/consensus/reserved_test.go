package consensus

import (
	"errors"
	"slices"
	"testing"
)

// A node that knows no peer is told of one, follows it, and is no longer tied
// to it when told so.
func TestReservedPeer(t *testing.T) {
	nw := newNetwork(t, 1, 0)
	cfg := nw.config(t, t.TempDir(), 0)
	cfg.P2P.Listen = freePort(t)
	source := start(t, cfg)
	other := start(t, nw.config(t, t.TempDir(), -1))
	for _, bad := range []string{"", "nobody", "00@127.0.0.1:1", other.ID() + "@127.0.0.1:1"} {
		if err := other.Reserve(bad); !errors.Is(err, ErrPeerAddress) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, address := range source.Addresses() {
		for range 2 {
			if err := other.Reserve(address); err != nil {
				t.Fatal(err)
			}
		}
	}
	waitFor(t, other, 2)
	if got := other.Reserved(); !slices.Equal(got, []string{source.ID()}) {
		t.Errorf("reserved: %v", got)
	}
	other.Unreserve(source.ID())
	if got := other.Reserved(); len(got) != 0 {
		t.Errorf("reserved after all: %v", got)
	}
}

// Every slot of the rest of an epoch is the turn of exactly one validator,
// whichever node is asked when.
func TestTurns(t *testing.T) {
	const validators, epoch = 3, 300
	nw := newNetwork(t, validators, 0).with(t, map[string]int{"Babe.EpochDuration": epoch})
	nodes := nw.startAll(t)
	waitFor(t, nodes[0], 3)
	owner := make(map[uint64][32]byte)
	for _, n := range nodes {
		turns, err := n.Turns()
		if err != nil || len(turns) == 0 {
			t.Fatalf("%d turns, %v", len(turns), err)
		}
		for _, turn := range turns {
			if _, taken := owner[turn.Slot]; taken {
				t.Fatalf("slot %d is the turn of two", turn.Slot)
			}
			owner[turn.Slot] = turn.Babe
		}
	}
	start0 := uint64(genesisTime.UnixMilli() / 6000) // slot of block 1
	counts := make(map[[32]byte]int)
	for slot := start0 + uint64(nodes[0].Chain().Best().Number) + 1; slot < start0+epoch; slot++ {
		who, ok := owner[slot]
		if !ok {
			t.Fatalf("slot %d of %d is nobody's turn", slot-start0, epoch)
		}
		counts[who]++
	}
	if len(counts) != validators || len(owner) > epoch {
		t.Errorf("turns %v, %d in all", counts, len(owner))
	}
	idle := start(t, nw.config(t, t.TempDir(), -1))
	if turns, err := idle.Turns(); err != nil || len(turns) != 0 {
		t.Errorf("a node without keys: %v %v", turns, err)
	}
}
