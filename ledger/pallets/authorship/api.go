package authorship

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// Validators finds the author among the validators of the parent state.
type Validators interface {
	Author(ctx *runtime.Context) (substrate.AccountID, bool)
}

// Observer learns what consensus says about the block: its author, who voted for
// its parent (ctx.Block().Voted) and who misbehaved. It is told before the block
// changes sessions: all of this happened under the old one.
type Observer interface {
	NoteBlock(ctx *runtime.Context, author substrate.AccountID, authored bool)
}

// Set by Wire.
var (
	validators Validators
	observers  []Observer
)

// Wire names what this pallet uses of others, and who follows the authors.
func Wire(v Validators, o ...Observer) { validators, observers = v, o }

// API is what other pallets ask about the author.
type API struct{}

// Author is the stash of the validator that proposed the block that runs, from
// the pallet's hook to the end of the last extrinsic.
func (API) Author(ctx *runtime.Context) (substrate.AccountID, bool) { return Author.Get(ctx) }

func onInitialize(ctx *runtime.Context) {
	who, ok := validators.Author(ctx)
	if ok {
		Author.Put(ctx, who)
	}
	for _, o := range observers {
		o.NoteBlock(ctx, who, ok)
	}
}

func onFinalize(ctx *runtime.Context) { Author.Delete(ctx) }
