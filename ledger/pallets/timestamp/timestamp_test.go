package timestamp_test

import (
	"errors"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/timestamp"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// The block sets the time, nobody else, and once.
func TestTimeIsTheBlocks(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	c.NextBlocks(2)
	before := timestamp.Now.Get(c.Ctx())
	late := timestamp.Set{Now: before + 1_000_000}
	if err := c.Run(palletstest.Alice, late); !errors.Is(err, substrate.InvalidBadMandatory) {
		t.Errorf("an extrinsic that sets the time: %v", err)
	}
	if err := c.Root(late); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Errorf("root sets the time: %v", err)
	}
	err := c.Do(func(ctx *runtime.Context) error { return ctx.Dispatch(late, runtime.Origin{}) })
	if err == nil {
		t.Error("the time is set twice in a block")
	}
	if got := timestamp.Now.Get(c.Ctx()); got != before+3*6000 {
		t.Errorf("the time is %d, was %d three blocks ago", got, before)
	}
	if timestamp.DidUpdate.Exists(c.Ctx()) {
		t.Error("DidUpdate outlives the block")
	}
}
