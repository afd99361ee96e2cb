package chaos

import (
	"context"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/pallets/r2s"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/sdk"
)

// sessionsPerEra is that of development chains.
const sessionsPerEra = 6

// rotated tells how the seats have moved. It fails if they have not, and if an
// era was prolonged because an election had failed.
func rotated(w *World) error {
	return w.ask(func(ctx context.Context, c *sdk.Client) error {
		sets := make(map[string]bool)
		moves, before, eras, fewest := 0, "", uint32(0), len(w.net.Nodes)
		for height := uint32(1); height <= w.chain.Top(); height += w.manifest.Epoch {
			at, err := c.AtHeight(ctx, height)
			if err != nil {
				return err
			}
			era, err := sdk.Get(ctx, at, staking.ActiveEra)
			if err != nil {
				return err
			}
			if want := (height - 1) / (sessionsPerEra * w.manifest.Epoch); era.Index != want {
				return fmt.Errorf("block %d is of era %d, not %d: an election has failed", height, era.Index, want)
			}
			validators, err := sdk.Get(ctx, at, session.Validators)
			if err != nil {
				return err
			}
			nodes, err := w.net.of(validators)
			if err != nil {
				return err
			}
			election, err := sdk.Get(ctx, at, r2s.LastElection)
			if err != nil {
				return err
			}
			if election.Session > 0 {
				fewest = min(fewest, len(election.Scores))
			}
			set := names(nodes)
			if before != "" && set != before {
				moves++
			}
			sets[set], before, eras = true, set, era.Index+1
		}
		w.story("seats of %d nodes: %d eras, %d different sets of validators, which changed %d times; at least %d candidates were alive at an election",
			len(w.net.Nodes), eras, len(sets), moves, fewest)
		if moves == 0 {
			return errors.New("no seat has moved: run the soak for two eras at least")
		}
		return nil
	})
}
