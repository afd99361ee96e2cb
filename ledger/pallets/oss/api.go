package oss

import (
	"slices"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// API is what other pallets may ask.
type API struct{}

// Allowed says whether the operator may upload, deliver and delete files for
// the owner.
func (API) Allowed(ctx *runtime.Context, owner, operator substrate.AccountID) bool {
	return slices.Contains(Authorities.Get(ctx, owner), operator)
}

// allow adds an operator that is not in the list, or returns BoundedVecError
// when the list is full.
func allow(ctx *runtime.Context, owner, operator substrate.AccountID) error {
	list := Authorities.Get(ctx, owner)
	if !list.TryPush(operator) {
		return ErrBoundedVec
	}
	Authorities.Put(ctx, owner, list)
	return nil
}
