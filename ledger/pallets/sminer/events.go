package sminer

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// RegisteredEvent reports a new miner.
type RegisteredEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
}

// RegisterPoISKeyEvent reports a miner that registered its PoIS key.
type RegisterPoISKeyEvent struct {
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

// DrawFaucetMoneyEvent reports a payment from the faucet.
type DrawFaucetMoneyEvent struct{}

// FaucetTopUpMoneyEvent reports a payment to the faucet.
type FaucetTopUpMoneyEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
}

// LessThan24HoursEvent is part of the wire shape; never emitted, since the call
// that would emit it fails.
type LessThan24HoursEvent struct {
	Last types.BlockNumber `type:"BlockNumberFor<T>"`
	Now  types.BlockNumber `type:"BlockNumberFor<T>"`
}

// AlreadyFrozenEvent is part of the wire shape; never emitted.
type AlreadyFrozenEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
}

// IncreaseCollateralEvent reports added collateral; Balance is the new sum.
type IncreaseCollateralEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Balance types.Balance       `type:"BalanceOf<T>"`
}

// DepositEvent is part of the wire shape; never emitted.
type DepositEvent struct {
	Balance types.Balance `type:"BalanceOf<T>"`
}

// UpdateBeneficiaryEvent reports a new beneficiary.
type UpdateBeneficiaryEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	New     substrate.AccountID `type:"AccountOf<T>"`
}

// UpdateEndPointEvent reports a new endpoint.
type UpdateEndPointEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Old     types.Endpoint      `type:"EndPoint"`
	New     types.Endpoint      `type:"EndPoint"`
}

// ReceiveEvent reports a reward that was paid out.
type ReceiveEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Reward  types.Balance       `type:"BalanceOf<T>"`
}

// MinerExitPrepEvent reports a miner that announced its exit.
type MinerExitPrepEvent struct {
	Miner substrate.AccountID `type:"AccountOf<T>"`
}

// WithdrawEvent reports collateral that a miner took back.
type WithdrawEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
}

// IncreaseDeclarationSpaceEvent reports added declared space, in bytes.
type IncreaseDeclarationSpaceEvent struct {
	Miner substrate.AccountID `type:"AccountOf<T>"`
	Space scale.U128          `type:"u128"`
}

// DecreaseDeclarationSpaceEvent reports declared space taken back, in bytes.
type DecreaseDeclarationSpaceEvent struct {
	Miner substrate.AccountID `type:"AccountOf<T>"`
	Space scale.U128          `type:"u128"`
}
