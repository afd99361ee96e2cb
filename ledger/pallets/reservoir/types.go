package reservoir

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// EventID is an event's name; arbitrary bytes.
type EventID = scale.BoundedVec[byte, IDBound]

// Info are the totals of the pool, in planck.
type Info struct {
	FreeBalance   types.Balance `type:"Balance"` // the project's, not lent
	BorrowBalance types.Balance `type:"Balance"` // the project's, lent
	StoreBalance  types.Balance `type:"Balance"` // the users'
}

// ScaleType is upstream's `ReservoirInfo`.
func (Info) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_reservoir::types::ReservoirInfo", Params: balanceParam}
}

// Borrow is a loan, in planck: what is pledged and what is not. It lapses at
// the block Deadline.
type Borrow struct {
	Free     types.Balance       `type:"BalanceOf<T>"`
	Lender   substrate.AccountID `type:"AccountOf<T>"`
	Staking  types.Balance       `type:"BalanceOf<T>"`
	Deadline types.BlockNumber   `type:"BlockNumberFor<T>"`
}

// ScaleType is upstream's `BorrowInfo`.
func (Borrow) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_reservoir::types::BorrowInfo", Params: []scale.Param{{Name: "T"}}}
}

// Hold is a deposit, in planck: what is not pledged and what is.
type Hold struct {
	Free    types.Balance `type:"Balance"`
	Staking types.Balance `type:"Balance"`
}

// ScaleType is upstream's `UserHold`.
func (Hold) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_reservoir::types::UserHold", Params: balanceParam}
}

// Event lends UnitAmount planck to Quota users for BorrowPeriod blocks.
// Deadline is how many blocks the event lasts.
type Event struct {
	Quota        uint32            `type:"u32"`
	Deadline     types.BlockNumber `type:"BlockNumberFor<T>"`
	UnitAmount   types.Balance     `type:"BalanceOf<T>"`
	BorrowPeriod types.BlockNumber `type:"BlockNumberFor<T>"`
	UseType      UseType           `type:"UseType"`
}

// ScaleType is upstream's `EventInfo`.
func (Event) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_reservoir::types::EventInfo", Params: []scale.Param{{Name: "T"}}}
}

// UseType says what a loan is for.
type UseType uint8

// MinerStaking is the only UseType.
const MinerStaking UseType = 0

func (UseType) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_reservoir::types::UseType", Variants: []scale.VariantInfo{
		{Index: 0, Name: "MinerStaking"},
	}}
}

// loss is what a user was punished by, of its deposit and of its loan.
type loss struct{ Deposit, Loan types.Balance }

var balanceParam = []scale.Param{{Name: "Balance", Type: scale.TypeOf[types.Balance]()}}

const (
	maxID     = 64
	maxEvents = 32
)

// Bounds, checked while decoding.
type (
	IDBound    struct{}
	EventBound struct{}
)

func (IDBound) Max() int    { return maxID }
func (EventBound) Max() int { return maxEvents }
