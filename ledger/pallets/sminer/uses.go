package sminer

import (
	"iter"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Currency is what this pallet needs of the native token.
type Currency interface {
	Free(ctx *runtime.Context, who substrate.AccountID) types.Balance
	Reserved(ctx *runtime.Context, who substrate.AccountID) types.Balance
	Reserve(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
	// Unreserve returns what it could not give back.
	Unreserve(ctx *runtime.Context, who substrate.AccountID, x types.Balance) types.Balance
	Transfer(ctx *runtime.Context, from, to substrate.AccountID, x types.Balance, keep balances.Existence) error
	// TransferReserved moves reserved balance to free balance, as far as there
	// is any, and returns the rest.
	TransferReserved(ctx *runtime.Context, from, to substrate.AccountID, x types.Balance) (types.Balance, error)
	Mint(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
}

// Totals keeps the space of the whole network, in bytes.
type Totals interface {
	AddIdleSpace(ctx *runtime.Context, bytes scale.U128) error
	SubIdleSpace(ctx *runtime.Context, bytes scale.U128) error
}

// Deals is what this pallet needs of storage deals.
type Deals interface {
	// LockedInDeals is the part of a miner's locked space that still counts
	// as idle space of the network.
	LockedInDeals(ctx *runtime.Context, miner substrate.AccountID) scale.U128
}

// Treasury is what this pallet needs of the money of miners. An error leaves
// the books as they were.
type Treasury interface {
	RoundReward(ctx *runtime.Context, era uint32) (total, allocated types.Balance)
	TakeRoundReward(ctx *runtime.Context, era uint32, x types.Balance) error
	AddReward(ctx *runtime.Context, x types.Balance) error
	Pay(ctx *runtime.Context, to substrate.AccountID, x types.Balance) error
	CollectPunishment(ctx *runtime.Context, from substrate.AccountID, x types.Balance) error
	RefundPunishment(ctx *runtime.Context, to substrate.AccountID, x types.Balance) error
}

// Eras is what this pallet needs of staking.
type Eras interface {
	// CurrentEra is the planned era, which is ahead of the active one during
	// the active one's last session.
	CurrentEra(ctx *runtime.Context) uint32
}

// Workers is what this pallet needs of TEE workers.
type Workers interface {
	// VerifyMaster says whether a master key of the network signed digest.
	VerifyMaster(ctx *runtime.Context, sig types.TEESignature, digest [32]byte) bool
	// Worked notes that a registered worker did something.
	Worked(ctx *runtime.Context, tee types.WorkerPublicKey)
}

// Agenda is what this pallet needs of the scheduler.
type Agenda interface {
	ScheduleNamed(ctx *runtime.Context, id [32]byte, at types.BlockNumber, priority uint8, origin runtime.Origin, call runtime.RuntimeCall) error
	CancelNamed(ctx *runtime.Context, id [32]byte) error
}

// Fragments lists the tagged fragments of every miner by name; the bloom
// filter in the miner's record only counts them.
type Fragments interface {
	Add(ctx *runtime.Context, miner substrate.AccountID, fragments []types.Hash) error
	Remove(ctx *runtime.Context, miner substrate.AccountID, fragments []types.Hash) error
	// All lists the digests of a miner's fragments and how often it was given
	// each.
	All(ctx *runtime.Context, miner substrate.AccountID) iter.Seq2[[32]byte, uint32]
}

// Reservoir is what this pallet needs of the pool that stakes for miners. The
// books of the pool say which part of a user's deposit or loan is pledged; the
// tokens are reserved on the pool's account.
type Reservoir interface {
	// CheckQualification returns Insufficient unless the miner may pledge x.
	CheckQualification(ctx *runtime.Context, miner substrate.AccountID, x types.Balance) error
	// Staking pledges x and reserves it on the pool's account.
	Staking(ctx *runtime.Context, miner substrate.AccountID, x types.Balance) error
	// Redeem ends a pledge in the books, and leaves the tokens alone.
	Redeem(ctx *runtime.Context, miner substrate.AccountID, x types.Balance) error
	// Punish takes a pledge off the books, and leaves the tokens alone.
	Punish(ctx *runtime.Context, miner substrate.AccountID, x types.Balance) error
	// Restore undoes Punish.
	Restore(ctx *runtime.Context, miner substrate.AccountID, x types.Balance) error
}

// Uses are the other pallets that this one uses. A chain without reservoir or
// without a list of fragments leaves those nil.
type Uses struct {
	Currency  Currency
	Totals    Totals
	Deals     Deals
	Treasury  Treasury
	Eras      Eras
	Workers   Workers
	Agenda    Agenda
	Fragments Fragments
	Reservoir Reservoir
}

var use Uses // set by Wire

// Wire names what this pallet uses of others.
func Wire(u Uses) { use = u }
