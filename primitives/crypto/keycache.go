package crypto

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/oasisprotocol/curve25519-voi/curve"
)

// sr25519Key is a decoded public key. It is never changed.
type sr25519Key struct {
	encoded curve.CompressedRistretto
	point   curve.RistrettoPoint
}

// keyCache remembers decoded public keys. Decoding one costs about a fifth of
// verifying its signature in a batch, and most signatures are of accounts that
// signed lately. A key has the one slot that its hash leads to, so that a
// stranger's keys displace others but cost no more than without the cache. Its
// zero value is empty; many goroutines may use it.
type keyCache struct {
	slots [keySlots]atomic.Pointer[sr25519Key]
}

// keySlots bounds the cache to about 2 MiB.
const keySlots = 8192

var (
	sr25519Keys keyCache
	// Nobody can choose keys, or what is hashed, that meet in one slot.
	keySeed = maphash.MakeSeed()
)

// parse decodes a public key; nil if it is none.
func (c *keyCache) parse(encoded curve.CompressedRistretto) *sr25519Key {
	slot := &c.slots[maphash.Bytes(keySeed, encoded[:])%keySlots]
	if k := slot.Load(); k != nil && k.encoded == encoded {
		return k
	}
	k := &sr25519Key{encoded: encoded}
	if _, err := k.point.SetCompressed(&encoded); err != nil {
		return nil
	}
	slot.Store(k)
	return k
}
