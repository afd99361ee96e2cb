package types

import (
	"errors"
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// Hash identifies a file (its fid), a segment or a fragment: the lowercase hex
// of a SHA-256, 64 ASCII characters and not 32 bytes (spec/pallets-storage.md
// §1).
type Hash [64]byte

// ScaleType is upstream's `cp_cess_common::Hash`.
func (Hash) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "cp_cess_common::Hash", FieldTypeName: "[u8; 64]"}
}

// ErrHash reports a hash that is not 64 characters of lowercase hex.
var ErrHash = errors.New("hash is not 64 characters of lowercase hex")

// ParseHash reads the text form. It returns ErrHash.
func ParseHash(s string) (Hash, error) {
	var h Hash
	if len(s) != len(h) {
		return Hash{}, fmt.Errorf("%w: %d characters", ErrHash, len(s))
	}
	copy(h[:], s)
	if _, err := h.Digest(); err != nil {
		return Hash{}, err
	}
	return h, nil
}

// HashOf is the hash with the given SHA-256 digest.
func HashOf(digest [32]byte) Hash {
	const hex = "0123456789abcdef"
	var h Hash
	for i, b := range digest {
		h[2*i], h[2*i+1] = hex[b>>4], hex[b&15]
	}
	return h
}

// Digest is the SHA-256 digest that the hash spells, or ErrHash: calls can
// carry any 64 bytes.
func (h Hash) Digest() ([32]byte, error) {
	var d [32]byte
	for i, c := range h {
		var v byte
		switch {
		case c >= '0' && c <= '9':
			v = c - '0'
		case c >= 'a' && c <= 'f':
			v = c - 'a' + 10
		default:
			return [32]byte{}, ErrHash
		}
		d[i/2] = d[i/2]<<4 | v
	}
	return d, nil
}

// String is the text form.
func (h Hash) String() string {
	if _, err := h.Digest(); err != nil {
		return fmt.Sprintf("%x", h[:])
	}
	return string(h[:])
}

// MarshalText writes the text form.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the text form.
func (h *Hash) UnmarshalText(text []byte) error {
	parsed, err := ParseHash(string(text))
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}
