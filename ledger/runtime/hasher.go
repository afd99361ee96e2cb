package runtime

import (
	"fmt"

	"github.com/gocess/gocess/primitives/crypto"
)

// Hasher turns an encoded map key into its part of the storage key
// (spec/wire.md §2.1).
type Hasher uint8

// The hashers that v137 uses, with their numbers in metadata. All three keep the key readable, so that maps
// can be listed.
const (
	Blake2_128Concat Hasher = 2
	Twox64Concat     Hasher = 5
	Identity         Hasher = 6
)

// appendHashed appends the hashed form of an encoded key.
func appendHashed(dst []byte, h Hasher, key []byte) []byte {
	switch h {
	case Blake2_128Concat:
		sum := crypto.Blake2b128(key)
		return append(append(dst, sum[:]...), key...)
	case Twox64Concat:
		sum := crypto.Twox64(key)
		return append(append(dst, sum[:]...), key...)
	case Identity:
		return append(dst, key...)
	}
	panic(fmt.Sprintf("runtime: hasher %d is not declared for any item", h))
}

// hashLen is the number of bytes that precede the key itself.
func hashLen(h Hasher) int {
	switch h {
	case Blake2_128Concat:
		return 16
	case Twox64Concat:
		return 8
	}
	return 0
}

// storagePrefix is twox128(pallet) ‖ twox128(item).
func storagePrefix(pallet, item string) []byte {
	p, i := crypto.Twox128([]byte(pallet)), crypto.Twox128([]byte(item))
	return append(p[:], i[:]...)
}
