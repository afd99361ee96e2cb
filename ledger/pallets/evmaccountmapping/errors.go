package evmaccountmapping

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet. The rules for unsigned extrinsics keep calls that would
// fail with the last two out of blocks.
var (
	ErrUnexpected = runtime.NewError(index, 0, "Unexpected") // no call returns it
	ErrNonce      = runtime.NewError(index, 1, "NonceError")
	ErrPayment    = runtime.NewError(index, 2, "PaymentError") // the account cannot pay
)
