package babe

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
)

// Genesis says when virtual slots begin.
type Genesis struct {
	// GenesisSlot is the slot of block 1 (spec/consensus.md §9.2).
	GenesisSlot uint64 `json:"genesisSlot"`
}

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var g Genesis
	if err := types.DecodeGenesis(raw, &g); err != nil {
		return err
	}
	if EpochDuration.Get(ctx) == 0 {
		return errors.New("an epoch of no blocks")
	}
	GenesisSlot.Put(ctx, Slot(g.GenesisSlot))
	CurrentSlot.Put(ctx, Slot(g.GenesisSlot))
	EpochIndex.Put(ctx, 0)
	EpochStart.Put(ctx, EpochStartBlocks{})
	EpochConfig.Put(ctx, EpochConfiguration{
		C:            Ratio{Numerator: 1, Denominator: 4},
		AllowedSlots: PrimaryAndSecondaryVRFSlots,
	})
	SegmentIndex.Put(ctx, 0)
	return nil
}

// onInitialize advances the slot, takes over the block's randomness and, at
// the first block of an epoch, fixes the randomness of the epoch after it. The
// first block announces the second epoch.
func onInitialize(ctx *runtime.Context) {
	height := uint64(ctx.BlockNumber())
	CurrentSlot.Put(ctx, GenesisSlot.Get(ctx)+Slot(height-1))
	if height == 1 {
		announce(ctx)
	}
	if epoch := (API{}).EpochOf(ctx, ctx.BlockNumber()); epoch > EpochIndex.Get(ctx) {
		enact(ctx, epoch)
	}
	collect(ctx)
}

func enact(ctx *runtime.Context, epoch uint64) {
	EpochIndex.Put(ctx, epoch)
	start := EpochStart.Get(ctx)
	EpochStart.Put(ctx, EpochStartBlocks{Previous: start.Current, Current: types.BlockNumber(ctx.BlockNumber())})
	current := NextRandomness.Get(ctx)
	seed := [][]byte{current[:], binary.LittleEndian.AppendUint64(nil, epoch+1)}
	for i := range SegmentIndex.Get(ctx) + 1 {
		for _, output := range UnderConstruction.Get(ctx, i) {
			seed = append(seed, output[:])
		}
		UnderConstruction.Delete(ctx, i)
	}
	SegmentIndex.Put(ctx, 0)
	Randomness.Put(ctx, current)
	NextRandomness.Put(ctx, crypto.Blake2b256(seed...))
}

// collect keeps the block's randomness for the next epoch's seed. Upstream
// drops the segment that is still being filled; here all count
// (spec/consensus.md §9.4).
func collect(ctx *runtime.Context) {
	r := ctx.Block().Randomness
	if r == nil {
		AuthorVRFRandomness.Put(ctx, scale.None[[32]byte]())
		return
	}
	AuthorVRFRandomness.Put(ctx, scale.Some(*r))
	i := SegmentIndex.Get(ctx)
	segment := UnderConstruction.Get(ctx, i)
	if !segment.TryPush(*r) {
		i++
		SegmentIndex.Put(ctx, i)
		segment = scale.BoundedVec[[32]byte, SegmentBound]{*r}
	}
	UnderConstruction.Put(ctx, i, segment)
}
