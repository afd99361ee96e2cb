package sminer

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Miner is the record of a storage miner. Spaces are in bytes, collateral and
// debt in planck.
type Miner struct {
	Beneficiary        substrate.AccountID                `type:"AccountOf<T>"`
	StakingAccount     substrate.AccountID                `type:"AccountOf<T>"`
	Endpoint           types.Endpoint                     `type:"EndPoint"`
	Collateral         types.Balance                      `scale:"collaterals" type:"BalanceOf<T>"`
	Debt               types.Balance                      `type:"BalanceOf<T>"`
	State              State                              `type:"BoundedVec<u8, T::ItemLimit>"`
	DeclarationSpace   scale.U128                         `type:"u128"`
	IdleSpace          scale.U128                         `type:"u128"`
	ServiceSpace       scale.U128                         `type:"u128"`
	LockSpace          scale.U128                         `type:"u128"`
	SpaceProofInfo     scale.Option[types.SpaceProofInfo] `type:"Option<SpaceProofInfo<AccountOf<T>>>"` // none before the PoIS key is registered
	ServiceBloomFilter types.BloomFilter                  `type:"BloomFilter"`
	TEESignature       types.TEESignature                 `type:"TeeSig"` // of the last change of SpaceProofInfo
}

func (Miner) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_sminer::types::MinerInfo", Params: []scale.Param{{Name: "T"}}}
}

// State is a miner's state as text.
type State = scale.BoundedVec[byte, ItemBound]

// The states (spec/pallets-mining.md §1.1).
const (
	StateNotReady = "not ready" // registered, no PoIS key yet
	StatePositive = "positive"  // in service
	StateFrozen   = "frozen"    // collateral is short
	StateLock     = "lock"      // announced its exit
	StateExit     = "exit"      // left
	StateOffline  = "offline"   // forced out
)

// Expender is the shape of the PoIS expander graph.
type Expender struct{ K, N, D uint64 }

// StakingReturn is collateral that goes back to the account that staked it.
type StakingReturn struct {
	Miner          substrate.AccountID
	StakingAccount substrate.AccountID
	Amount         types.Balance
}

// maxItems bounds the lists that have an entry per miner.
const maxItems = 200_000

// Bounds, checked while decoding.
type (
	// ItemBound bounds lists of miners.
	ItemBound struct{}
	// ReleaseBound is the number of parts that a reward is paid out in.
	ReleaseBound struct{}
)

func (ItemBound) Max() int    { return maxItems }
func (ReleaseBound) Max() int { return maxTranches }
