// Package multisha does the inner work of the generator of idle files for eight nodes at once: SHA-512 of eight messages
// in the lanes of vector registers, SHA-256 of sixteen, and the sum of a node's parents. Hashing several messages side by
// side costs a third to a sixth of hashing them in turn, because the rounds of one message depend on each other and those
// of eight do not.
//
// No well-kept library of multi-lane SHA-512 for Go exists; the assembly is written by hand, a macro per round, in
// sha512_avx512_amd64.s, sha512_avx2_amd64.s, sha256_avx512_amd64.s and gather_amd64.s. Only the shapes that the
// generator needs exist: SHA-512 of messages of one block and of 244 bytes, SHA-256 of 64 bytes.
//
// Best says which instructions this machine has. With None nothing here may be called: the caller has portable code,
// which gives the same bytes.
package multisha

// Lanes is the number of nodes that are worked on together.
const Lanes = 8

// Level is a set of vector instructions.
type Level uint8

const (
	// None means that the caller's portable code is to be used.
	None Level = iota
	// AVX2 hashes four messages in 256-bit registers, twice. SHA-256 is left to the standard library, which uses the
	// instructions made for it.
	AVX2
	// AVX512 hashes eight messages in 512-bit registers.
	AVX512
)

func (l Level) String() string {
	switch l {
	case AVX2:
		return "AVX2"
	case AVX512:
		return "AVX-512"
	}
	return "portable"
}

// Sums are eight SHA-512 digests.
type Sums [Lanes][64]byte

// Short holds eight messages that fit one block of SHA-512, each with its padding.
type Short [Lanes][128]byte

// Long holds eight messages of 244 bytes, each with the padding that fits into two blocks.
type Long [Lanes][256]byte

const (
	longSize  = 244
	pairSize  = 64
	pairLanes = 16
)

// PadShort pads the first size bytes, at most 111, of every message.
func (m *Short) PadShort(size int) {
	for i := range m {
		pad(m[i][:], size)
		m[i][126], m[i][127] = byte(size*8>>8), byte(size*8)
	}
}

// PadLong pads messages of 244 bytes, whose length is in a third block that Sum adds.
func (m *Long) PadLong() {
	for i := range m {
		pad(m[i][:], longSize)
	}
}

func pad(b []byte, size int) {
	clear(b[size:])
	b[size] = 0x80
}

// Table is an entry of the labels that bytes of a digest select: byte b at place i of the digest selects entry i·256 + b.
type Table = [8]uint64
