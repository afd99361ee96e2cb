package sminer

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// newcomerFine is what a miner that never earned anything pays, in planck.
var newcomerFine = scale.U128From64(100)

// ClearPunish fines a miner that did not prove its service space for the
// count-th time in a row, and returns the fine: nothing the first time, 5 % of
// the collateral that the power of the challenged spaces needs the second
// time, 15 % from then on (spec/pallets-mining.md §1.8).
func (API) ClearPunish(ctx *runtime.Context, who substrate.AccountID, idle, service scale.U128, count uint8) (types.Balance, error) {
	reward, _ := Rewards.Get(ctx, who)
	limit := CollateralLimit(Power(idle, service))
	var fine types.Balance
	switch {
	case count < 2:
	case reward.TotalReward.IsZero():
		fine = newcomerFine
	case count == 2:
		fine = substrate.Percent(5).MulFloor(limit)
	default:
		fine = substrate.Percent(15).MulFloor(limit)
	}
	return fine, punish(ctx, who, fine)
}

// ServicePunish fines a miner whose proof of service space was judged false,
// and returns the fine: 5 % of the collateral that the power of so much space
// needs.
func (API) ServicePunish(ctx *runtime.Context, who substrate.AccountID, service scale.U128) (types.Balance, error) {
	fine := substrate.Percent(5).MulFloor(CollateralLimit(Power(service, service)))
	return fine, punish(ctx, who, fine)
}

// punish moves collateral to the pot of punishments, or nothing at all on an
// error. What the collateral does not cover is added to the miner's debt; a
// miner whose collateral became short is frozen. One that is leaving goes on
// leaving.
func punish(ctx *runtime.Context, who substrate.AccountID, fine types.Balance) error {
	return ctx.Transaction(func() error {
		return Miners.Mutate(ctx, who, ErrNotMiner, func(m *Miner) error {
			taken := m.Collateral.Min(fine)
			if err := seize(ctx, who, m.StakingAccount, taken); err != nil {
				return err
			}
			m.Collateral = m.Collateral.SaturatingSub(taken)
			m.Debt = m.Debt.SaturatingAdd(fine.SaturatingSub(taken))
			short := m.Collateral.Less(CollateralLimit(Power(m.IdleSpace, m.ServiceSpace)))
			if short && string(m.State) == StatePositive {
				m.State = State(StateFrozen)
			}
			return nil
		})
	})
}

// RefundPunish undoes a fine that turned out to be wrong: first what is still
// owed is forgiven, then collateral comes back. The staking account of a miner
// that left gets it as free balance.
func (API) RefundPunish(ctx *runtime.Context, who substrate.AccountID, fine types.Balance) error {
	return ctx.Transaction(func() error {
		return Miners.Mutate(ctx, who, ErrNotMiner, func(m *Miner) error {
			forgiven := m.Debt.Min(fine)
			m.Debt = m.Debt.SaturatingSub(forgiven)
			back := fine.SaturatingSub(forgiven)
			if err := refund(ctx, who, m, back); err != nil {
				return err
			}
			m.thaw()
			return nil
		})
	})
}

func refund(ctx *runtime.Context, who substrate.AccountID, m *Miner, x types.Balance) error {
	if x.IsZero() {
		return nil
	}
	if err := use.Treasury.RefundPunishment(ctx, m.StakingAccount, x); err != nil {
		return err
	}
	if m.StakingAccount == reservoirAccount && use.Reservoir != nil {
		if err := use.Reservoir.Restore(ctx, who, x); err != nil {
			return err
		}
	}
	if err := use.Currency.Reserve(ctx, m.StakingAccount, x); err != nil {
		return err
	}
	if m.left() {
		giveBack(ctx, who, m.StakingAccount, x)
		return nil
	}
	m.Collateral = m.Collateral.SaturatingAdd(x)
	return nil
}
