package transactionpayment

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// TransactionFeePaidEvent reports the fee, tip included, and the tip; it
// precedes the event that closes the extrinsic.
type TransactionFeePaidEvent struct {
	Who       substrate.AccountID `type:"T::AccountId"`
	ActualFee types.Balance       `type:"BalanceOf<T>"`
	Tip       types.Balance       `type:"BalanceOf<T>"`
}
