package balances

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrVestingBalance          = runtime.NewError(index, 0, "VestingBalance")
	ErrLiquidityRestrictions   = runtime.NewError(index, 1, "LiquidityRestrictions") // locks forbid the withdrawal
	ErrInsufficientBalance     = runtime.NewError(index, 2, "InsufficientBalance")
	ErrExistentialDeposit      = runtime.NewError(index, 3, "ExistentialDeposit") // the amount is too small to create the account
	ErrExpendability           = runtime.NewError(index, 4, "Expendability")      // the account would be reaped
	ErrExistingVestingSchedule = runtime.NewError(index, 5, "ExistingVestingSchedule")
	ErrDeadAccount             = runtime.NewError(index, 6, "DeadAccount") // the beneficiary does not exist
	ErrTooManyReserves         = runtime.NewError(index, 7, "TooManyReserves")
	ErrTooManyHolds            = runtime.NewError(index, 8, "TooManyHolds")
	ErrTooManyFreezes          = runtime.NewError(index, 9, "TooManyFreezes")
	ErrIssuanceDeactivated     = runtime.NewError(index, 10, "IssuanceDeactivated") // issuance cannot change by so much
	ErrDeltaZero               = runtime.NewError(index, 11, "DeltaZero")
)
