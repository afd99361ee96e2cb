// Package filter keeps the service filter of a miner: 256 counters that add up the bits of the names of all fragments
// the miner has tags for. The chain stores it in the miner's record (service_bloom_filter), freezes it in a challenge and
// compares it with the one a TEE worker returns with its verdict, so that a verdict about other fragments is noticed.
//
// It is called a Bloom filter upstream but is not one: nothing is hashed, every counter takes part in every name, and
// the sum is additive and independent of order. As a commitment to a set it is weak, because sums of chosen names
// collide (docs/protocol/podr2.md, §9.5). Version 2 does not need it. Source: pallet sminer and the PoDR² worker of
// upstream; docs/protocol/podr2.md, §9.5.
package filter

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

const (
	// Counters is the number of counters, one for each bit of a SHA-256 digest.
	Counters = 256
	// Size is the length in bytes of the SCALE encoding.
	Size = Counters * 8

	nameLength = Counters / 4
)

var (
	// ErrName reports a fragment name that is not 64 lower-case hexadecimal characters.
	ErrName = errors.New("filter: invalid fragment name")
	// ErrRange reports a counter that would leave the range of uint64: a name is removed that was not inserted.
	// (Upstream wraps or panics; the ledger rejects the extrinsic with Sminer.BloomElemPushError.)
	ErrRange = errors.New("filter: counter out of range")
	// ErrEncoding reports an encoding that is not Size bytes long.
	ErrEncoding = errors.New("filter: invalid encoding")
)

// Filter is the sum of fragment names; the zero value is the sum of none. Counter 4j+b counts bit 3-b of the j-th
// hexadecimal character, that is, the counters follow the bits of the digest from the most significant on. Equal filters
// compare equal with ==.
type Filter [Counters]uint64

// Insert adds the name of a fragment, the 64 characters by which it goes on chain. After an error the filter is
// unchanged. Errors: ErrName, ErrRange.
func (f *Filter) Insert(name string) error {
	element, err := elementOf(name)
	if err != nil {
		return err
	}
	return f.Add(&element)
}

// Remove takes a name out again. After an error the filter is unchanged. Errors: ErrName, ErrRange.
func (f *Filter) Remove(name string) error {
	element, err := elementOf(name)
	if err != nil {
		return err
	}
	return f.Sub(&element)
}

// Add adds all counters of other. After an error the filter is unchanged. The error is ErrRange.
func (f *Filter) Add(other *Filter) error {
	var sum Filter
	for i := range f {
		var carry uint64
		if sum[i], carry = bits.Add64(f[i], other[i], 0); carry != 0 {
			return fmt.Errorf("%w: counter %d exceeds 2^64", ErrRange, i)
		}
	}
	*f = sum
	return nil
}

// Sub subtracts all counters of other. After an error the filter is unchanged. The error is ErrRange.
func (f *Filter) Sub(other *Filter) error {
	var difference Filter
	for i := range f {
		var borrow uint64
		if difference[i], borrow = bits.Sub64(f[i], other[i], 0); borrow != 0 {
			return fmt.Errorf("%w: counter %d falls below zero", ErrRange, i)
		}
	}
	*f = difference
	return nil
}

// elementOf returns the filter with one name in it.
func elementOf(name string) (e Filter, err error) {
	if len(name) != nameLength {
		return e, fmt.Errorf("%w: %d characters", ErrName, len(name))
	}
	for j := range nameLength {
		var nibble byte
		switch c := name[j]; {
		case c >= '0' && c <= '9':
			nibble = c - '0'
		case c >= 'a' && c <= 'f':
			nibble = c - 'a' + 10
		default:
			return e, fmt.Errorf("%w: character %q", ErrName, c)
		}
		for b := range 4 {
			e[4*j+b] = uint64(nibble >> (3 - b) & 1)
		}
	}
	return e, nil
}

// Bytes returns the SCALE encoding: 256 little-endian u64 without a length.
func (f *Filter) Bytes() []byte {
	b := make([]byte, 0, Size)
	for _, counter := range f {
		b = binary.LittleEndian.AppendUint64(b, counter)
	}
	return b
}

// Parse reads the SCALE encoding. The error is ErrEncoding.
func Parse(b []byte) (f Filter, err error) {
	if len(b) != Size {
		return f, fmt.Errorf("%w: %d bytes, want %d", ErrEncoding, len(b), Size)
	}
	for i := range f {
		f[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return f, nil
}

// FromList reads the field of a protobuf message. As upstream, a list of another length stands for the empty filter.
func FromList(list []uint64) (f Filter) {
	if len(list) == Counters {
		copy(f[:], list)
	}
	return f
}

// List returns the counters for a protobuf message.
func (f *Filter) List() []uint64 { return append([]uint64(nil), f[:]...) }
