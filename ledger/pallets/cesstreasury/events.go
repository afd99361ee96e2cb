package cesstreasury

import "github.com/gocess/gocess/ledger/types"

// DepositEvent reports an era's payout to miners, in planck.
type DepositEvent struct {
	Balance types.Balance `type:"BalanceOf<T>"`
}
