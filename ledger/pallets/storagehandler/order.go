package storagehandler

import (
	"encoding/binary"
	"math"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// extra is where the pallet keeps what upstream does not have; metadata does
// not list it.
const extra = "StorageHandlerExtra"

// orderAgenda lists the orders in the order in which they are removed.
// Upstream keeps them for ever (spec/pallets-storage.md §12, B9).
var orderAgenda = runtime.NewOptionalMap[orderRemoval, bool](extra, "OrderAgenda", runtime.Identity)

// orderRemoval sorts orders by block: it is big-endian.
type orderRemoval struct {
	Block [4]byte
	ID    OrderID
}

// removalOf is a day after the order expires, so that a payer who is late
// learns why.
func removalOf(ctx *runtime.Context, id OrderID, expires types.BlockNumber) orderRemoval {
	at := expires + min(OneDay.Get(ctx), math.MaxUint32-expires)
	r := orderRemoval{ID: id}
	binary.BigEndian.PutUint32(r.Block[:], at)
	return r
}

func putOrder(ctx *runtime.Context, id OrderID, o Order) {
	PayOrders.Put(ctx, id, o)
	orderAgenda.Put(ctx, removalOf(ctx, id, o.Expires), true)
}

func dropOrder(ctx *runtime.Context, id OrderID, expires types.BlockNumber) {
	PayOrders.Delete(ctx, id)
	orderAgenda.Delete(ctx, removalOf(ctx, id, expires))
}

// pruneLimit is how many orders one block removes.
const pruneLimit = 100

// onInitialize removes old orders.
func onInitialize(ctx *runtime.Context) {
	left := pruneLimit
	for due := range orderAgenda.Iter(ctx) {
		if left == 0 || binary.BigEndian.Uint32(due.Block[:]) > ctx.BlockNumber() {
			return
		}
		left--
		orderAgenda.Delete(ctx, due)
		PayOrders.Delete(ctx, due.ID)
	}
}

// quote checks what the direct call would check and prices the order.
func (o *Order) quote(ctx *runtime.Context) (types.Balance, error) {
	if o.OrderType == OrderBuy {
		return quoteLease(ctx, o.TargetAccount, o.TerritoryName, o.GiBCount, o.Days)
	}
	t, err := territory(ctx, o.TargetAccount, o.TerritoryName)
	if err != nil {
		return types.Balance{}, err
	}
	if o.OrderType == OrderExpansion {
		return quoteExpansion(ctx, &t, o.GiBCount)
	}
	return quoteRenewal(ctx, &t, o.Days)
}

// execute does what the order is for, without the payment. Expansion and
// renewal return InvalidOrder when they cost something else by now.
func (o *Order) execute(ctx *runtime.Context, payer substrate.AccountID) error {
	due, err := o.quote(ctx)
	if err != nil {
		return err
	}
	if o.OrderType == OrderBuy {
		_, err := lease(ctx, payer, o.TargetAccount, o.TerritoryName, o.GiBCount, o.Days)
		return err
	}
	if due != o.Pay {
		return ErrInvalidOrder
	}
	return Territories.Mutate(ctx, o.TargetAccount, o.TerritoryName, ErrNotHaveTerritory, func(t *Territory) error {
		if o.OrderType == OrderExpansion {
			return expand(ctx, t, o.GiBCount)
		}
		return extend(ctx, t, o.Days)
	})
}
