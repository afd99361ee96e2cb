package consensus

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// All validators stop after they have voted on a block and before it is decided,
// and start again. None of them may vote anew: they need what they have written
// down of the votes, or the chain halts for good.
func TestAllValidatorsStartAgainInTheMiddleOfABlock(t *testing.T) {
	nw := newNetwork(t, 2, 1)
	var configs []Config
	for i := range 2 {
		cfg := nw.config(t, t.TempDir(), i)
		cfg.P2P.Listen = freePort(t)
		configs = append(configs, cfg)
	}
	for range 5 {
		var nodes []*Node
		for i := range configs {
			if i > 0 {
				configs[i].P2P.Peers = nodes[0].Addresses()
			}
			nodes = append(nodes, start(t, configs[i]))
		}
		best := nodes[0].Chain().Best().Number
		waitFor(t, nodes[0], best+2)
		for ctx := testContext(t); ctx.Err() == nil && !undecided(nodes); {
			time.Sleep(100 * time.Microsecond)
		}
		for _, n := range nodes {
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
			// In one process a stopped node's last attempt to reach its peer may
			// succeed and stay. Under another name nobody takes it for the new one.
			if err := os.Remove(filepath.Join(cometHome(n.cfg.Home), "config", "node_key.json")); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// undecided says that every node has voted on a block that none has.
func undecided(nodes []*Node) bool {
	for _, voter := range nodes {
		for _, n := range nodes {
			if voter.Duty().Height <= n.Chain().Best().Number {
				return false
			}
		}
	}
	return true
}
