package evmaccountmapping

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

// Fees prices calls as those of extrinsics and hands fees out.
type Fees interface {
	InclusionFee(ctx *runtime.Context, length int, info substrate.DispatchInfo) (runtime.InclusionFee, bool)
	PayOut(ctx *runtime.Context, paid, tip types.Balance)
}

// Set by Wire.
var (
	currency Currency
	fees     Fees
)

// Wire names what this pallet uses of others.
func Wire(c Currency, f Fees) { currency, fees = c, f }

var noTip types.Balance

// MetaCall makes a call as the account whose Ethereum key signed it; see
// Domain.Digest for what is signed.
type MetaCall struct {
	Who       substrate.AccountID         `type:"T::AccountId"`
	Call      runtime.RuntimeCall         `type:"Box<<T as Config>::RuntimeCall>"`
	Nonce     uint64                      `type:"Nonce"`
	Signature [65]byte                    `type:"EIP712Signature"` // r ‖ s ‖ v
	Tip       scale.Option[types.Balance] `type:"Option<PaymentBalanceOf<T>>"`
}

// Dispatch emits ServiceFeePaid, CallDone with the inner call's outcome, and
// TransactionFeePaid. It succeeds whatever the inner call does; the signature
// was checked before (rules). That both fees can be paid is checked before
// anything is taken.
func (c MetaCall) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.None(); err != nil {
		return err
	}
	if !c.payable(ctx) {
		return ErrPayment
	}
	service, taken := ServiceFee.Get(ctx), c.fee(ctx, c.Call.Info())
	if err := currency.Withdraw(ctx, c.Who, service, balances.KeepAlive); err != nil {
		return ErrPayment
	}
	currency.Destroy(ctx, service)
	ctx.Emit(ServiceFeePaidEvent{Who: c.Who, ActualFee: service, ExpectedFee: service})
	if Nonces.Get(ctx, c.Who) != c.Nonce {
		return ErrNonce
	}
	Nonces.Put(ctx, c.Who, c.Nonce+1)
	if err := currency.Withdraw(ctx, c.Who, taken, balances.KeepAlive); err != nil {
		return ErrPayment
	}
	post, err := ctx.DispatchPost(c.Call.Call, runtime.SignedOrigin(c.Who))
	ctx.Emit(CallDoneEvent{Who: c.Who, CallResult: resultOf(post, err)})
	c.settle(ctx, taken, c.fee(ctx, runtime.ActualInfo(c.Call.Info(), post)))
	return nil
}

// settle refunds what was taken too much and hands the rest out.
func (c MetaCall) settle(ctx *runtime.Context, taken, due types.Balance) {
	if err := currency.Deposit(ctx, c.Who, taken.SaturatingSub(due)); err != nil {
		// The call emptied the account and it is gone: too little to bring it
		// back, so it is paid out with the fee.
		due = taken
	}
	fees.PayOut(ctx, due, c.Tip.Or(noTip))
	ctx.Emit(TransactionFeePaidEvent{Who: c.Who, ActualFee: due, Tip: c.Tip.Or(noTip)})
}

// fee is what the inner call costs as an extrinsic of its own length, tip
// included, in planck.
func (c MetaCall) fee(ctx *runtime.Context, info substrate.DispatchInfo) types.Balance {
	inclusion, _ := fees.InclusionFee(ctx, c.length(), info)
	return inclusion.Total().SaturatingAdd(c.Tip.Or(noTip))
}

// length is the size of the inner call, in bytes.
func (c MetaCall) length() int {
	raw, err := scale.Marshal(c.Call)
	if err != nil {
		return 0 // not from the wire: nothing that decodes fails to encode
	}
	return len(raw)
}

func resultOf(post substrate.PostDispatchInfo, err error) substrate.PostDispatchResult {
	if err != nil {
		return scale.Err[substrate.PostDispatchInfo](substrate.DispatchErrorWithPostInfo{
			PostInfo: post, Err: runtime.DispatchErrorOf(err),
		})
	}
	return scale.Ok[substrate.PostDispatchInfo, substrate.DispatchErrorWithPostInfo](post)
}

// DispatchInfo is that of the inner call, the recovery of the signer and the
// payments.
func (c MetaCall) DispatchInfo() substrate.DispatchInfo {
	info := c.Call.Info()
	weight := info.Weight.Add(runtime.WorkWeight(5, 5))
	weight.RefTime += recoveryRefTime
	return substrate.DispatchInfo{Weight: weight, Class: info.Class}
}

// recoveryRefTime covers the recovery of a public key, in picoseconds.
const recoveryRefTime = 150_000_000
