package randomnesscollectiveflip

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// API is what other pallets may ask.
type API struct{}

// Random mixes the last 81 block hashes for a subject. The value was open from
// the block after since on: nobody who committed to something before could know
// it.
func (API) Random(ctx *runtime.Context, subject []byte) (value substrate.H256, since types.BlockNumber) {
	now := ctx.BlockNumber()
	if now > maxMaterial {
		since = now - maxMaterial
	}
	ring := Material.Get(ctx)
	if len(ring) == 0 {
		return value, since
	}
	var hashes [maxMaterial]substrate.H256
	prefix := append(scale.AppendCompact(nil, uint64(len(subject))), subject...)
	for i := range hashes {
		// While the ring is not full its hashes are used again, each with
		// another number.
		at := (int(place(now)) + i) % len(ring)
		hashes[i] = crypto.Blake2b256([]byte{byte(i)}, prefix, ring[at][:])
	}
	return mix(hashes[:]), since
}

// mix takes the majority of three, bit by bit, in a tree: a minority of the
// inputs cannot decide a bit. The length is a power of three.
func mix(hashes []substrate.H256) substrate.H256 {
	for range mixDepth {
		for i := range len(hashes) / 3 {
			a, b, c := hashes[3*i], hashes[3*i+1], hashes[3*i+2]
			for j := range a {
				hashes[i][j] = a[j]&b[j] | b[j]&c[j] | a[j]&c[j]
			}
		}
		hashes = hashes[:len(hashes)/3]
	}
	return hashes[0]
}
