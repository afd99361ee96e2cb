package cesstreasury

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// SendFundsToPID gives planck of the signer's to the pot of punishments.
type SendFundsToPID struct {
	Funds types.Balance `type:"BalanceOf<T>"`
}

// Dispatch emits no event besides the transfer's.
func (c SendFundsToPID) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return send(ctx, origin, punishmentPot, c.Funds)
}

// SendFundsToSID gives planck of the signer's to the pot of leased space.
type SendFundsToSID struct {
	Funds types.Balance `type:"BalanceOf<T>"`
}

// Dispatch emits no event besides the transfer's.
func (c SendFundsToSID) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return send(ctx, origin, spacePot, c.Funds)
}

func send(ctx *runtime.Context, origin runtime.Origin, pot substrate.AccountID, x types.Balance) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	return currency.Transfer(ctx, who, pot, x, balances.KeepAlive)
}

// PIDBurnFunds destroys planck of the pot of punishments; for Root.
type PIDBurnFunds struct {
	Amount types.Balance `scale:"burn_amount" type:"BalanceOf<T>"`
}

// Dispatch fails when the pot has not as much, where upstream does nothing
// and reports success.
func (c PIDBurnFunds) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return burn(ctx, origin, punishmentPot, c.Amount)
}

// SIDBurnFunds destroys planck of the pot of leased space; for Root.
type SIDBurnFunds struct {
	Amount types.Balance `scale:"burn_amount" type:"BalanceOf<T>"`
}

// Dispatch fails when the pot has not as much, as PIDBurnFunds does.
func (c SIDBurnFunds) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return burn(ctx, origin, spacePot, c.Amount)
}

func burn(ctx *runtime.Context, origin runtime.Origin, pot substrate.AccountID, x types.Balance) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return currency.Burn(ctx, pot, x, balances.KeepAlive)
}

// PIDSendFunds pays planck out of the pot of punishments; for Root.
type PIDSendFunds struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Funds   types.Balance       `type:"BalanceOf<T>"`
}

// Dispatch emits no event besides the transfer's.
func (c PIDSendFunds) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return release(ctx, origin, punishmentPot, c.Account, c.Funds)
}

// SIDSendFunds pays planck out of the pot of leased space; for Root.
type SIDSendFunds struct {
	Account substrate.AccountID `scale:"acc" type:"AccountOf<T>"`
	Funds   types.Balance       `type:"BalanceOf<T>"`
}

// Dispatch emits no event besides the transfer's.
func (c SIDSendFunds) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return release(ctx, origin, spacePot, c.Account, c.Funds)
}

func release(ctx *runtime.Context, origin runtime.Origin, pot, to substrate.AccountID, x types.Balance) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return currency.Transfer(ctx, pot, to, x, balances.KeepAlive)
}
