package consensus

import (
	"testing"
	"time"
)

// A node whose clock is slow does not vote for what it takes for the future,
// and follows all the same when the others decide it.
func TestSlowClock(t *testing.T) {
	d := newDriver(t, newNetwork(t, 4, 0))
	d.block(0)
	d.time = time.Now().Add(time.Hour)
	txs := d.propose(1)
	for i := range d.apps {
		if d.accepts(i, 1, txs) {
			t.Errorf("validator %d votes for a block of the next hour", i)
		}
	}
	if b := d.decide(1, txs); b.Number != 2 {
		t.Errorf("decided block %d", b.Number)
	}
	d.time = time.Now().Add(maxAhead / 2)
	d.block(2)
}

func TestAhead(t *testing.T) {
	now := time.Now()
	for by, tooMuch := range map[time.Duration]bool{
		-time.Hour: false, 0: false, maxAhead: false, maxAhead + 1: true, time.Hour: true,
	} {
		if _, got := ahead(now.Add(by), now); got != tooMuch {
			t.Errorf("%v ahead: too much is %v", by, got)
		}
	}
}
