package consensus

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/babe"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// startAll runs all validators of a network, connected over the loopback
// interface.
func (nw *network) startAll(t testing.TB) []*Node {
	t.Helper()
	var configs []Config
	for i := range nw.validators {
		cfg := nw.config(t, t.TempDir(), i)
		cfg.P2P.Listen = freePort(t)
		configs = append(configs, cfg)
	}
	for i := range configs {
		configs[i].P2P.Peers = peersOf(t, configs, i)
	}
	var nodes []*Node
	for _, cfg := range configs {
		nodes = append(nodes, start(t, cfg))
	}
	return nodes
}

// peersOf lists the addresses of all nodes but node i.
func peersOf(t testing.TB, configs []Config, i int) []string {
	t.Helper()
	var peers []string
	for j, cfg := range configs {
		if j == i {
			continue
		}
		id, err := NodeID(cfg.Home)
		if err != nil {
			t.Fatal(err)
		}
		peers = append(peers, id+"@"+cfg.P2P.Listen)
	}
	return peers
}

// Four validators decide blocks, a transfer given to one of them is included,
// and a node that comes later and follows the chain has the same blocks.
func TestFourValidators(t *testing.T) {
	if testing.Short() {
		t.Skip("runs five nodes")
	}
	nw := newNetwork(t, 4, 2)
	nodes := nw.startAll(t)
	bob := substrate.AccountID(nw.users[1].AccountID())
	before := free(t, nodes[0], bob)
	for i, n := range nodes {
		// Each node gets one of Alice's transfers: only gossip puts them in order.
		if !n.Pool().Offer(nw.transfer(t, n, nw.users[0], uint32(i), bob)) {
			t.Fatal("offer refused")
		}
	}
	const height = testEpoch*2 + 3
	last := waitFor(t, nodes[0], height)
	follower := nw.config(t, t.TempDir(), -1)
	follower.P2P.Peers = nodes[0].Addresses()
	nodes = append(nodes, start(t, follower))
	for i, n := range nodes {
		if b := waitFor(t, n, height); b.Hash != last.Hash {
			t.Errorf("node %d has block %x at %d, node 0 has %x", i, b.Hash, height, last.Hash)
		}
	}
	waitForBalance(t, nodes, bob, before)
	checkRandomness(t, nodes[4], height)
	if s := nodes[4].Sync(); s.Peers == 0 || s.Highest < height {
		t.Errorf("sync state %+v", s)
	}
}

// waitForBalance waits until four units have arrived everywhere.
func waitForBalance(t *testing.T, nodes []*Node, who substrate.AccountID, before scale.U128) {
	t.Helper()
	want := before.SaturatingAdd(unit.SaturatingMul(scale.U128From64(4)))
	for i, n := range nodes {
		feed := n.Chain().Subscribe()
		for free(t, n, who) != want {
			if _, err := feed.Next(testContext(t)); err != nil {
				t.Fatalf("node %d: balance %v, want %v: %v", i, free(t, n, who), want, err)
			}
		}
	}
}

// checkRandomness looks for a random value in every block after the first, no
// two alike.
func checkRandomness(t *testing.T, n *Node, height uint32) {
	t.Helper()
	seen := map[[32]byte]bool{}
	for number := uint32(1); number <= height; number++ {
		hash, err := n.Chain().HashAt(number)
		if err != nil {
			t.Fatal(err)
		}
		view, err := n.Chain().View(hash)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := view.Get(babe.AuthorVRFRandomness.Key())
		view.Close()
		if err != nil {
			t.Fatal(err)
		}
		v, err := babe.AuthorVRFRandomness.DecodeValue(raw)
		if err != nil {
			t.Fatal(err)
		}
		r, ok := v.Get()
		if ok != (number > 1) {
			t.Errorf("block %d has randomness: %v", number, ok)
		}
		if ok && seen[r] {
			t.Errorf("block %d repeats randomness", number)
		}
		seen[r] = true
	}
}
