package consensus

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A peer's end is held back while blocks are fetched, until the next block or
// until none has come for a while.
func TestRemovalsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var syncing atomic.Bool
		var done atomic.Int32
		r := &removals{syncing: syncing.Load, idle: 2 * time.Second}
		want := func(n int32, when string) {
			t.Helper()
			if synctest.Wait(); done.Load() != n {
				t.Errorf("%s: %d done, want %d", when, done.Load(), n)
			}
		}
		remove := func() { done.Add(1) }
		r.add(remove)
		want(1, "outside of syncing")
		syncing.Store(true)
		r.add(remove)
		r.add(remove)
		want(1, "while syncing")
		r.flush()
		want(3, "after the block")
		r.flush()
		r.add(remove)
		time.Sleep(time.Second)
		want(3, "a moment later")
		time.Sleep(2 * time.Second)
		want(4, "after a while without blocks")
	})
}
