package podr2

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

const (
	// MaxSamples bounds the blocks of one challenge, and with it the work of a verifier.
	MaxSamples = 1 << 14
	// MaxFragments bounds the fragments of one miner: 2^40 fragments are 8 exbibytes.
	MaxFragments = 1 << 40
	// ChallengeSize is the length in bytes of an encoded challenge: version ‖ seed ‖ samples u32 big-endian.
	ChallengeSize = 1 + 32 + 4
)

// Seed is what makes a challenge unpredictable. It must be drawn after the set of fragments it asks about is fixed.
type Seed [32]byte

// NewSeed binds the randomness of a block (any length) to one miner, so that no two miners get the same question.
func NewSeed(randomness []byte, miner [32]byte) Seed {
	t := newTranscript(dstSeed)
	t.add(randomness)
	t.add(miner[:])
	return Seed(t.h.Sum(nil))
}

// Challenge asks for Samples distinct blocks out of all blocks of a miner's fragments, or for all of them if there are
// no more. Prover and verifier derive everything else from the seed.
type Challenge struct {
	Seed    Seed
	Samples uint32 // 1 … MaxSamples; see Samples for how many are worth it
}

// ParseChallenge reads ChallengeSize bytes. The error is ErrEncoding.
func ParseChallenge(b []byte) (c Challenge, err error) {
	if len(b) != ChallengeSize || b[0] != Version {
		return c, fmt.Errorf("%w: challenge", ErrEncoding)
	}
	copy(c.Seed[:], b[1:])
	c.Samples = binary.BigEndian.Uint32(b[33:])
	if c.Samples == 0 || c.Samples > MaxSamples {
		return c, fmt.Errorf("%w: challenge of %d samples", ErrEncoding, c.Samples)
	}
	return c, nil
}

// Bytes returns the encoding of the challenge, ChallengeSize bytes.
func (c Challenge) Bytes() []byte {
	b := make([]byte, 0, ChallengeSize)
	b = append(b, Version)
	b = append(b, c.Seed[:]...)
	return binary.BigEndian.AppendUint32(b, c.Samples)
}

// Coefficient is the 128-bit weight of a sampled block, big-endian.
type Coefficient [16]byte

// Sample is one block a challenge asks for.
type Sample struct {
	Fragment    uint64 // index in the miner's ordered list of fragments
	Block       uint32 // index of the block in the fragment
	Coefficient Coefficient
}

// Draw returns the sampled blocks of a miner with that many fragments, ordered by position. The k-th draw hashes
// "CESS-PODR2-V2/dr" ‖ seed ‖ k (u32 big-endian) with SHA-256; the first half of the digest chooses the position
// (Floyd's sampling: a uniform subset in exactly as many draws as samples), the second half is the coefficient.
// The bias of a position is below 2^-77. The error is ErrQuery: no fragments or samples, or too many.
func (c Challenge) Draw(fragments uint64) ([]Sample, error) {
	if fragments == 0 || fragments > MaxFragments {
		return nil, fmt.Errorf("%w: %d fragments", ErrQuery, fragments)
	}
	if c.Samples == 0 || c.Samples > MaxSamples {
		return nil, fmt.Errorf("%w: %d samples", ErrQuery, c.Samples)
	}
	total := fragments * BlocksPerFragment
	count := min(uint64(c.Samples), total)
	message := append([]byte(dstDraw), c.Seed[:]...)
	taken := make(map[uint64]struct{}, count)
	samples := make([]Sample, count)
	for k := range count {
		digest := sha256.Sum256(binary.BigEndian.AppendUint32(message, uint32(k)))
		last := total - count + k // the k-th draw is among positions 0 … last
		high, low := binary.BigEndian.Uint64(digest[0:8]), binary.BigEndian.Uint64(digest[8:16])
		_, position := bits.Div64(high%(last+1), low, last+1)
		if _, again := taken[position]; again {
			position = last
		}
		taken[position] = struct{}{}
		samples[k] = Sample{
			Fragment:    position / BlocksPerFragment,
			Block:       uint32(position % BlocksPerFragment),
			Coefficient: Coefficient(digest[16:]),
		}
	}
	slices.SortFunc(samples, func(a, b Sample) int {
		if a.Fragment != b.Fragment {
			if a.Fragment < b.Fragment {
				return -1
			}
			return 1
		}
		return int(a.Block) - int(b.Block)
	})
	return samples, nil
}

// point is the place where the prover opens its polynomial: hash_to_field(seed) of RFC 9380 §5.2.
func (s Seed) point() (fr.Element, error) {
	e, err := fr.Hash(s[:], []byte(dstPoint), 1)
	if err != nil {
		return fr.Element{}, fmt.Errorf("derive evaluation point: %w", err)
	}
	return e[0], nil
}
