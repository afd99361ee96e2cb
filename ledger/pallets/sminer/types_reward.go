package sminer

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Reward is what a miner earned and what it received, in planck.
type Reward struct {
	TotalReward  types.Balance                               `type:"BalanceOf<T>"`
	RewardIssued types.Balance                               `type:"BalanceOf<T>"`
	Orders       scale.BoundedVec[RewardOrder, ReleaseBound] `scale:"order_list" type:"BoundedVec<RewardOrder<BalanceOf<T>, BlockNumberFor<T>>, ConstU32\n<{ RELEASE_NUMBER as u32 }>>"`
}

func (Reward) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_sminer::types::Reward", Params: []scale.Param{{Name: "T"}}}
}

// RewardOrder is the reward of one completed challenge, paid out in MaxCount
// parts.
type RewardOrder struct {
	ReceiveCount     uint8             `type:"u8"`
	MaxCount         uint8             `type:"u8"`
	AtOnce           bool              `scale:"atonce" type:"bool"` // the immediate part was paid
	OrderReward      types.Balance     `type:"Balance"`
	EachAmount       types.Balance     `type:"Balance"`
	LastReceiveBlock types.BlockNumber `type:"Block"`
}

func (RewardOrder) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_sminer::types::RewardOrder", Params: []scale.Param{{Name: "Balance", Type: scale.TypeOf[types.Balance]()}, {Name: "Block", Type: scale.TypeOf[types.BlockNumber]()}}}
}

// FaucetRecord remembers the last claim of an account.
type FaucetRecord struct {
	LastClaimTime types.BlockNumber `type:"BlockNumber"`
}

func (FaucetRecord) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_sminer::types::FaucetRecord", Params: []scale.Param{{Name: "BlockNumber", Type: scale.TypeOf[types.BlockNumber]()}}}
}

// CompleteInfo sums up an era: completed challenges and their power.
type CompleteInfo struct {
	MinerCount uint32     `type:"u32"`
	TotalPower scale.U128 `type:"u128"`
}

func (CompleteInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_sminer::types::CompleteInfo"}
}

// MinerCompleteInfo is one completed challenge of a miner.
type MinerCompleteInfo struct {
	EraIndex    uint32            `type:"u32"`
	Issued      bool              `type:"bool"` // a reward order exists
	FinishBlock types.BlockNumber `scale:"finsh_block" type:"Block"`
	Power       scale.U128        `type:"u128"`
}

func (MinerCompleteInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_sminer::types::MinerCompleteInfo", Params: []scale.Param{{Name: "Block", Type: scale.TypeOf[types.BlockNumber]()}}}
}

// RestoralTarget is the data of a miner that left. Spaces are in bytes.
type RestoralTarget struct {
	Miner         substrate.AccountID `type:"Account"`
	ServiceSpace  scale.U128          `type:"u128"`
	RestoredSpace scale.U128          `type:"u128"`
	CoolingBlock  types.BlockNumber   `type:"Block"` // collateral may be withdrawn from then on
}

func (RestoralTarget) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_sminer::types::RestoralTargetInfo", Params: []scale.Param{{Name: "Account", Type: scale.TypeOf[substrate.AccountID]()}, {Name: "Block", Type: scale.TypeOf[types.BlockNumber]()}}}
}
