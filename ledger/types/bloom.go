package types

import (
	"errors"

	"github.com/gocess/gocess/primitives/scale"
)

// BloomFilter counts, bit by bit, the digests of the fragments that a miner
// stores: counter i is the number of digests whose bit i, most significant
// first, is set (spec/pallets-mining.md §0.5).
type BloomFilter [256]uint64

// ScaleType is upstream's `cp_bloom_filter::BloomFilter`.
func (BloomFilter) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "cp_bloom_filter::BloomFilter", FieldTypeName: "[u64; 256]"}
}

// ErrNotInFilter reports a deletion of a fragment that was never inserted.
// Upstream wraps the counter instead.
var ErrNotInFilter = errors.New("fragment is not in the bloom filter")

// Insert counts a fragment. It returns ErrHash.
func (f *BloomFilter) Insert(fragment Hash) error {
	digest, err := fragment.Digest()
	if err != nil {
		return err
	}
	for i := range f {
		f[i] += bit(digest, i)
	}
	return nil
}

// Delete undoes one Insert. On ErrHash or ErrNotInFilter the filter is
// unchanged.
func (f *BloomFilter) Delete(fragment Hash) error {
	digest, err := fragment.Digest()
	if err != nil {
		return err
	}
	for i := range f {
		if f[i] < bit(digest, i) {
			return ErrNotInFilter
		}
	}
	for i := range f {
		f[i] -= bit(digest, i)
	}
	return nil
}

func bit(digest [32]byte, i int) uint64 { return uint64(digest[i/8]>>(7-i%8)) & 1 }
