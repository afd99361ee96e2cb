package consensus

import (
	"math"
	"time"
)

// maxAhead is how far a proposal's time may be ahead of this node's clock for
// the node to vote for it.
const maxAhead = time.Minute

// noTolerance keeps CometBFT v0.40.0 from comparing blocks with the clock by
// itself. It does so not only before it votes for a block, but again when two
// thirds have decided it, and ends the consensus loop: one machine whose clock
// is a minute slow would lose its node, and could not start it again. Voting is
// the place to object, which ProcessProposal does; what others decided counts.
const noTolerance = time.Duration(math.MaxInt64)

// ahead is how far a time is ahead of the clock, if that is too much.
func ahead(t, now time.Time) (by time.Duration, tooMuch bool) {
	by = t.Round(0).Sub(now)
	return by, by > maxAhead
}
