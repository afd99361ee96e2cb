package crypto

import (
	"encoding/binary"
	"hash"
	"sync"

	"github.com/cespare/xxhash/v2"
	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/sha3"
)

// The hash functions digest the concatenation of their parts. They do not allocate, but for what Blake2b128 remembers,
// and do not make their arguments escape to the heap. Rule: spec/wire.md §7.1.

// hasher is a pooled hash state. Input passes through buf because the interface call of hash.Hash would otherwise move
// every caller's byte arrays to the heap; the copy costs far less than the hash.
type hasher struct {
	hash.Hash
	buf [512]byte
	out [64]byte
}

func (h *hasher) digest(parts [][]byte) []byte {
	h.Reset()
	for _, part := range parts {
		for len(part) > 0 {
			n := copy(h.buf[:], part)
			_, _ = h.Write(h.buf[:n]) // hash.Hash never returns an error
			part = part[n:]
		}
	}
	return h.Sum(h.out[:0])
}

func hashers(make func() hash.Hash) *sync.Pool {
	return &sync.Pool{New: func() any { return &hasher{Hash: make()} }}
}

func blakeHashers(size int) *sync.Pool {
	return hashers(func() hash.Hash {
		h, err := blake2b.New(size, nil)
		if err != nil {
			panic("crypto: " + err.Error()) // only for sizes outside 1..64 and keys, neither of which occurs here
		}
		return h
	})
}

var (
	blake128Hashers = blakeHashers(16)
	blake256Hashers = blakeHashers(32)
	blake512Hashers = blakeHashers(64)
	keccakHashers   = hashers(sha3.NewLegacyKeccak256)
)

// Blake2b128 returns the unkeyed 16-byte BLAKE2b digest.
// It remembers the digests of 32 bytes that were asked for lately.
func Blake2b128(parts ...[]byte) (sum [16]byte) {
	if len(parts) == 1 && len(parts[0]) == 32 {
		return blake128Hashes.digest([32]byte(parts[0]))
	}
	return blake2b128(parts)
}

func blake2b128(parts [][]byte) (sum [16]byte) {
	h := blake128Hashers.Get().(*hasher)
	copy(sum[:], h.digest(parts))
	blake128Hashers.Put(h)
	return sum
}

// Blake2b256 returns the unkeyed 32-byte BLAKE2b digest.
func Blake2b256(parts ...[]byte) (sum [32]byte) {
	if len(parts) == 1 {
		return blake2b.Sum256(parts[0])
	}
	h := blake256Hashers.Get().(*hasher)
	copy(sum[:], h.digest(parts))
	blake256Hashers.Put(h)
	return sum
}

// Blake2b512 returns the unkeyed 64-byte BLAKE2b digest.
func Blake2b512(parts ...[]byte) (sum [64]byte) {
	if len(parts) == 1 {
		return blake2b.Sum512(parts[0])
	}
	h := blake512Hashers.Get().(*hasher)
	copy(sum[:], h.digest(parts))
	blake512Hashers.Put(h)
	return sum
}

// Keccak256 returns the digest of the original Keccak, Ethereum's, which pads otherwise than SHA3-256.
func Keccak256(parts ...[]byte) (sum [32]byte) {
	h := keccakHashers.Get().(*hasher)
	copy(sum[:], h.digest(parts))
	keccakHashers.Put(h)
	return sum
}

// Twox64 returns xxHash64 with seed 0, little endian. The twox hashes are not cryptographic: anybody can make
// collisions, so they may only hash keys that users do not choose.
func Twox64(parts ...[]byte) (sum [8]byte) {
	binary.LittleEndian.PutUint64(sum[:], twox(0, parts))
	return sum
}

// Twox128 returns xxHash64 with the seeds 0 and 1, each little endian.
func Twox128(parts ...[]byte) (sum [16]byte) {
	for seed := range uint64(2) {
		binary.LittleEndian.PutUint64(sum[8*seed:], twox(seed, parts))
	}
	return sum
}

// Twox256 returns xxHash64 with the seeds 0 to 3, each little endian.
func Twox256(parts ...[]byte) (sum [32]byte) {
	for seed := range uint64(4) {
		binary.LittleEndian.PutUint64(sum[8*seed:], twox(seed, parts))
	}
	return sum
}

func twox(seed uint64, parts [][]byte) uint64 {
	var d xxhash.Digest
	d.ResetWithSeed(seed)
	for _, part := range parts {
		_, _ = d.Write(part) // never returns an error
	}
	return d.Sum64()
}
