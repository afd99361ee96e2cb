package evmaccountmapping

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// ServiceFeePaidEvent reports the burnt service fee.
type ServiceFeePaidEvent struct {
	Who         substrate.AccountID `type:"T::AccountId"`
	ActualFee   types.Balance       `type:"BalanceOf<T>"`
	ExpectedFee types.Balance       `type:"BalanceOf<T>"`
}

// TransactionFeePaidEvent reports the fee for the inner call, tip included, and
// the tip.
type TransactionFeePaidEvent struct {
	Who       substrate.AccountID `type:"T::AccountId"`
	ActualFee types.Balance       `type:"PaymentBalanceOf<T>"`
	Tip       types.Balance       `type:"PaymentBalanceOf<T>"`
}

// CallDoneEvent carries the outcome of the inner call.
type CallDoneEvent struct {
	Who        substrate.AccountID          `type:"T::AccountId"`
	CallResult substrate.PostDispatchResult `type:"DispatchResultWithPostInfo"`
}
