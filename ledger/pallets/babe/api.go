package babe

import (
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// API is what other pallets use of slots, epochs and randomness.
type API struct{}

// Epoch is the number of the epoch that the block belongs to.
func (API) Epoch(ctx *runtime.Context) uint64 { return EpochIndex.Get(ctx) }

// Sessions follows the validators: they are the authors of their session's
// epoch.
var Sessions = session.Handler{
	NewSession: func(ctx *runtime.Context, _ bool, current, queued []session.ValidatorKeys) {
		Authorities.Put(ctx, authors(current))
		NextAuthorities.Put(ctx, authors(queued))
	},
}

// authors are the keys of validators, no more than can be stored.
func authors(validators []session.ValidatorKeys) AuthoritySet {
	set := make(AuthoritySet, 0, len(validators))
	for _, v := range validators[:min(len(validators), maxAuthorities)] {
		set = append(set, Authority{Key: v.Keys.Babe, Weight: 1})
	}
	return set
}

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
