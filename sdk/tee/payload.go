package tee

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/podr2/filter"
)

// What workers sign with the network's master key, as the 32 bytes that sr25519
// gets: SHA-256 over the SCALE encoding (spec/podr2-tee.md §2.6). Those about
// idle space are wire.StatusHash and wire.TotalHash.

// Digest is a tagged fragment and the worker that tagged it.
type Digest struct {
	Fragment types.Hash
	TEE      types.WorkerPublicKey
}

// TagsHash is payload 1: all fragments of a file that a miner had tagged so far,
// in order.
func TagsHash(miner substrate.AccountID, file types.Hash, digests []Digest) [32]byte {
	b := append([]byte(nil), miner[:]...)
	b = appendLength(b, len(digests))
	for _, d := range digests {
		b = append(append(b, d.Fragment[:]...), d.TEE[:]...)
	}
	return sha256.Sum256(append(b, file[:]...))
}

// VerdictHash is payload 5: the verdict over a service proof as it is submitted
// on chain, for the service challenge (v1.Challenge.Bytes) and the filter that
// the chain froze. It is the same for both versions of PoDR².
func VerdictHash(miner substrate.AccountID, worker types.WorkerPublicKey, proof []byte, result bool, challenge []byte, f *filter.Filter) [32]byte {
	b := append([]byte(nil), miner[:]...)
	b = append(b, worker[:]...)
	b = append(appendLength(b, len(proof)), proof...)
	if result {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = append(b, challenge...)
	return sha256.Sum256(append(b, f.Bytes()...))
}

// TaggerKeyHash is what the master key signs so that the chain takes a tagger's
// key (pallet Podr2): SHA-256 of the SCALE encoding of ("cess/podr2-key", key).
func TaggerKeyHash(key []byte) [32]byte {
	const domain = "cess/podr2-key"
	b := append(appendLength(nil, len(domain)), domain...)
	return sha256.Sum256(append(appendLength(b, len(key)), key...))
}

// StampBytes is what a worker signs beside a published key: the time in
// milliseconds, big-endian.
func StampBytes(millis int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(millis)) }

// appendLength appends a SCALE compact length.
func appendLength(b []byte, n int) []byte { return scale.AppendCompact(b, uint64(n)) }
