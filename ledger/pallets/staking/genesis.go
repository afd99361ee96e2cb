package staking

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Genesis is what staking starts with (spec/consensus.md §7).
type Genesis struct {
	// ValidatorCount and MinimumValidatorCount are 1 unless set.
	ValidatorCount        uint32 `json:"validatorCount,omitempty"`
	MinimumValidatorCount uint32 `json:"minimumValidatorCount,omitempty"`
	// Stakers are bonded and validate.
	Stakers []GenesisStaker `json:"stakers,omitempty"`
	// Invulnerables are never slashed for offences.
	Invulnerables []types.Address `json:"invulnerables,omitempty"`
	// MinNominatorBond and MinValidatorBond are in planck.
	MinNominatorBond types.Balance `json:"minNominatorBond"`
	MinValidatorBond types.Balance `json:"minValidatorBond"`
}

// GenesisStaker bonds an amount, in planck. Without a controller the stash
// controls itself.
type GenesisStaker struct {
	Stash      types.Address  `json:"stash"`
	Controller *types.Address `json:"controller,omitempty"`
	Bond       types.Balance  `json:"bond"`
}

// genesisRewardFraction is the part of a slash that reporters may get.
const genesisRewardFraction = substrate.Perbill(100_000_000)

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var g Genesis
	if err := types.DecodeGenesis(raw, &g); err != nil {
		return err
	}
	if SessionsPerEra.Get(ctx) == 0 || ErasPerYear.Get(ctx) == 0 {
		return errors.New("an era of no sessions or a year of no eras")
	}
	ValidatorCount.Put(ctx, max(g.ValidatorCount, 1))
	MinimumValidatorCount.Put(ctx, max(g.MinimumValidatorCount, 1))
	MinNominatorBond.Put(ctx, g.MinNominatorBond)
	MinValidatorBond.Put(ctx, g.MinValidatorBond)
	SlashRewardFraction.Put(ctx, genesisRewardFraction)
	ForceEra.Put(ctx, NotForcing)
	invulnerables := make([]accountID, len(g.Invulnerables))
	for i, a := range g.Invulnerables {
		invulnerables[i] = accountID(a)
	}
	Invulnerables.Put(ctx, invulnerables)
	for _, s := range g.Stakers {
		if err := stake(ctx, s); err != nil {
			return fmt.Errorf("staker %v: %w", s.Stash, err)
		}
	}
	return nil
}

func stake(ctx *runtime.Context, s GenesisStaker) error {
	stash, controller := accountID(s.Stash), accountID(s.Stash)
	if s.Controller != nil {
		controller = accountID(*s.Controller)
	}
	switch {
	case Bonded.Contains(ctx, stash):
		return ErrAlreadyBonded
	case Ledgers.Contains(ctx, controller):
		return ErrAlreadyPaired
	case s.Bond.Less(deposit(ctx)), s.Bond.Less(MinValidatorBond.Get(ctx)), currency.Free(ctx, stash).Less(s.Bond):
		return ErrInsufficientBond
	}
	if err := create(ctx, stash, controller, s.Bond, PayStaked{}); err != nil {
		return err
	}
	addValidator(ctx, stash, ValidatorPrefs{})
	return nil
}
