// Package types has the data types that several CESS pallets share: hashes,
// names and keys, space proofs, and the sizes of the storage network.
//
// Types that stand for plain bytes on the wire are aliases, so that metadata
// shows them as upstream does; types with a Rust path carry it.
package types

import "github.com/gocess/gocess/primitives/scale"

// Balance is an amount of the native token in planck, 10^18 to the token.
type Balance = scale.U128

// Tokens is n tokens in planck.
func Tokens(n uint64) Balance {
	return scale.U128From64(n).SaturatingMul(scale.U128From64(1_000_000_000_000_000_000))
}

// BlockNumber is a block height or a number of blocks.
type BlockNumber = uint32

// Sizes of stored data, in bytes (spec/pallets-storage.md §0.1).
const (
	SegmentSize  = 32 << 20
	FragmentSize = 8 << 20
	IdleFileSize = 64 << 20

	// FragmentCount is the number of fragments of a segment: 4 of data and 8
	// of parity.
	FragmentCount = 12

	MiB = 1 << 20
	GiB = 1 << 30
	TiB = 1 << 40
)

// Footprint is the space that a file of so many segments takes on the network,
// in bytes.
func Footprint(segments int) scale.U128 {
	return scale.U128From64(uint64(segments) * FragmentCount * FragmentSize)
}

// Tebibytes is n TiB in bytes.
func Tebibytes(n uint32) scale.U128 { return scale.U128From64(uint64(n) << 40) }
