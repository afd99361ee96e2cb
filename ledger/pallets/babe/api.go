package babe

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// API is what other pallets use of slots, epochs and randomness.
type API struct{}

// Epoch is the number of the epoch that the block belongs to.
func (API) Epoch(ctx *runtime.Context) uint64 { return EpochIndex.Get(ctx) }

// EpochOf is the epoch of a block, which is at least 1: as long as the chain
// runs, epochs follow each other without gaps.
func (API) EpochOf(ctx *runtime.Context, block uint32) uint64 {
	return uint64(block-1) / max(EpochDuration.Get(ctx), 1)
}

// Duration is the length of an epoch, in blocks.
func (API) Duration(ctx *runtime.Context) uint64 { return EpochDuration.Get(ctx) }

// NextRandomness is the seed of the next epoch, made of all blocks of the epoch
// before this one.
func (API) NextRandomness(ctx *runtime.Context) [32]byte { return NextRandomness.Get(ctx) }

// BlockRandomness is the randomness of the running block, which consensus fixes
// after the block's parent; zeros if the block has none.
func (API) BlockRandomness(ctx *runtime.Context) [32]byte {
	return AuthorVRFRandomness.Get(ctx).Or([32]byte{})
}

// Random derives a hash from the block's randomness. It is never absent: a
// block without randomness, as the first one, counts as having zeros, and the
// position of the running extrinsic and the number of draws keep two equal
// subjects of one block apart (spec/pallets-storage.md §0.5, §12 B26).
func (API) Random(ctx *runtime.Context, subject []byte) substrate.H256 {
	seed := AuthorVRFRandomness.Get(ctx).Or([32]byte{})
	return crypto.Blake2b256(subject, ctx.Salt(), seed[:])
}
