package sminer

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

var (
	punishmentAccount = substrate.AccountOfPallet(types.PunishmentPot)
	reservoirAccount  = substrate.AccountOfPallet(types.ReservoirPot)
)

// tebibyte and the collateral that each one declared needs, in planck.
const tebibyte = 1 << 40

var collateralPerTiB = types.Tokens(4000)

// CollateralLimit is the collateral that a declared space needs: 4,000 TCESS
// for every TiB begun (spec/pallets-mining.md §1.4).
func CollateralLimit(space scale.U128) types.Balance {
	n := space.Div64(tebibyte)
	if space.Mod64(tebibyte) != 0 {
		n = n.SaturatingAdd(scale.U128From64(1))
	}
	return n.SaturatingMul(collateralPerTiB)
}

// pledge reserves x of the staking account as collateral of a miner. Only a
// chain with a reservoir has miners that the reservoir stakes for; otherwise
// it returns NotStakingAcc.
func pledge(ctx *runtime.Context, miner, staking substrate.AccountID, x types.Balance) error {
	if staking != reservoirAccount {
		return use.Currency.Reserve(ctx, staking, x)
	}
	if use.Reservoir == nil {
		return ErrNotStakingAcc
	}
	if err := use.Reservoir.CheckQualification(ctx, miner, x); err != nil {
		return err
	}
	return use.Reservoir.Staking(ctx, miner, x)
}

// giveBack ends a pledge. It cannot fail: when the books of the reservoir
// contradict those of this pallet, the pool gets its own tokens back all the
// same.
func giveBack(ctx *runtime.Context, miner, staking substrate.AccountID, x types.Balance) {
	if staking == reservoirAccount && use.Reservoir != nil {
		_ = ctx.Transaction(func() error { return use.Reservoir.Redeem(ctx, miner, x) })
	}
	use.Currency.Unreserve(ctx, staking, x)
}

// seize moves collateral to the pot of punishments. Locks on the free balance
// of the staking account do not protect it.
func seize(ctx *runtime.Context, miner, staking substrate.AccountID, x types.Balance) error {
	if staking == reservoirAccount && use.Reservoir != nil {
		if err := use.Reservoir.Punish(ctx, miner, x); err != nil {
			return err
		}
	}
	rest, err := use.Currency.TransferReserved(ctx, staking, punishmentAccount, x)
	if err != nil {
		return err
	}
	if !rest.IsZero() {
		return ErrUnexpected // collateral is always reserved
	}
	return nil
}

// payDebt pays part of a miner's debt from what the staking account could
// pledge.
func payDebt(ctx *runtime.Context, miner, staking substrate.AccountID, x types.Balance) error {
	if x.IsZero() {
		return nil
	}
	if staking != reservoirAccount {
		return use.Treasury.CollectPunishment(ctx, staking, x)
	}
	if err := pledge(ctx, miner, staking, x); err != nil {
		return err
	}
	return seize(ctx, miner, staking, x)
}

// thaw puts a frozen miner back into service when it owes nothing and its
// collateral covers what it declared.
func (m *Miner) thaw() {
	if string(m.State) == StateFrozen && m.covered() {
		m.State = State(StatePositive)
	}
}

func (m *Miner) covered() bool {
	return m.Debt.IsZero() && !m.Collateral.Less(CollateralLimit(m.DeclarationSpace))
}

// left says whether the miner is out for good.
func (m *Miner) left() bool {
	s := string(m.State)
	return s == StateExit || s == StateOffline
}

func (m *Miner) used() scale.U128 {
	return m.IdleSpace.SaturatingAdd(m.ServiceSpace).SaturatingAdd(m.LockSpace)
}
