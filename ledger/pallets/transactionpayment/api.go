package transactionpayment

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Currency is what this pallet needs of the native token.
type Currency interface {
	Reducible(ctx *runtime.Context, who substrate.AccountID, keep balances.Existence) types.Balance
	Withdraw(ctx *runtime.Context, who substrate.AccountID, x types.Balance, keep balances.Existence) error
	Deposit(ctx *runtime.Context, who substrate.AccountID, x types.Balance) error
	Destroy(ctx *runtime.Context, x types.Balance)
}

// Authors finds who wrote the block that runs.
type Authors interface {
	Author(ctx *runtime.Context) (substrate.AccountID, bool)
}

// API is how the runtime charges for extrinsics. Treasury receives its share
// of fees and tips.
type API struct {
	Currency Currency
	Authors  Authors
	Treasury substrate.AccountID
}

var _ runtime.Payment = API{}

// treasuryPercent of fees and tips goes to the treasury, the rest to the
// author (spec/consensus.md §6.1).
const treasuryPercent = 80

// CanPay returns InvalidPayment unless the signer could pay the whole fee and
// live on.
func (a API) CanPay(ctx *runtime.Context, c *runtime.Checked) error {
	if a.Currency.Reducible(ctx, c.Signer, balances.KeepAlive).Less(a.fee(ctx, c, c.Info)) {
		return substrate.InvalidPayment
	}
	return nil
}

// Withdraw takes the fee before the call runs.
func (a API) Withdraw(ctx *runtime.Context, c *runtime.Checked) error {
	if err := a.Currency.Withdraw(ctx, c.Signer, a.fee(ctx, c, c.Info), balances.KeepAlive); err != nil {
		return substrate.InvalidPayment
	}
	return nil
}

// Settle refunds what a call that turned out free had paid, hands the fee out
// and emits TransactionFeePaid.
func (a API) Settle(ctx *runtime.Context, c *runtime.Checked, info substrate.DispatchInfo) {
	taken, due := a.fee(ctx, c, c.Info), a.fee(ctx, c, info)
	refund := taken.SaturatingSub(due)
	if err := a.Currency.Deposit(ctx, c.Signer, refund); err != nil {
		// The call emptied the payer's account and it is gone: too little to
		// bring it back, so it is paid out with the fee.
		due = taken
	}
	a.PayOut(ctx, due, c.Extra.Tip)
	ctx.Emit(TransactionFeePaidEvent{Who: c.Signer, ActualFee: due, Tip: c.Extra.Tip})
}

// PayOut shares what was paid, tip included, between the treasury and the
// author.
func (a API) PayOut(ctx *runtime.Context, fee, _ types.Balance) {
	treasury, _ := scale.MulDiv(fee, scale.U128From64(treasuryPercent), scale.U128From64(100))
	a.give(ctx, a.Treasury, treasury)
	rest := fee.SaturatingSub(treasury)
	if author, ok := a.Authors.Author(ctx); ok {
		a.give(ctx, author, rest)
	} else {
		a.Currency.Destroy(ctx, rest)
	}
}

// give destroys what an account that does not exist is too small to receive.
func (a API) give(ctx *runtime.Context, to substrate.AccountID, x types.Balance) {
	if err := a.Currency.Deposit(ctx, to, x); err != nil {
		a.Currency.Destroy(ctx, x)
	}
}

// Priority is the tip for each part of a block that the extrinsic takes, so
// that filling a block with the highest priorities earns the most.
// Operational calls have a virtual tip on top.
func (a API) Priority(ctx *runtime.Context, c *runtime.Checked) uint64 {
	const normalRefTime, normalLength = 1_500_000_000_000, 3_932_160
	refTime := max(1, min(c.Info.Weight.RefTime, normalRefTime))
	length := max(1, min(uint64(c.Length()), normalLength))
	perBlock := min(normalRefTime/refTime, normalLength/length)
	tip := c.Extra.Tip.SaturatingAdd(scale.U128From64(1))
	value := tip.SaturatingMul(scale.U128From64(perBlock))
	if c.Info.Class == substrate.Operational {
		virtual := a.fee(ctx, c, c.Info).SaturatingMul(scale.U128From64(uint64(OperationalFeeMultiplier.Get(ctx))))
		value = value.SaturatingAdd(virtual.SaturatingMul(scale.U128From64(perBlock)))
	}
	if v, ok := value.Uint64(); ok {
		return v
	}
	return ^uint64(0)
}
