package reservoir

import "github.com/gocess/gocess/ledger/types"

// FillingEvent reports funds given to the project, in planck.
type FillingEvent struct {
	Amount types.Balance `type:"BalanceOf<T>"`
}

// StoreEvent reports a deposit, in planck.
type StoreEvent struct {
	Amount types.Balance `type:"BalanceOf<T>"`
}

// WithdrawEvent reports a deposit taken back, in planck.
type WithdrawEvent struct {
	Amount types.Balance `type:"BalanceOf<T>"`
}

// RootWithdrawEvent reports funds that the project took out, in planck.
type RootWithdrawEvent struct {
	Amount types.Balance `type:"BalanceOf<T>"`
}

// CreateEventEvent reports a new event.
type CreateEventEvent struct {
	ID EventID `type:"BoundedVec<u8, T::IdLength>"`
}

// AttendEventEvent reports a loan at an event.
type AttendEventEvent struct {
	ID EventID `type:"BoundedVec<u8, T::IdLength>"`
}

// EventExpiredEvent reports an event that ended.
type EventExpiredEvent struct {
	ID EventID `type:"BoundedVec<u8, T::IdLength>"`
}
