package consensus

import (
	"math/rand/v2"
	"testing"
	"time"
)

// simulate runs blocks that take some time to decide and to commit and returns
// when each was decided.
func simulate(p *pace, now time.Time, blocks int, decide, commit func() time.Duration) []time.Time {
	var out []time.Time
	for range blocks {
		now = now.Add(decide())
		at := now
		p.decided(at)
		out = append(out, at)
		now = now.Add(commit())
		wait, _ := p.delay(now)
		if start := at.Add(wait); start.After(now) { // CometBFT counts from the decision
			now = start
		}
	}
	return out
}

func fixed(d time.Duration) func() time.Duration { return func() time.Duration { return d } }

func TestPaceHoldsTheAverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	jitter := func() time.Duration {
		return 20*time.Millisecond + time.Duration(rng.Int64N(int64(120*time.Millisecond)))
	}
	p := newPace(time.Second)
	times := simulate(p, time.Unix(1000, 0), 300, jitter, jitter)
	average := times[299].Sub(times[99]) / 200
	if d := average - time.Second; d > 5*time.Millisecond || d < -5*time.Millisecond {
		t.Errorf("a block every %v, want 1s", average)
	}
}

// After an interruption blocks do not come faster than the chain's interval
// allows.
func TestPaceDoesNotRush(t *testing.T) {
	p := newPace(time.Second)
	simulate(p, time.Unix(1000, 0), 20, fixed(50*time.Millisecond), fixed(10*time.Millisecond))
	times := simulate(p, time.Unix(5000, 0), 20, fixed(50*time.Millisecond), fixed(10*time.Millisecond))
	for i := 1; i < len(times); i++ {
		if d := times[i].Sub(times[i-1]); d < 900*time.Millisecond || d > 1100*time.Millisecond {
			t.Errorf("block %d after %v", i, d)
		}
	}
}

// When a block takes longer than the interval the next one starts soon.
func TestPaceUnderLoad(t *testing.T) {
	p := newPace(time.Second)
	times := simulate(p, time.Unix(1000, 0), 20, fixed(1500*time.Millisecond), fixed(300*time.Millisecond))
	for i := 5; i < len(times); i++ {
		if d := times[i].Sub(times[i-1]); d > 1900*time.Millisecond {
			t.Errorf("block %d after %v, of which 1.8s are work", i, d)
		}
	}
}

func TestPaceWaitsForADecision(t *testing.T) {
	if d, ok := newPace(time.Second).delay(time.Unix(1000, 0)); ok {
		t.Errorf("delay %v before the first block", d)
	}
}
