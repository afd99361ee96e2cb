package sminer

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

var faucetAccount = substrate.AccountOfPallet(types.FaucetPot)

// FaucetTopUp gives planck of the signer's to the faucet.
type FaucetTopUp struct {
	Award types.Balance `type:"BalanceOf<T>"`
}

// Dispatch emits FaucetTopUpMoney.
func (c FaucetTopUp) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if err := use.Currency.Transfer(ctx, who, faucetAccount, c.Award, balances.KeepAlive); err != nil {
		return err
	}
	ctx.Emit(FaucetTopUpMoneyEvent{Account: who})
	return nil
}

// Faucet pays FaucetValue to an account, once a day; the account on the
// whitelist signs.
type Faucet struct {
	To substrate.AccountID `type:"AccountOf<T>"`
}

// Dispatch emits DrawFaucetMoney. A claim that comes too early fails; the event
// that upstream deposits for it cannot outlive the call.
func (c Faucet) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	payer, ok := FaucetWhitelist.Get(ctx)
	if !ok {
		return ErrNotSetWhite
	}
	if who != payer {
		return ErrWrongOrigin
	}
	now, x := ctx.BlockNumber(), FaucetValue.Get(ctx)
	if record, again := FaucetRecords.Get(ctx, c.To); again {
		if uint64(now) < uint64(record.LastClaimTime)+uint64(OneDay.Get(ctx)) {
			return ErrLessThan24Hours
		}
		released, over := FaucetReleased.Get(ctx).AddOverflow(x)
		if over || MaximumRelease.Get(ctx).Less(released) {
			return ErrExceedRelease
		}
		FaucetReleased.Put(ctx, released)
	}
	if err := use.Currency.Transfer(ctx, faucetAccount, c.To, x, balances.KeepAlive); err != nil {
		return err
	}
	FaucetRecords.Put(ctx, c.To, FaucetRecord{LastClaimTime: now})
	ctx.Emit(DrawFaucetMoneyEvent{})
	return nil
}

// SetFaucetWhitelist names the account that may pay from the faucet; for Root.
type SetFaucetWhitelist struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
}

// Dispatch emits no event.
func (c SetFaucetWhitelist) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	FaucetWhitelist.Put(ctx, c.Account)
	return nil
}
