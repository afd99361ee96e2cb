package authorship

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Validators finds the author among the validators of the parent state.
type Validators interface {
	Author(ctx *runtime.Context) (substrate.AccountID, bool)
}

// validators is set by Wire.
var validators Validators

// Wire names what this pallet uses of others.
func Wire(v Validators) { validators = v }

// API is what other pallets ask about the author.
type API struct{}

// Author is the stash of the validator that proposed the block that runs, from
// the pallet's hook to the end of the last extrinsic.
func (API) Author(ctx *runtime.Context) (substrate.AccountID, bool) { return Author.Get(ctx) }

func onInitialize(ctx *runtime.Context) {
	if who, ok := validators.Author(ctx); ok {
		Author.Put(ctx, who)
	}
}

func onFinalize(ctx *runtime.Context) { Author.Delete(ctx) }
