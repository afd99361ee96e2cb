package staking

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// RewardDestination says where rewards go.
type RewardDestination interface{ rewardDestination() }

// The variants of RewardDestination.
type (
	// PayStaked pays the stash and bonds the reward.
	PayStaked struct{}
	// PayStash pays the stash.
	PayStash struct{}
	// PayController pays the controller; no longer to be chosen.
	PayController struct{}
	// PayAccount pays any account.
	PayAccount struct {
		Account substrate.AccountID `scale:"_" type:"AccountId"`
	}
	// PayNone forgoes rewards.
	PayNone struct{}
)

func (PayStaked) rewardDestination()     {}
func (PayStash) rewardDestination()      {}
func (PayController) rewardDestination() {}
func (PayAccount) rewardDestination()    {}
func (PayNone) rewardDestination()       {}

var _ = scale.RegisterEnum[RewardDestination](
	scale.TypeInfo{Path: "pallet_cess_staking::RewardDestination", Params: []scale.Param{accountParam}},
	scale.V[RewardDestination, PayStaked](0, "Staked"),
	scale.V[RewardDestination, PayStash](1, "Stash"),
	scale.V[RewardDestination, PayController](2, "Controller"),
	scale.V[RewardDestination, PayAccount](3, "Account"),
	scale.V[RewardDestination, PayNone](4, "None"),
)

// Forcing overrides when eras begin.
type Forcing uint8

// The values of Forcing.
const (
	NotForcing  Forcing = 0
	ForceNew    Forcing = 1 // a new era with the next session that is planned, once
	ForceNone   Forcing = 2 // the era goes on
	ForceAlways Forcing = 3 // every session is an era
)

func (Forcing) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_cess_staking::Forcing", Variants: []scale.VariantInfo{
		{Index: 0, Name: "NotForcing"},
		{Index: 1, Name: "ForceNew"},
		{Index: 2, Name: "ForceNone"},
		{Index: 3, Name: "ForceAlways"},
	}}
}

// ConfigOp changes a configuration value.
type ConfigOp[T any] interface{ configOp(T) }

// The variants of ConfigOp.
type (
	ConfigNoop[T any] struct{}
	ConfigSet[T any]  struct {
		Value T `scale:"_" type:"T"`
	}
	ConfigRemove[T any] struct{}
)

func (ConfigNoop[T]) configOp(T)   {}
func (ConfigSet[T]) configOp(T)    {}
func (ConfigRemove[T]) configOp(T) {}

func registerConfigOp[T any]() scale.Type {
	return scale.RegisterEnum[ConfigOp[T]](
		scale.TypeInfo{
			Path:   "pallet_cess_staking::pallet::pallet::ConfigOp",
			Params: []scale.Param{{Name: "T", Type: scale.TypeOf[T]()}},
		},
		scale.V[ConfigOp[T], ConfigNoop[T]](0, "Noop"),
		scale.V[ConfigOp[T], ConfigSet[T]](1, "Set"),
		scale.V[ConfigOp[T], ConfigRemove[T]](2, "Remove"),
	)
}

var (
	_ = registerConfigOp[types.Balance]()
	_ = registerConfigOp[uint32]()
	_ = registerConfigOp[substrate.Percent]()
	_ = registerConfigOp[substrate.Perbill]()
)
