package sminer

import (
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

// IncreaseCollateral pays a miner's debt and adds to its collateral, in
// planck.
type IncreaseCollateral struct {
	Miner      substrate.AccountID `type:"AccountOf<T>"`
	Collateral types.Balance       `scale:"collaterals,compact" type:"BalanceOf<T>"`
}

// UpdateBeneficiary names the account that receives rewards.
type UpdateBeneficiary struct {
	Beneficiary substrate.AccountID `type:"AccountOf<T>"`
}

// UpdateEndpoint names the address where the miner is reached.
type UpdateEndpoint struct {
	Endpoint types.Endpoint `type:"EndPoint"`
}

// DecreaseDeclarationSpace takes declared space back.
type DecreaseDeclarationSpace struct {
	TiBCount uint32 `scale:"tib_count" type:"u32"`
}

// RegisterPoISKey registers the PoIS key, once, and makes the miner positive.
type RegisterPoISKey struct {
	PoISKey          types.PoISKey         `scale:"pois_key" type:"PoISKey"`
	TEESigNeedVerify types.SignatureBytes  `type:"BoundedVec<u8, ConstU32<64>>"`
	TEESig           types.SignatureBytes  `type:"BoundedVec<u8, ConstU32<64>>"`
	TEEPublicKey     types.WorkerPublicKey `scale:"tee_puk" type:"WorkerPublicKey"`
}

// RegnstkAssignStaking registers the signer as miner; another account will
// stake.
type RegnstkAssignStaking struct {
	Beneficiary    substrate.AccountID `type:"AccountOf<T>"`
	Endpoint       types.Endpoint      `type:"EndPoint"`
	StakingAccount substrate.AccountID `type:"AccountOf<T>"`
	TiBCount       uint32              `scale:"tib_count" type:"u32"`
}

// IncreaseDeclarationSpace declares more space.
type IncreaseDeclarationSpace struct {
	TiBCount uint32 `scale:"tib_count" type:"u32"`
}
