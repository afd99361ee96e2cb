package storagehandler

import (
	"encoding/json"
	"errors"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// Genesis is what a chain starts with.
type Genesis struct {
	// Price of one GiB for one day, in planck; 30 planck unless set.
	Price types.Balance `json:"price"`
}

// storageVersion is upstream's version of the layout; metadata does not list
// it.
var storageVersion = runtime.NewValue[uint16](name, ":__STORAGE_VERSION__:")

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	g := Genesis{Price: scale.U128From64(30)}
	if err := types.DecodeGenesis(raw, &g); err != nil {
		return err
	}
	if OneDay.Get(ctx) == 0 {
		return errors.New("StorageHandler.OneDay is 0 blocks")
	}
	storageVersion.Put(ctx, 1)
	UnitPrice.Put(ctx, g.Price)
	// Clients read the totals as plain values, so that they must exist even
	// when zero. Miners that are in service from genesis have counted already.
	TotalIdleSpace.Put(ctx, TotalIdleSpace.Get(ctx))
	TotalServiceSpace.Put(ctx, TotalServiceSpace.Get(ctx))
	PurchasedSpace.Put(ctx, PurchasedSpace.Get(ctx))
	return nil
}
