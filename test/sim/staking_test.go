package sim

import (
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/staking"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// stakers are validators and who would like to be one, or to nominate.
func (s *sim) stakers() []account {
	return []account{stash, secondStash, s.users[1], s.users[2], s.gateways[0]}
}

func (s *sim) payee() staking.RewardDestination {
	return pick(s, []staking.RewardDestination{
		staking.PayStaked{}, staking.PayStaked{}, staking.PayStash{}, staking.PayController{}, staking.PayNone{},
		staking.PayAccount{Account: pick(s, s.users)},
	})
}

// bond moves money into the stake and out of it.
func (s *sim) bond() (account, runtime.Call) {
	who := pick(s, s.stakers())
	switch s.rng.IntN(9) {
	case 0:
		return who, staking.Bond{Value: s.tokens().SaturatingMul(scale.U128From64(20)), Payee: s.payee()}
	case 1:
		return who, staking.BondExtra{MaxAdditional: s.tokens()}
	case 2:
		return who, staking.Unbond{Value: s.tokens()}
	case 3:
		return who, staking.WithdrawUnbonded{NumSlashingSpans: uint32(s.rng.IntN(3))}
	case 4:
		return who, staking.Rebond{Value: s.tokens()}
	case 5:
		return pick(s, s.users), staking.ReapStash{Stash: who, NumSlashingSpans: uint32(s.rng.IntN(3))}
	}
	current := int(staking.API{}.CurrentEra(s.Ctx()))
	era := uint32(max(0, current-s.rng.IntN(min(current, 4)+1)))
	paid := pick(s, []account{stash, secondStash, who})
	if s.chance(2) {
		return who, staking.PayoutStakersByPage{ValidatorStash: paid, Era: era, Page: uint32(s.rng.IntN(6) / 5)}
	}
	return who, staking.PayoutStakers{ValidatorStash: paid, Era: era}
}

// role changes who validates and who nominates whom.
func (s *sim) role() (account, runtime.Call) {
	who, other := pick(s, s.stakers()), pick(s, s.stakers())
	switch s.rng.IntN(10) {
	case 0, 1:
		return who, staking.Nominate{Targets: []substrate.MultiAddress{substrate.AddressOf(stash), substrate.AddressOf(other)}}
	case 2, 3:
		return who, staking.Validate{Prefs: staking.ValidatorPrefs{
			Commission: substrate.Perbill(s.rng.IntN(1_000_000_001)), Blocked: s.chance(6),
		}}
	case 4:
		return pick(s, s.stakers()[2:]), staking.Chill{}
	case 5:
		return who, staking.SetPayee{Payee: s.payee()}
	case 6:
		return who, staking.Kick{Who: []substrate.MultiAddress{substrate.AddressOf(other)}}
	case 7:
		return who, staking.ChillOther{Stash: other}
	case 8:
		return who, staking.ForceApplyMinCommission{ValidatorStash: other}
	}
	if s.chance(2) {
		return who, staking.SetController{}
	}
	return who, staking.UpdatePayee{Controller: other}
}

// keys sets session keys, of which there are few, so that some are taken.
func (s *sim) keys() (account, runtime.Call) {
	who := pick(s, s.stakers())
	if s.chance(4) {
		return who, session.PurgeKeys{}
	}
	n := byte(1 + s.rng.IntN(8))
	return who, session.SetKeys{Keys: types.SessionKeys{
		Grandpa: types.GrandpaKey{n}, Babe: types.BabeKey{n}, ImOnline: types.ImOnlineKey{n},
		AuthorityDiscovery: types.AuthorityDiscoveryKey{n}, Beefy: types.BeefyKey{2, n},
	}}
}

// rule is what only the government may do with the stake.
func (s *sim) rule() runtime.Call {
	who := pick(s, s.stakers())
	switch s.rng.IntN(16) {
	case 0:
		return staking.SetValidatorCount{New: uint32(1 + s.rng.IntN(4))}
	case 1:
		return staking.IncreaseValidatorCount{Additional: uint32(s.rng.IntN(2))}
	case 2:
		return staking.ScaleValidatorCount{Factor: substrate.Percent(s.rng.IntN(40))}
	case 3:
		return staking.ForceNoEras{}
	case 4, 5, 6:
		return staking.ForceNewEra{}
	case 7:
		return staking.ForceNewEraAlways{}
	case 8:
		return staking.SetInvulnerables{Invulnerables: []account{who}}
	case 9:
		if who == stash {
			return nil // its bond is what makes the network's rewards large
		}
		return staking.ForceUnstake{Stash: who, NumSlashingSpans: uint32(s.rng.IntN(3))}
	case 10:
		return staking.CancelDeferredSlash{Era: staking.API{}.CurrentEra(s.Ctx()), SlashIndices: []uint32{uint32(s.rng.IntN(2))}}
	case 11:
		return staking.SetMinCommission{New: substrate.Perbill(s.rng.IntN(200_000_000))}
	case 12:
		return staking.DeprecateControllerBatch{Controllers: scale.BoundedVec[account, staking.DeprecationBound]{who}}
	case 13:
		return staking.RestoreLedger{Stash: who}
	case 14:
		return staking.SetStakingConfigs{
			MinNominatorBond:  staking.ConfigSet[types.Balance]{Value: types.Tokens(uint64(s.rng.IntN(20)))},
			MinValidatorBond:  staking.ConfigNoop[types.Balance]{},
			MaxNominatorCount: staking.ConfigSet[uint32]{Value: uint32(s.rng.IntN(5))},
			MaxValidatorCount: staking.ConfigRemove[uint32]{},
			ChillThreshold:    staking.ConfigSet[substrate.Percent]{Value: substrate.Percent(s.rng.IntN(100))},
			MinCommission:     staking.ConfigNoop[substrate.Perbill]{},
			MaxStakedRewards:  staking.ConfigRemove[substrate.Percent]{},
		}
	}
	return staking.SetStakingConfigs{
		MinNominatorBond: staking.ConfigRemove[types.Balance]{}, MinValidatorBond: staking.ConfigNoop[types.Balance]{},
		MaxNominatorCount: staking.ConfigRemove[uint32]{}, MaxValidatorCount: staking.ConfigNoop[uint32]{},
		ChillThreshold: staking.ConfigNoop[substrate.Percent]{}, MinCommission: staking.ConfigRemove[substrate.Perbill]{},
		MaxStakedRewards: staking.ConfigNoop[substrate.Percent]{},
	}
}
