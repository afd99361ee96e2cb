package crypto

import (
	"hash/maphash"
	"sync/atomic"
)

// hashCache remembers the hashes of 32 bytes. Storage keys contain those of
// accounts, and of the same ones all the time: the treasury's and the author's
// with each fee. Like keys in a keyCache, each has one slot.
type hashCache struct {
	slots [hashSlots]atomic.Pointer[hashed]
}

// hashSlots bounds the cache to about half a MiB.
const hashSlots = 8192

type hashed struct {
	of  [32]byte
	sum [16]byte
}

var blake128Hashes hashCache

func (c *hashCache) digest(b [32]byte) [16]byte {
	slot := &c.slots[maphash.Bytes(keySeed, b[:])%hashSlots]
	h := slot.Load()
	if h == nil || h.of != b {
		h = &hashed{b, blake2b128([][]byte{b[:]})}
		slot.Store(h)
	}
	return h.sum
}
