package preimage

import (
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Currency holds the deposits.
type Currency interface {
	Hold(ctx *runtime.Context, who substrate.AccountID, why balances.HoldReason, x types.Balance) error
	Release(ctx *runtime.Context, who substrate.AccountID, why balances.HoldReason, x types.Balance) (types.Balance, error)
}

// currency is set by Wire.
var currency Currency

// Wire names what this pallet uses of others.
func Wire(c Currency) { currency = c }

var holdReason = balances.HoldPreimage{Reason: balances.HoldPreimageDeposit}

// depositFor is BaseDeposit + ByteDeposit per byte.
func depositFor(ctx *runtime.Context, length uint32) types.Balance {
	return ByteDeposit.Get(ctx).SaturatingMul(scale.U128From64(uint64(length))).SaturatingAdd(BaseDeposit.Get(ctx))
}

func noteAgainstDeposit(ctx *runtime.Context, who substrate.AccountID, hash substrate.H256, bytes []byte) error {
	length := uint32(len(bytes))
	x := depositFor(ctx, length)
	if err := currency.Hold(ctx, who, holdReason, x); err != nil {
		return err
	}
	Statuses.Put(ctx, hash, Unrequested{Ticket: Deposit{who, HoldConsideration{x}}, Len: length})
	store(ctx, hash, bytes)
	return nil
}

func refund(ctx *runtime.Context, d Deposit) error {
	_, err := currency.Release(ctx, d.Owner, holdReason, d.Ticket.Amount)
	return err
}

func store(ctx *runtime.Context, hash substrate.H256, bytes []byte) {
	Preimages.Put(ctx, Key{hash, uint32(len(bytes))}, bytes)
	ctx.Emit(NotedEvent{Hash: hash})
}

func clearBytes(ctx *runtime.Context, hash substrate.H256, length uint32) {
	Preimages.Delete(ctx, Key{hash, length})
	Statuses.Delete(ctx, hash)
	ctx.Emit(ClearedEvent{Hash: hash})
}

// unnote takes the deposit off a preimage. Only its owner may, or, with none
// named, root; root's call on one without a deposit takes a request back.
func unnote(ctx *runtime.Context, hash substrate.H256, owner scale.Option[substrate.AccountID]) error {
	status, ok := Statuses.Get(ctx, hash)
	if !ok {
		return ErrNotNoted
	}
	mayTouch := func(d Deposit) bool { who, named := owner.Get(); return !named || who == d.Owner }
	switch s := status.(type) {
	case Unrequested:
		if !mayTouch(s.Ticket) {
			return ErrNotAuthorized
		}
		clearBytes(ctx, hash, s.Len)
		return refund(ctx, s.Ticket)
	case Requested:
		ticket, paid := s.MaybeTicket.Get()
		switch {
		case !paid && owner.IsSome(), paid && !mayTouch(ticket):
			return ErrNotAuthorized
		case !paid:
			return API{}.Unrequest(ctx, hash)
		}
		s.MaybeTicket = scale.None[Deposit]()
		Statuses.Put(ctx, hash, s)
		return refund(ctx, ticket)
	}
	return ErrNotNoted
}
