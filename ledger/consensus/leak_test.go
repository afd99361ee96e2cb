package consensus

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

// leakedByComet are goroutines that CometBFT v0.40.0 starts once per node and
// never ends: the cache of its mempool, and the file of its write-ahead log.
var leakedByComet = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/internal/guard.NewWithInterval[...].func2"),
	goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.(*AutoFile).closeFileRoutine"),
	goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.OpenAutoFile.func1"),
}

// Close returns soon and leaves no goroutine of ours behind. CometBFT's need a
// few seconds to notice.
func TestCloseLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for goroutines to end")
	}
	nw := newNetwork(t, 4, 0)
	ignore := append([]goleak.Option{goleak.IgnoreCurrent()}, leakedByComet...)
	nodes := nw.startAll(t)
	waitFor(t, nodes[0], 2)
	for _, n := range nodes {
		start := time.Now()
		if err := n.Close(); err != nil {
			t.Error(err)
		}
		t.Logf("closed in %v", time.Since(start))
	}
	var err error
	for range 30 {
		if err = goleak.Find(ignore...); err == nil {
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
	t.Error(err)
}
