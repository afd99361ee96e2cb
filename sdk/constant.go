package sdk

import (
	"context"

	"github.com/gocess/gocess/ledger/runtime"
)

// Constant reads a pallet's constant or hidden parameter as the chain has it:
// what its spec sets, else the default.
func Constant[T any](ctx context.Context, at At, c *runtime.Constant[T]) (T, error) {
	raw, err := at.Raw(ctx, []byte(runtime.ConstantsKey))
	if err != nil {
		var zero T
		return zero, err
	}
	return c.Decode(raw)
}
