package storagehandler

import (
	"encoding/binary"
	"math"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// CreateOrder asks anybody to pay for a territory of TargetAccount. Expired
// counts units of 6 blocks.
type CreateOrder struct {
	TargetAccount substrate.AccountID `scale:"target_acc" type:"AccountOf<T>"`
	TerritoryName types.TerritoryName `type:"TerrName"`
	OrderType     OrderType           `type:"OrderType"`
	GiBCount      uint32              `scale:"gib_count" type:"u32"`
	Days          uint32              `type:"u32"`
	Expired       uint32              `type:"u32"`
}

// orderUnit is what Expired counts, in blocks.
const orderUnit = 6

// Dispatch emits CreatePayOrder. An order lives for less than OneHours and has
// the preconditions of the call that it stands for (spec/pallets-storage.md
// §12, B9).
func (c CreateOrder) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	if c.Expired > math.MaxUint32/orderUnit {
		return ErrOverflow
	}
	life, now := c.Expired*orderUnit, ctx.BlockNumber()
	switch {
	case life >= OneHour.Get(ctx):
		return ErrParam
	case life > math.MaxUint32-now:
		return ErrOverflow
	}
	order := Order{
		TerritoryName: c.TerritoryName, GiBCount: c.GiBCount, Days: c.Days,
		Expires: now + life, TargetAccount: c.TargetAccount, OrderType: c.OrderType,
	}
	if order.Pay, err = order.quote(ctx); err != nil {
		return err
	}
	id := newOrderID(ctx, who)
	putOrder(ctx, id, order)
	ctx.Emit(CreatePayOrderEvent{OrderHash: id})
	return nil
}

// newOrderID is random over `rewardpt` ‖ block ‖ signer
// (spec/pallets-storage.md §0.5).
func newOrderID(ctx *runtime.Context, who substrate.AccountID) OrderID {
	salt := RewardPalletID.Get(ctx)
	subject := binary.LittleEndian.AppendUint32(append([]byte(nil), salt[:]...), ctx.BlockNumber())
	id := randomness.Random(ctx, append(subject, who[:]...))
	return OrderID(id[:])
}

// ExecOrder pays for an order.
type ExecOrder struct {
	OrderID OrderID `type:"BoundedVec<u8, ConstU32<32>>"`
}

// Dispatch emits PaidOrder, and none of the events of the direct calls. An
// order can be paid once, before its Expires block.
func (c ExecOrder) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	order, ok := PayOrders.Get(ctx, c.OrderID)
	switch {
	case !ok:
		return ErrNoOrder
	case order.Expires <= ctx.BlockNumber():
		return ErrOrderExpired
	}
	if err := order.execute(ctx, who); err != nil {
		return err
	}
	if err := pay(ctx, who, order.Pay); err != nil {
		return err
	}
	dropOrder(ctx, c.OrderID, order.Expires)
	ctx.Emit(PaidOrderEvent{OrderHash: c.OrderID})
	return nil
}
