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

// Treasury takes its share of fees and tips, which were withdrawn.
type Treasury interface {
	Receive(ctx *runtime.Context, x types.Balance)
}

// API is how the runtime charges for extrinsics.
type API struct {
	Currency Currency
	Authors  Authors
	Treasury Treasury
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
// author. The fee and the tip are split apart, each rounded down for the
// treasury. Without an author its part is destroyed, and so is one that is too
// small for an author who does not exist.
func (a API) PayOut(ctx *runtime.Context, paid, tip types.Balance) {
	tip = tip.Min(paid)
	treasury := treasuryShare(paid.SaturatingSub(tip)).SaturatingAdd(treasuryShare(tip))
	a.Treasury.Receive(ctx, treasury)
	rest := paid.SaturatingSub(treasury)
	author, ok := a.Authors.Author(ctx)
	if !ok || a.Currency.Deposit(ctx, author, rest) != nil {
		a.Currency.Destroy(ctx, rest)
	}
}

func treasuryShare(x types.Balance) types.Balance {
	share, _ := scale.MulDiv(x, scale.U128From64(treasuryPercent), scale.U128From64(100))
	return share
}

// Priority is the tip for each part of a block that the extrinsic takes, so
// that filling a block with the highest priorities earns the most.
// Operational calls have a virtual tip on top.
func (a API) Priority(ctx *runtime.Context, c *runtime.Checked) uint64 {
	maxLength := uint64(maxNormalLength)
	if c.Info.Class != substrate.Normal {
		maxLength = maxBlockLength
	}
	refTime := max(1, min(c.Info.Weight.RefTime, maxBlockRefTime))
	length := max(1, min(uint64(c.Length()), maxLength))
	perBlock := min(maxBlockRefTime/refTime, maxLength/length)
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
