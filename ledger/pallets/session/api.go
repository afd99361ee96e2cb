package session

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// API is what other pallets and consensus ask about validators.
type API struct{}

// Author is the stash of the validator that proposed the block that runs.
func (API) Author(ctx *runtime.Context) (substrate.AccountID, bool) {
	b := ctx.Block()
	validators := Validators.Get(ctx)
	if !b.HasAuthor || uint64(b.AuthorIndex) >= uint64(len(validators)) {
		return substrate.AccountID{}, false
	}
	return validators[b.AuthorIndex], true
}
