package sminer

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Genesis is what a chain starts with.
type Genesis struct {
	// Expender is the shape of the PoIS graph; the public network's unless
	// set.
	Expender *Expender `json:"expender,omitempty"`
	// Miners are registered and in service from the first block.
	Miners []GenesisMiner `json:"miners,omitempty"`
}

// GenesisMiner is a miner whose idle space counts as certified. Its own
// balance backs the collateral.
type GenesisMiner struct {
	Account     types.Address `json:"account"`
	Beneficiary types.Address `json:"beneficiary"`
	// Endpoint may be empty: the miner publishes it when it starts.
	Endpoint string `json:"endpoint,omitempty"`
	// IdleSpace is in bytes; the declared space is the next whole TiB.
	IdleSpace scale.U128 `json:"idleSpace"`
}

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var g Genesis
	if err := types.DecodeGenesis(raw, &g); err != nil {
		return err
	}
	if OneDay.Get(ctx) == 0 || IdleFileSize.Get(ctx) == 0 {
		return errors.New("OneDayBlock and IdleFileSize must not be zero")
	}
	expender := Expender{K: 80, N: 1 << 20, D: 64}
	if g.Expender != nil {
		expender = *g.Expender
	}
	if !expender.valid() {
		return fmt.Errorf("expender %+v has no nodes, or too many", expender)
	}
	Expenders.Put(ctx, expender)
	missing := balances.ExistentialDeposit.Get(ctx).SaturatingSub(use.Currency.Free(ctx, faucetAccount))
	if err := use.Currency.Mint(ctx, faucetAccount, missing); err != nil {
		return fmt.Errorf("endow the faucet: %w", err)
	}
	Miners.Counter.Put(ctx, 0)
	AllMiners.Put(ctx, nil)
	for _, m := range g.Miners {
		if err := m.register(ctx); err != nil {
			return fmt.Errorf("miner %v: %w", m.Account, err)
		}
	}
	return nil
}

func (g GenesisMiner) register(ctx *runtime.Context) error {
	who := substrate.AccountID(g.Account)
	if Miners.Contains(ctx, who) {
		return ErrAlreadyRegistered
	}
	if len(g.Endpoint) > (types.EndpointBound{}).Max() {
		return ErrBoundedVec
	}
	declared := g.IdleSpace.Div64(tebibyte).SaturatingAdd(scale.U128From64(1)).SaturatingMul(scale.U128From64(tebibyte))
	collateral := CollateralLimit(declared)
	if err := use.Currency.Reserve(ctx, who, collateral); err != nil {
		return fmt.Errorf("reserve %v planck of collateral: %w", collateral, err)
	}
	Miners.Put(ctx, who, Miner{
		Beneficiary: substrate.AccountID(g.Beneficiary), StakingAccount: who,
		Endpoint: types.Endpoint(g.Endpoint), Collateral: collateral,
		State: State(StatePositive), DeclarationSpace: declared, IdleSpace: g.IdleSpace,
	})
	Rewards.Put(ctx, who, Reward{})
	StakingStartBlocks.Put(ctx, who, 0)
	all := AllMiners.Get(ctx)
	if !all.TryPush(who) {
		return ErrStorageLimitReached
	}
	AllMiners.Put(ctx, all)
	return use.Totals.AddIdleSpace(ctx, g.IdleSpace)
}
