package sminer

import (
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
	if err := use.Currency.Reserve(ctx, who, c.Staking); err != nil {
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
	pool := m.StakingAccount == reservoirAccount && who == c.Miner
	if m.StakingAccount != who && !pool {
		return ErrNotStakingAcc
	}
	paid := m.Debt.Min(c.Collateral)
	if err := payDebt(ctx, c.Miner, m.StakingAccount, paid); err != nil {
		return err
	}
	m.Debt = m.Debt.SaturatingSub(paid)
	added := c.Collateral.SaturatingSub(paid)
	if err := pledge(ctx, c.Miner, m.StakingAccount, added); err != nil {
		return err
	}
	if err := grow(&m.Collateral, added); err != nil {
		return err
	}
	m.thaw()
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
		if err := shrink(&m.DeclarationSpace, space); err != nil {
			return err
		}
		if m.DeclarationSpace.Less(m.used()) {
			return ErrUnableReduceDeclaration
		}
		m.thaw()
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

// Dispatch emits Registered. The reservoir stakes at once, what it lent to the
// signer or keeps for it; any other staking account brings the collateral with
// IncreaseCollateral.
func (c RegnstkAssignStaking) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if Miners.Contains(ctx, who) {
		return ErrAlreadyRegistered
	}
	m := Miner{
		Beneficiary: c.Beneficiary, StakingAccount: c.StakingAccount, Endpoint: c.Endpoint,
		DeclarationSpace: types.Tebibytes(c.TiBCount),
	}
	if c.StakingAccount == reservoirAccount {
		m.Collateral = CollateralLimit(m.DeclarationSpace)
		if err := pledge(ctx, who, reservoirAccount, m.Collateral); err != nil {
			return err
		}
		StakingStartBlocks.Put(ctx, who, ctx.BlockNumber())
	}
	return register(ctx, who, m)
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
		if err := grow(&m.DeclarationSpace, space); err != nil {
			return err
		}
		if !m.covered() {
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
