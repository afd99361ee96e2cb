package segment

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// ErrHash is returned for text that is not a hash: 64 lower-case hexadecimal digits.
var ErrHash = errors.New("segment: not a hash of 64 lower-case hexadecimal digits")

// HashLen is the length of a hash in its text form. The text, not the 32
// bytes, is what the chain and the HTTP interfaces carry.
const HashLen = 2 * sha256.Size

// Hash names a fragment, a segment or a file (fid): a SHA-256 value. Its text
// form is always lower case, and since no other form is accepted, a parsed
// hash is safe to use as a file name.
type Hash [sha256.Size]byte

// Ids of data that is all zero. A fragment of zeros occurs in the padding of
// almost every file; it is never stored and is made up when needed.
var (
	ZeroFragment = mustHash("2daeb1f36095b44b318410b3f4e8b5d989dcc7bb023d1426c492dab0a3053e74")
	ZeroSegment  = mustHash("83ee47245398adee79bd9c0a8bc57b821e92aba10f5f9ade8a5d1fae4d8c4302")
)

// ParseHash reads the text form. It returns [ErrHash] for anything else,
// upper-case digits included.
func ParseHash[T ~string | ~[]byte](text T) (Hash, error) {
	var h Hash
	if len(text) != HashLen {
		return Hash{}, ErrHash
	}
	for i := range h {
		hi, ok1 := hexDigit(text[2*i])
		lo, ok2 := hexDigit(text[2*i+1])
		if !ok1 || !ok2 {
			return Hash{}, ErrHash
		}
		h[i] = hi<<4 | lo
	}
	return h, nil
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

// mustHash is for constants of this package.
func mustHash(text string) Hash {
	h, err := ParseHash(text)
	if err != nil {
		panic(err)
	}
	return h
}

// String returns the text form.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ASCII returns the text form as the chain stores it.
func (h Hash) ASCII() (text [HashLen]byte) {
	hex.Encode(text[:], h[:])
	return text
}

// MarshalText implements [encoding.TextMarshaler].
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (h *Hash) UnmarshalText(text []byte) error {
	parsed, err := ParseHash(text)
	if err != nil {
		return fmt.Errorf("%w: %.80q", err, text)
	}
	*h = parsed
	return nil
}

// FID returns the name of a file with these segments (spec/gateway.md §1.5):
// neighbours are hashed together level by level, a value without a neighbour
// with itself, at least once. It returns the zero Hash for no segments.
func FID(segments []Hash) Hash {
	if len(segments) == 0 {
		return Hash{}
	}
	level := append([]Hash(nil), segments...)
	for {
		n := 0
		for i := 0; i < len(level); i += 2 {
			left, right := level[i], level[min(i+1, len(level)-1)]
			var pair [2 * sha256.Size]byte
			copy(pair[:], left[:])
			copy(pair[sha256.Size:], right[:])
			level[n] = sha256.Sum256(pair[:])
			n++
		}
		level = level[:n]
		if n == 1 {
			return level[0]
		}
	}
}
