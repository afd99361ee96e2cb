package consensus

import (
	"crypto/sha256"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// Pallets tells consensus what the pallets decided. Its methods read the state
// after a committed block, whose number is ctx.BlockNumber(); they are
// deterministic and may be called from several goroutines.
type Pallets interface {
	// Authorities lists the validators that decide the block two after the one
	// that was read, in the order of Session.Validators of that block's
	// session. After block 0 they also decide block 1. A validator whose vote
	// must not count any more is left out. An empty list means that the same
	// validators decide as in the block before.
	Authorities(ctx *runtime.Context) []Authority
	// Slot is the slot of the block after the one that was read.
	Slot(ctx *runtime.Context) Slot
}

// Slot is what validators' VRFs sign at a height. It depends on nothing but the
// state before the height: a validator may be asked more than once, and must
// not be able to choose (spec/consensus.md §9.4).
type Slot struct {
	Number, Epoch uint64
	// Randomness is the seed of the epoch, Babe.Randomness.
	Randomness [32]byte
}

func (s Slot) transcript() []crypto.VRFPart {
	return crypto.BabeVRFParts(s.Number, s.Epoch, s.Randomness)
}

// Authority is a validator of one session.
type Authority struct {
	// Index is its place in Session.Validators of its session.
	Index uint32
	// Account is its stash.
	Account substrate.AccountID
	// Grandpa is the ed25519 key that signs its votes.
	Grandpa [32]byte
	// Babe is the sr25519 key of its VRF.
	Babe [32]byte
}

// Keys finds the session keys that this node may sign with. It is asked at each
// block, so that keys may be added while the node runs.
type Keys interface {
	// Pair returns the private key to a public key, false if the node does not
	// have it.
	Pair(scheme crypto.Scheme, public []byte) (crypto.Pair, bool)
}

// NoKeys are the keys of a node that validates nothing.
type NoKeys struct{}

// Pair never finds a key.
func (NoKeys) Pair(crypto.Scheme, []byte) (crypto.Pair, bool) { return nil, false }

// KeyRing is a fixed set of keys.
type KeyRing []crypto.Pair

// Pair finds a key of the ring.
func (r KeyRing) Pair(scheme crypto.Scheme, public []byte) (crypto.Pair, bool) {
	for _, p := range r {
		if p.Scheme() == scheme && string(p.Public()) == string(public) {
			return p, true
		}
	}
	return nil, false
}

// address is what CometBFT calls a validator by.
type address [20]byte

// addressOf is SHA-256 of the consensus key, cut to 20 bytes
// (spec/consensus.md §9.1).
func addressOf(grandpa [32]byte) address {
	sum := sha256.Sum256(grandpa[:])
	return address(sum[:20])
}

// authorities is the set of validators that decides a block.
type authorities []Authority

func (s authorities) find(a address) (Authority, bool) {
	for _, v := range s {
		if addressOf(v.Grandpa) == a {
			return v, true
		}
	}
	return Authority{}, false
}
