package consensus

import (
	"testing"
	"time"
)

// A new node in a network that has thrown its first blocks away tells so, instead
// of seeming to be in step at block 0.
func TestPrunedNetwork(t *testing.T) {
	nw := newNetwork(t, 1, 0)
	cfg := nw.config(t, t.TempDir(), 0)
	cfg.RetainBlocks = 5
	cfg.P2P.Listen = freePort(t)
	a := start(t, cfg)
	waitFor(t, a, 20)
	if s := a.Sync(); s.Oldest != 0 {
		t.Errorf("the only validator lacks blocks: %+v", s)
	}
	cfg = nw.config(t, t.TempDir(), -1)
	cfg.P2P.Peers = a.Addresses()
	b := start(t, cfg)
	ctx := testContext(t)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for b.Sync().Oldest == 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the node does not know that it lacks blocks: %+v", b.Sync())
		}
	}
	// Those before block 14 went with block 19 at the latest; more may go meanwhile.
	if s := b.Sync(); s.Current != 0 || s.Oldest < 14 {
		t.Errorf("%+v", s)
	}
}
