package consensus

import (
	"time"

	"github.com/gocess/gocess/primitives/crypto"
)

// calendar numbers slots and epochs. One block is one slot, whatever the clock
// says (spec/consensus.md §9.2).
type calendar struct {
	genesisSlot uint64
	epochBlocks uint64
}

func newCalendar(g Genesis) calendar {
	return calendar{
		genesisSlot: uint64(g.Time.UnixMilli()) / uint64(g.SlotDuration/time.Millisecond),
		epochBlocks: uint64(g.EpochBlocks),
	}
}

// slot of the block with the given height, which is at least 1.
func (c calendar) slot(height uint32) uint64 { return c.genesisSlot + uint64(height) - 1 }

func (c calendar) epoch(height uint32) uint64 { return (uint64(height) - 1) / c.epochBlocks }

// vrfInput is the transcript that every validator's VRF signs at a height. It
// depends on nothing but the height: a validator may be asked more than once,
// and must not be able to choose.
func (c calendar) vrfInput(height uint32, seed [32]byte) []crypto.VRFPart {
	return crypto.BabeVRFParts(c.slot(height), c.epoch(height), seed)
}
