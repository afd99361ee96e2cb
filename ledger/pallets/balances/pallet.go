// Package balances keeps the native token: issuance, transfers, reserves and
// locks. Free, reserved and frozen amounts live in `System.Account`; amounts
// are in planck, 10^18 to the token.
package balances

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "Balances"
	index = 6
)

// Storage.
var (
	// TotalIssuance is the sum of all accounts, in planck.
	TotalIssuance = runtime.NewValue[types.Balance](name, "TotalIssuance")

	// InactiveIssuance is the part of TotalIssuance that does not vote, in
	// planck.
	InactiveIssuance = runtime.NewValue[types.Balance](name, "InactiveIssuance")

	// Accounts is unused: balances live in System.Account. Clients expect the
	// entry.
	Accounts = runtime.NewMap[substrate.AccountID, system.AccountData](
		name, "Account", runtime.Blake2_128Concat, runtime.Default(system.DefaultAccountData))

	// Locks are the locks of an account. They overlap: the largest counts.
	Locks = runtime.NewMap[substrate.AccountID, scale.WeakBoundedVec[Lock, LockBound]](
		name, "Locks", runtime.Blake2_128Concat)

	// Reserves are the named reserves of an account, sorted by identifier;
	// part of its reserved balance.
	Reserves = runtime.NewMap[substrate.AccountID, scale.BoundedVec[Reserve, ReserveBound]](
		name, "Reserves", runtime.Blake2_128Concat)

	// Holds are the holds of an account, by reason; part of its reserved
	// balance.
	Holds = runtime.NewMap[substrate.AccountID, scale.BoundedVec[IDAmount[HoldReason], HoldBound]](
		name, "Holds", runtime.Blake2_128Concat)

	// Freezes are the freezes of an account, by reason.
	Freezes = runtime.NewMap[substrate.AccountID, scale.BoundedVec[IDAmount[FreezeReason], FreezeBound]](
		name, "Freezes", runtime.Blake2_128Concat)
)

// Constants, with the values of the reference network.
var (
	ExistentialDeposit = runtime.NewConstant(name, "ExistentialDeposit", types.Tokens(1)) // planck; an account with less is reaped
	MaxLocks           = runtime.NewConstant[uint32](name, "MaxLocks", maxLocks)          // per account
	MaxReserves        = runtime.NewConstant[uint32](name, "MaxReserves", maxReserves)    // named reserves per account
	MaxFreezes         = runtime.NewConstant[uint32](name, "MaxFreezes", 0)               // per account
)

// instance are the type parameters of a pallet that may occur several times.
var instance = []scale.Param{{Name: "T"}, {Name: "I"}}

// Pallet is the declaration page of Balances: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:  name,
	Index: index,
	Storage: []runtime.StorageItem{
		TotalIssuance,
		InactiveIssuance,
		Accounts,
		Locks,
		Reserves,
		Holds,
		Freezes,
	},
	Calls: runtime.Calls("pallet_balances::pallet::Call",
		runtime.NewCall[TransferAllowDeath](0, "transfer_allow_death", runtime.Work(3, 2)),
		runtime.NewCall[ForceTransfer](2, "force_transfer", runtime.Work(4, 3)),
		runtime.NewCall[TransferKeepAlive](3, "transfer_keep_alive", runtime.Work(3, 2)),
		runtime.NewCall[TransferAll](4, "transfer_all", runtime.Work(4, 2)),
		runtime.NewCall[ForceUnreserve](5, "force_unreserve", runtime.Work(2, 1)),
		runtime.NewCall[UpgradeAccounts](6, "upgrade_accounts", runtime.Work(1, 0)),
		runtime.NewCall[ForceSetBalance](8, "force_set_balance", runtime.Work(3, 2)),
		runtime.NewCall[ForceAdjustTotalIssuance](9, "force_adjust_total_issuance", runtime.Work(2, 1)),
		runtime.NewCall[Burn](10, "burn", runtime.Work(3, 2)),
	).WithParams(instance...),
	Events: runtime.Events("pallet_balances::pallet::Event",
		runtime.Event[EndowedEvent](0, "Endowed"),
		runtime.Event[DustLostEvent](1, "DustLost"),
		runtime.Event[TransferEvent](2, "Transfer"),
		runtime.Event[BalanceSetEvent](3, "BalanceSet"),
		runtime.Event[ReservedEvent](4, "Reserved"),
		runtime.Event[UnreservedEvent](5, "Unreserved"),
		runtime.Event[ReserveRepatriatedEvent](6, "ReserveRepatriated"),
		runtime.Event[DepositEvent](7, "Deposit"),
		runtime.Event[WithdrawEvent](8, "Withdraw"),
		runtime.Event[SlashedEvent](9, "Slashed"),
		runtime.Event[MintedEvent](10, "Minted"),
		runtime.Event[BurnedEvent](11, "Burned"),
		runtime.Event[SuspendedEvent](12, "Suspended"),
		runtime.Event[RestoredEvent](13, "Restored"),
		runtime.Event[UpgradedEvent](14, "Upgraded"),
		runtime.Event[IssuedEvent](15, "Issued"),
		runtime.Event[RescindedEvent](16, "Rescinded"),
		runtime.Event[LockedEvent](17, "Locked"),
		runtime.Event[UnlockedEvent](18, "Unlocked"),
		runtime.Event[FrozenEvent](19, "Frozen"),
		runtime.Event[ThawedEvent](20, "Thawed"),
		runtime.Event[TotalIssuanceForcedEvent](21, "TotalIssuanceForced"),
	).WithParams(instance...),
	Errors: runtime.Errors("pallet_balances::pallet::Error",
		ErrVestingBalance, ErrLiquidityRestrictions, ErrInsufficientBalance,
		ErrExistentialDeposit, ErrExpendability, ErrExistingVestingSchedule, ErrDeadAccount,
		ErrTooManyReserves, ErrTooManyHolds, ErrTooManyFreezes, ErrIssuanceDeactivated,
		ErrDeltaZero,
	).WithParams(instance...),
	Constants: []runtime.ConstantItem{
		ExistentialDeposit, MaxLocks, MaxReserves, MaxFreezes,
	},
	Genesis: genesis,
}
