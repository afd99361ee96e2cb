package treasury

import (
	"math"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/origins"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Spend approves a payment that anybody may trigger; root.
type Spend struct {
	AssetKind   AssetKind                       `type:"Box<T::AssetKind>"`
	Amount      types.Balance                   `scale:",compact" type:"AssetBalanceOf<T, I>"`
	Beneficiary substrate.MultiAddress          `type:"Box<BeneficiaryLookupOf<T, I>>"`
	ValidFrom   scale.Option[types.BlockNumber] `type:"Option<BlockNumberFor<T>>"` // now, if none
}

// Dispatch emits AssetSpendApproved. Assets other than the native token have
// no price here, so that they cannot be spent.
func (c Spend) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	who, err := system.Lookup(ctx, c.Beneficiary)
	if err != nil {
		return err
	}
	from := c.ValidFrom.Or(ctx.BlockNumber())
	until := after(from, PayoutPeriod.Get(ctx))
	if until <= ctx.BlockNumber() {
		return ErrSpendExpired
	}
	if c.AssetKind != NativeAsset {
		return ErrFailedToConvertBalance
	}
	i := SpendCount.Get(ctx)
	Spends.Put(ctx, i, SpendStatus{
		AssetKind: c.AssetKind, Amount: c.Amount, Beneficiary: who,
		ValidFrom: from, ExpireAt: until, Status: PaymentPending{},
	})
	SpendCount.Put(ctx, i+1)
	ctx.Emit(AssetSpendApprovedEvent{
		Index: i, AssetKind: c.AssetKind, Amount: c.Amount, Beneficiary: who, ValidFrom: from, ExpireAt: until,
	})
	return nil
}

// after is the block that lies so many blocks ahead, or the last one there is.
func after(start, blocks types.BlockNumber) types.BlockNumber {
	if blocks > math.MaxUint32-start {
		return math.MaxUint32
	}
	return start + blocks
}

// Payout pays an approved spend; any account.
type Payout struct {
	Index uint32 `type:"SpendIndex"`
}

// Dispatch emits Paid. It fails with PayoutError, and may be tried again, when
// the treasury has too little or the beneficiary does not exist and gets less
// than the existential deposit.
func (c Payout) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	s, ok := Spends.Get(ctx, c.Index)
	if !ok {
		return ErrInvalidIndex
	}
	switch now := ctx.BlockNumber(); {
	case now < s.ValidFrom:
		return ErrEarlyPayout
	case now >= s.ExpireAt:
		return ErrSpendExpired
	case attempted(s):
		return ErrAlreadyAttempted
	}
	if err := currency.Transfer(ctx, Pot(ctx), s.Beneficiary, s.Amount, balances.KeepAlive); err != nil {
		return ErrPayoutError
	}
	s.Status = PaymentAttempted{}
	s.ExpireAt = after(ctx.BlockNumber(), PayoutPeriod.Get(ctx))
	Spends.Put(ctx, c.Index, s)
	ctx.Emit(PaidEvent{Index: c.Index})
	return nil
}

func attempted(s SpendStatus) bool {
	_, ok := s.Status.(PaymentAttempted)
	return ok
}

// CheckStatus forgets a spend that is paid or has expired; any account. It is
// free if it does.
type CheckStatus struct {
	Index uint32 `type:"SpendIndex"`
}

// Dispatch emits SpendProcessed. What is paid is final, so that there is
// nothing to wait for.
func (c CheckStatus) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	s, ok := Spends.Get(ctx, c.Index)
	if !ok {
		return ErrInvalidIndex
	}
	if !attempted(s) && ctx.BlockNumber() <= s.ExpireAt {
		return ErrNotAttempted
	}
	Spends.Delete(ctx, c.Index)
	ctx.Emit(SpendProcessedEvent(c))
	ctx.WaiveFee()
	return nil
}

// VoidSpend takes back a spend that is not paid; root, or more than half of
// the council.
type VoidSpend struct {
	Index uint32 `type:"SpendIndex"`
}

// Dispatch emits AssetSpendVoided.
func (c VoidSpend) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origins.RootOrHalfCouncil(origin); err != nil {
		return err
	}
	s, ok := Spends.Get(ctx, c.Index)
	if !ok {
		return ErrInvalidIndex
	}
	if attempted(s) {
		return ErrAlreadyAttempted
	}
	Spends.Delete(ctx, c.Index)
	ctx.Emit(AssetSpendVoidedEvent(c))
	return nil
}
