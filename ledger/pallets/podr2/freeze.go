package podr2

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var none struct{}
	if err := types.DecodeGenesis(raw, &none); err != nil {
		return err
	}
	if n := Samples.Get(ctx); n == 0 || n > maxSamples {
		return fmt.Errorf("Podr2.Samples is %d; 1 to %d are possible", n, maxSamples)
	}
	if ReleaseLimit.Get(ctx) == 0 {
		return errors.New("Podr2.ReleaseLimit is 0: lists would stay for ever")
	}
	return nil
}

// Freeze remembers the miner's list, its version and the tagger's key for a
// challenge that starts in this block. It costs the same for every list.
func (API) Freeze(ctx *runtime.Context, miner substrate.AccountID) {
	f := FrozenList{Start: ctx.BlockNumber(), Count: FragmentCount.Get(ctx, miner), Version: Versions.Get(ctx, miner)}
	if id, ok := TaggerKeyID.Get(ctx); ok {
		f.Key = scale.Some(id)
	}
	Frozen.Put(ctx, miner, f)
}

// Release forgets the list that Freeze remembered. Slots that were kept aside
// are removed later, in steps.
func (API) Release(ctx *runtime.Context, miner substrate.AccountID) {
	f, ok := Frozen.Get(ctx, miner)
	if !ok {
		return
	}
	Frozen.Delete(ctx, miner)
	id := FrozenID{miner, f.Start}
	for range FrozenSlots.IterPrefix(ctx, id) {
		if !Released.Contains(ctx, id) {
			Released.Put(ctx, id, true)
			ReleasedCount.Put(ctx, ReleasedCount.Get(ctx)+1)
		}
		break
	}
}

// clean removes slots of released lists, as far as a block's share of work
// goes.
func clean(ctx *runtime.Context) {
	lists := ReleasedCount.Get(ctx)
	if lists == 0 {
		return
	}
	before := lists
	left := ReleaseLimit.Get(ctx)
	for id := range Released.Iter(ctx) {
		left = removeSlots(ctx, id, left)
		if left == 0 {
			break
		}
		left--
		Released.Delete(ctx, id)
		lists--
		if left == 0 {
			break
		}
	}
	switch {
	case lists == 0:
		ReleasedCount.Delete(ctx)
	case lists != before:
		ReleasedCount.Put(ctx, lists)
	}
}

// removeSlots removes up to limit slots of a list and returns what is left of
// the limit.
func removeSlots(ctx *runtime.Context, id FrozenID, limit uint32) uint32 {
	var slots []uint32
	for slot := range FrozenSlots.IterPrefix(ctx, id) {
		if limit == 0 {
			break
		}
		limit--
		slots = append(slots, slot)
	}
	for _, slot := range slots {
		FrozenSlots.Delete(ctx, id, slot)
	}
	return limit
}

// frozenName is the name of a fragment of a frozen list.
func frozenName(ctx *runtime.Context, miner substrate.AccountID, f FrozenList, slot uint32) (Digest, bool) {
	if d, ok := FrozenSlots.Get(ctx, FrozenID{miner, f.Start}, slot); ok {
		return d, true
	}
	return Fragments.Get(ctx, miner, slot)
}
