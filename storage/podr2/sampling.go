package podr2

import "math"

// Detection returns the probability that a challenge of the given number of samples hits at least one of the lost
// blocks of a miner that keeps total blocks: 1 - C(total-lost, samples)/C(total, samples), exactly as Draw samples.
// It is a planning aid in floating point; nothing on the ledger depends on it. Arguments beyond their range are
// clamped.
func Detection(total, lost uint64, samples uint32) float64 {
	lost = min(lost, total)
	if lost == 0 || samples == 0 {
		return 0
	}
	if uint64(samples) > total-lost {
		return 1
	}
	var logMissed float64
	for i := range uint64(samples) {
		logMissed += math.Log1p(-float64(lost) / float64(total-i))
	}
	return -math.Expm1(logMissed)
}

// SamplesFor returns how many samples detect the loss of the given share of a large number of blocks with the given
// probability: ⌈ln(1-probability)/ln(1-loss)⌉, at most MaxSamples. Both arguments are between 0 and 1; at their bounds
// the answer is 1 or MaxSamples.
func SamplesFor(loss, probability float64) uint32 {
	n := math.Ceil(math.Log1p(-probability) / math.Log1p(-loss))
	switch {
	case !(n > 1): // also NaN
		return 1
	case n > MaxSamples:
		return MaxSamples
	}
	return uint32(n)
}
