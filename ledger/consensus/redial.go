package consensus

import (
	"context"
	"log/slog"
	"time"

	"github.com/cometbft/cometbft/p2p"
)

// recallEvery is how often the node tries to reach a peer that its owner named
// and that it is not connected with. CometBFT v0.40.0 alone tries every five to
// eight seconds, and after two minutes at intervals that grow to hours: a
// network that was cut in two would wait that long to become one again.
const recallEvery = time.Second

// redial keeps trying to reach the peers of the configuration until ctx ends.
// The switch has one attempt per peer under way at most; one that is under way
// when ctx ends, ends by the switch's own timeouts.
func redial(ctx context.Context, sw *p2p.Switch, peers []string, log *slog.Logger) {
	addresses, errs := p2p.NewNetAddressStrings(peers)
	for _, err := range errs {
		// A host name that cannot be resolved now: the switch tells of it, and
		// leaves it out, too.
		log.Warn("peer left out", "err", err)
	}
	for _, a := range addresses {
		go func() {
			ticker := time.NewTicker(recallEvery)
			defer ticker.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-ticker.C:
				}
				if !sw.IsRunning() || sw.IsDialingOrExistingAddress(a) {
					continue
				}
				if err := sw.DialPeerWithAddress(a); err != nil {
					log.Debug("peer not reached", "peer", a, "err", err)
				}
			}
		}()
	}
}
