package balances

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// Identifier tells the locks, or the named reserves, of an account apart.
type Identifier = [8]byte

// Lock keeps an amount, in planck, from leaving the account.
type Lock struct {
	ID      Identifier    `type:"LockIdentifier"`
	Amount  types.Balance `type:"Balance"`
	Reasons Reasons       `type:"Reasons"`
}

func (Lock) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:   "pallet_balances::types::BalanceLock",
		Params: []scale.Param{{Name: "Balance", Type: scale.TypeOf[types.Balance]()}},
	}
}

// Reasons are the withdrawals that a lock forbids.
type Reasons uint8

// The values of Reasons.
const (
	ReasonsFee  Reasons = 0
	ReasonsMisc Reasons = 1
	ReasonsAll  Reasons = 2
)

func (Reasons) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_balances::types::Reasons", Variants: []scale.VariantInfo{
		{Index: 0, Name: "Fee"},
		{Index: 1, Name: "Misc"},
		{Index: 2, Name: "All"},
	}}
}

// Reserve is a named part of the reserved balance, in planck.
type Reserve struct {
	ID     Identifier    `type:"ReserveIdentifier"`
	Amount types.Balance `type:"Balance"`
}

func (Reserve) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_balances::types::ReserveData", Params: []scale.Param{
		{Name: "ReserveIdentifier", Type: scale.TypeOf[Identifier]()},
		{Name: "Balance", Type: scale.TypeOf[types.Balance]()},
	}}
}

// AdjustmentDirection says which way the total issuance moves.
type AdjustmentDirection uint8

// The values of AdjustmentDirection.
const (
	Increase AdjustmentDirection = 0
	Decrease AdjustmentDirection = 1
)

func (AdjustmentDirection) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_balances::types::AdjustmentDirection", Variants: []scale.VariantInfo{
		{Index: 0, Name: "Increase"},
		{Index: 1, Name: "Decrease"},
	}}
}

// Limits per account.
const (
	maxLocks    = 50
	maxReserves = 50
)

// Bounds, checked while decoding.
type (
	LockBound    struct{}
	ReserveBound struct{}
	// HoldBound is the number of reasons in HoldReason: one hold each.
	HoldBound struct{}
	// FreezeBound is the number of reasons in FreezeReason, which has none.
	FreezeBound struct{}
)

func (LockBound) Max() int    { return maxLocks }
func (ReserveBound) Max() int { return maxReserves }
func (HoldBound) Max() int    { return 7 }
func (FreezeBound) Max() int  { return 0 }
