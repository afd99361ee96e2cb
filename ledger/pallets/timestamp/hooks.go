package timestamp

import (
	"errors"

	"github.com/gocess/gocess/ledger/runtime"
)

var (
	errTwice     = errors.New("timestamp: set twice in one block")
	errBackwards = errors.New("timestamp: not later than the block before")
)

// Inherents is the extrinsic that opens every block.
func Inherents(info runtime.BlockInfo) []runtime.Call { return []runtime.Call{Set{Now: info.TimeMs}} }

// Dispatch stores the block's time. Only the node makes this call, and a block
// whose time does not advance is not a block: consensus guarantees it.
func (c Set) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.None(); err != nil {
		return err
	}
	if DidUpdate.Exists(ctx) {
		return errTwice
	}
	if c.Now <= Now.Get(ctx) {
		return errBackwards
	}
	Now.Put(ctx, c.Now)
	DidUpdate.Put(ctx, true)
	return nil
}

func onFinalize(ctx *runtime.Context) { DidUpdate.Delete(ctx) }
