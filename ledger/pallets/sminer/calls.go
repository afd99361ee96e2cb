package sminer

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Regnstk registers the signer as miner of TiBCount TiB and reserves its
// collateral, in planck.
type Regnstk struct {
	Beneficiary substrate.AccountID `type:"AccountOf<T>"`
	Endpoint    types.Endpoint      `type:"EndPoint"`
	Staking     types.Balance       `scale:"staking_val" type:"BalanceOf<T>"`
	TiBCount    uint32              `scale:"tib_count" type:"u32"`
}

// Dispatch emits Registered. Space counts only once idle files are certified.
func (c Regnstk) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if Miners.Contains(ctx, who) {
		return ErrAlreadyRegistered
	}
	declared := types.Tebibytes(c.TiBCount)
	if c.Staking.Less(CollateralLimit(declared)) {
		return ErrCollateralNotUp
	}
	if err := currency.Reserve(ctx, who, c.Staking); err != nil {
		return err
	}
	StakingStartBlocks.Put(ctx, who, ctx.BlockNumber())
	return register(ctx, who, Miner{
		Beneficiary: c.Beneficiary, StakingAccount: who, Endpoint: c.Endpoint,
		Collateral: c.Staking, DeclarationSpace: declared,
	})
}

func register(ctx *runtime.Context, who substrate.AccountID, m Miner) error {
	m.State = State(StateNotReady)
	Miners.Put(ctx, who, m)
	Rewards.Put(ctx, who, Reward{})
	ctx.Emit(RegisteredEvent{Account: who})
	return nil
}

// IncreaseCollateral pays a miner's debt and adds to its collateral, in
// planck.
type IncreaseCollateral struct {
	Miner      substrate.AccountID `type:"AccountOf<T>"`
	Collateral types.Balance       `scale:"collaterals,compact" type:"BalanceOf<T>"`
}

// Dispatch emits IncreaseCollateral with the new collateral. A miner that was
// frozen for want of it goes on.
func (c IncreaseCollateral) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	m, ok := Miners.Get(ctx, c.Miner)
	if !ok {
		return ErrNotMiner
	}
	switch string(m.State) {
	case StateOffline, StateLock, StateExit:
		return ErrState
	}
	if m.StakingAccount != who {
		return ErrNotStakingAcc
	}
	paid := m.Debt.Min(c.Collateral)
	if err := currency.Transfer(ctx, who, punishmentAccount, paid, balances.KeepAlive); err != nil {
		return err
	}
	m.Debt = m.Debt.SaturatingSub(paid)
	added := c.Collateral.SaturatingSub(paid)
	if err := currency.Reserve(ctx, who, added); err != nil {
		return err
	}
	sum, over := m.Collateral.AddOverflow(added)
	if over {
		return ErrOverflow
	}
	m.Collateral = sum
	if string(m.State) == StateFrozen && !m.Collateral.Less(CollateralLimit(m.DeclarationSpace)) {
		m.State = State(StatePositive)
	}
	Miners.Put(ctx, c.Miner, m)
	StakingStartBlocks.Put(ctx, c.Miner, ctx.BlockNumber())
	ctx.Emit(IncreaseCollateralEvent{Account: who, Balance: m.Collateral})
	return nil
}

// UpdateBeneficiary names the account that receives rewards.
type UpdateBeneficiary struct {
	Beneficiary substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits UpdateBeneficiary.
func (c UpdateBeneficiary) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	err = Miners.Mutate(ctx, who, ErrNotMiner, func(m *Miner) error {
		m.Beneficiary = c.Beneficiary
		return nil
	})
	if err != nil {
		return err
	}
	ctx.Emit(UpdateBeneficiaryEvent{Account: who, New: c.Beneficiary})
	return nil
}

// UpdateEndpoint names the address where the miner is reached.
type UpdateEndpoint struct {
	Endpoint types.Endpoint `type:"EndPoint"`
}

// Dispatch emits UpdateEndPoint.
func (c UpdateEndpoint) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	var old types.Endpoint
	err = Miners.Mutate(ctx, who, ErrNotMiner, func(m *Miner) error {
		old, m.Endpoint = m.Endpoint, c.Endpoint
		return nil
	})
	if err != nil {
		return err
	}
	ctx.Emit(UpdateEndPointEvent{Account: who, Old: old, New: c.Endpoint})
	return nil
}

// DecreaseDeclarationSpace takes declared space back.
type DecreaseDeclarationSpace struct {
	TiBCount uint32 `scale:"tib_count" type:"u32"`
}

// Dispatch emits DecreaseDeclarationSpace.
func (c DecreaseDeclarationSpace) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	space := types.Tebibytes(c.TiBCount)
	err = Miners.Mutate(ctx, who, ErrNotMiner, func(m *Miner) error {
		if s := string(m.State); s != StatePositive && s != StateFrozen {
			return ErrState
		}
		rest, under := m.DeclarationSpace.SubUnderflow(space)
		if under {
			return ErrOverflow
		}
		if rest.Less(m.used()) {
			return ErrUnableReduceDeclaration
		}
		m.DeclarationSpace = rest
		if !m.Collateral.Less(CollateralLimit(rest)) {
			m.State = State(StatePositive)
		}
		return nil
	})
	if err != nil {
		return err
	}
	ctx.Emit(DecreaseDeclarationSpaceEvent{Miner: who, Space: space})
	return nil
}

// RegnstkAssignStaking registers the signer as miner; another account will
// stake.
type RegnstkAssignStaking struct {
	Beneficiary    substrate.AccountID `type:"AccountOf<T>"`
	Endpoint       types.Endpoint      `type:"EndPoint"`
	StakingAccount substrate.AccountID `type:"AccountOf<T>"`
	TiBCount       uint32              `scale:"tib_count" type:"u32"`
}

// Dispatch emits Registered. The staking account brings the collateral with
// IncreaseCollateral; the reservoir lends none.
func (c RegnstkAssignStaking) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if Miners.Contains(ctx, who) {
		return ErrAlreadyRegistered
	}
	if c.StakingAccount == reservoirAccount {
		return ErrNotStakingAcc
	}
	return register(ctx, who, Miner{
		Beneficiary: c.Beneficiary, StakingAccount: c.StakingAccount, Endpoint: c.Endpoint,
		DeclarationSpace: types.Tebibytes(c.TiBCount),
	})
}

// IncreaseDeclarationSpace declares more space.
type IncreaseDeclarationSpace struct {
	TiBCount uint32 `scale:"tib_count" type:"u32"`
}

// Dispatch emits IncreaseDeclarationSpace. A miner whose collateral does not
// cover the new space is frozen until it does.
func (c IncreaseDeclarationSpace) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	space := types.Tebibytes(c.TiBCount)
	err = Miners.Mutate(ctx, who, ErrNotMiner, func(m *Miner) error {
		if string(m.State) != StatePositive {
			return ErrState
		}
		sum, over := m.DeclarationSpace.AddOverflow(space)
		if over {
			return ErrOverflow
		}
		m.DeclarationSpace = sum
		if m.Collateral.Less(CollateralLimit(sum)) {
			m.State = State(StateFrozen)
		}
		return nil
	})
	if err != nil {
		return err
	}
	ctx.Emit(IncreaseDeclarationSpaceEvent{Miner: who, Space: space})
	return nil
}
