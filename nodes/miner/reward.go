package miner

import (
	"context"
	"fmt"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/sdk"
)

// Earnings are a miner's rewards, in planck.
type Earnings struct {
	Total     types.Balance `json:"total"`     // turned into orders so far
	Received  types.Balance `json:"received"`  // paid to the beneficiary
	Unclaimed types.Balance `json:"unclaimed"` // total without received; part of it is due later
	// Challenges are those that were passed and are not yet turned into orders.
	Challenges int `json:"challenges"`
}

// EarningsOf reads the rewards of a miner.
func EarningsOf(ctx context.Context, at sdk.At, who [32]byte) (Earnings, error) {
	r, _, err := sdk.Find(ctx, at, sminer.Rewards, who)
	if err != nil {
		return Earnings{}, fmt.Errorf("read rewards: %w", err)
	}
	passed, _, err := sdk.Find(ctx, at, sminer.CompleteMinerSnapShots, who)
	if err != nil {
		return Earnings{}, fmt.Errorf("read passed challenges: %w", err)
	}
	e := Earnings{Total: r.TotalReward, Received: r.RewardIssued, Unclaimed: r.TotalReward.SaturatingSub(r.RewardIssued)}
	for _, c := range passed {
		if !c.Issued {
			e.Challenges++
		}
	}
	return e, nil
}

// claimRewards has the chain pay what is due.
func (m *Miner) claimRewards(ctx context.Context, p *jobs.Progress) error {
	l, err := m.look(ctx)
	if err != nil {
		return err
	}
	if state := l.state(); !l.found || state != sminer.StatePositive && state != sminer.StateExit {
		return jobs.Waitf("rewards are paid to miners in service only; the state is %q", state)
	}
	e, err := EarningsOf(ctx, l.at, m.account)
	if err != nil {
		return err
	}
	if e.Unclaimed.IsZero() && e.Challenges == 0 {
		return jobs.Waitf("nothing was earned yet")
	}
	p.Doing("claiming rewards")
	receipt, err := l.chain.Submit(ctx, m.cfg.Signer, sminer.ReceiveReward{})
	if err != nil {
		return fmt.Errorf("claim rewards: %w", err)
	}
	if paid, ok := sdk.EventOf[sminer.ReceiveEvent](receipt); ok && !paid.Reward.IsZero() {
		m.log.Info("received a reward", "planck", paid.Reward)
		tokens, _ := paid.Reward.Div64(1e9).Uint64()
		m.metrics.earned.Add(float64(tokens) / 1e9)
	}
	return nil
}
