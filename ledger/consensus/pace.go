package consensus

import "time"

// pace spaces blocks evenly. CometBFT waits a fixed time after each block and
// adds whatever the next one takes; pace shortens the wait by that, so that the
// average interval is the chain's block time.
//
// Each decision has a target, one interval after the one before. The wait is
// what is left until the next target, less the time from the start of a height
// to its decision, as measured lately. A node that falls behind by more than an
// interval does not catch up by rushing: it starts a new rhythm.
type pace struct {
	interval time.Duration
	target   time.Time     // when the newest block should have been decided
	at       time.Time     // when it was
	start    time.Time     // when its height began; zero if unknown
	latency  time.Duration // smoothed time from start to decision
}

// maxLatency is how many intervals a decision may take before it counts as an
// interruption, which says nothing about the next one.
const maxLatency = 4

func newPace(interval time.Duration) *pace { return &pace{interval: interval} }

// decided notes that a block was decided.
func (p *pace) decided(now time.Time) {
	if took := now.Sub(p.start); took > 0 && took < maxLatency*p.interval {
		p.latency += (min(took, p.interval) - p.latency) / 4
	}
	p.at = now
	p.target = p.target.Add(p.interval)
	if d := now.Sub(p.target); d > p.interval || d < -p.interval {
		p.target = now
	}
}

// delay is how long to wait from the last decision to the start of the next
// height; false before the first decision.
func (p *pace) delay(now time.Time) (time.Duration, bool) {
	if p.at.IsZero() {
		return 0, false
	}
	wait := p.target.Add(p.interval - p.latency).Sub(p.at)
	wait = min(max(wait, p.interval/20), p.interval)
	p.start = p.at.Add(wait)
	if now.After(p.start) {
		p.start = now
	}
	return wait, true
}
