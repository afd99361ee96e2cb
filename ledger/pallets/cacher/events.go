package cacher

import "github.com/gocess/gocess/primitives/substrate"

// RegisterEvent reports a new cacher.
type RegisterEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Info    Info                `type:"CacherInfo<AccountOf<T>, BalanceOf<T>>"`
}

// UpdateEvent reports a cacher's new record.
type UpdateEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Info    Info                `type:"CacherInfo<AccountOf<T>, BalanceOf<T>>"`
}

// LogoutEvent reports a cacher that left the register.
type LogoutEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
}

// PayEvent reports who paid which bills.
type PayEvent struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Bills   Bills               `type:"BoundedVec<Bill<AccountOf<T>, BalanceOf<T>, T::Hash>, T::\nBillsLimit>"`
}
