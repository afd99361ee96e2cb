package babe

import (
	"fmt"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// API is what other pallets use of slots, epochs and randomness.
type API struct{}

// Epoch is the number of the epoch that the block belongs to.
func (API) Epoch(ctx *runtime.Context) uint64 { return EpochIndex.Get(ctx) }

// SetAuthorities replaces the authorities of the current and the next epoch.
func (API) SetAuthorities(ctx *runtime.Context, current, next []types.BabeKey) error {
	for _, list := range []struct {
		keys []types.BabeKey
		put  func(AuthoritySet)
	}{
		{current, func(s AuthoritySet) { Authorities.Put(ctx, s) }},
		{next, func(s AuthoritySet) { NextAuthorities.Put(ctx, s) }},
	} {
		if len(list.keys) > maxAuthorities {
			return fmt.Errorf("babe: %d authorities, at most %d are possible", len(list.keys), maxAuthorities)
		}
		set := make(AuthoritySet, len(list.keys))
		for i, key := range list.keys {
			set[i] = Authority{Key: key, Weight: 1}
		}
		list.put(set)
	}
	return nil
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
