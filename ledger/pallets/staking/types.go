package staking

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

type (
	accountID = substrate.AccountID
	amount    = types.Balance
)

// Ledger is a bond, in planck: Total = Active + Unlocking. Total is locked on
// the stash.
type Ledger struct {
	Stash                substrate.AccountID                         `type:"T::AccountId"`
	Total                types.Balance                               `scale:",compact" type:"BalanceOf<T>"`
	Active               types.Balance                               `scale:",compact" type:"BalanceOf<T>"`
	Unlocking            scale.BoundedVec[UnlockChunk, UnlockBound]  `type:"BoundedVec<UnlockChunk<BalanceOf<T>>, T::MaxUnlockingChunks>"`
	LegacyClaimedRewards scale.BoundedVec[uint32, HistoryDepthBound] `type:"BoundedVec<EraIndex, T::HistoryDepth>"`
}

// ScaleType is upstream's `StakingLedger`.
func (Ledger) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_cess_staking::StakingLedger", Params: []scale.Param{{Name: "T"}}}
}

// UnlockChunk is an amount, in planck, that may be withdrawn from an era on.
type UnlockChunk struct {
	Value types.Balance `scale:",compact" type:"Balance"`
	Era   uint32        `scale:",compact" type:"EraIndex"`
}

// ScaleType is upstream's `UnlockChunk`.
func (UnlockChunk) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_cess_staking::UnlockChunk", Params: []scale.Param{balanceParam}}
}

var (
	balanceParam = scale.Param{Name: "Balance", Type: scale.TypeOf[types.Balance]()}
	accountParam = scale.Param{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()}
)

// ValidatorPrefs is what a validator asks of its nominators.
type ValidatorPrefs struct {
	Commission substrate.Perbill `scale:",compact" type:"Perbill"`
	Blocked    bool              `type:"bool"` // takes no new nominators
}

// ScaleType is upstream's `ValidatorPrefs`.
func (ValidatorPrefs) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_cess_staking::ValidatorPrefs"}
}

// Nominations are the validators that a nominator stands behind.
type Nominations struct {
	Targets     scale.BoundedVec[substrate.AccountID, NominationsBound] `type:"BoundedVec<T::AccountId, MaxNominationsOf<T>>"`
	SubmittedIn uint32                                                  `type:"EraIndex"`
	Suppressed  bool                                                    `type:"bool"`
}

// ScaleType is upstream's `Nominations`.
func (Nominations) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_cess_staking::Nominations", Params: []scale.Param{{Name: "T"}}}
}

// ActiveEraInfo is the era that runs. Start, in Unix milliseconds, is absent
// until its first block ends.
type ActiveEraInfo struct {
	Index uint32               `type:"EraIndex"`
	Start scale.Option[uint64] `type:"Option<u64>"`
}

// ScaleType is upstream's `ActiveEraInfo`.
func (ActiveEraInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_cess_staking::ActiveEraInfo"}
}

// BondedEra is an era and its first session.
type BondedEra struct{ Era, Session uint32 }

// EraRewardPoints count what the block authors of an era did.
type EraRewardPoints struct {
	Total      uint32                                      `type:"RewardPoint"`
	Individual scale.BTreeMap[substrate.AccountID, uint32] `type:"BTreeMap<AccountId, RewardPoint>"`
}

// ScaleType is upstream's `EraRewardPoints`.
func (EraRewardPoints) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_cess_staking::EraRewardPoints", Params: []scale.Param{accountParam}}
}

// Limits that upstream compiles in.
const (
	maxUnlocking    = 32
	maxNominations  = 16
	maxDeprecations = 5900
)

// Bounds, checked while decoding.
type (
	UnlockBound struct{}
	// HistoryDepthBound bounds a list that is always empty on this chain.
	HistoryDepthBound struct{}
	NominationsBound  struct{}
	DeprecationBound  struct{}
)

func (UnlockBound) Max() int       { return maxUnlocking }
func (HistoryDepthBound) Max() int { return 84 }
func (NominationsBound) Max() int  { return maxNominations }
func (DeprecationBound) Max() int  { return maxDeprecations }
