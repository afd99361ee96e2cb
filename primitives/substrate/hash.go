package substrate

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"golang.org/x/crypto/blake2b"

	"github.com/gocess/gocess/primitives/scale"
)

// AccountID is a 32-byte account: a public key, or a hash for keys and modules that are
// not 32 bytes. Text and JSON are 0x-hex; addresses are the business of package ss58.
type AccountID [32]byte

// H160 is a 20-byte hash: an Ethereum address.
type H160 [20]byte

// H256 is a 32-byte hash.
type H256 [32]byte

// H512 is a 64-byte hash.
type H512 [64]byte

// KeyTypeID names a kind of session key, such as "babe" or "gran".
type KeyTypeID [4]byte

// PalletID is the seed of a pallet's own account.
type PalletID [8]byte

// Blake2b256 is the chain's hash function over the concatenation of parts.
func Blake2b256(parts ...[]byte) (out H256) {
	if len(parts) == 1 {
		return blake2b.Sum256(parts[0])
	}
	h, err := blake2b.New256(nil)
	if err != nil {
		panic(err) // only a key could be wrong
	}
	for _, p := range parts {
		h.Write(p)
	}
	h.Sum(out[:0])
	return out
}

// AccountOfPallet is the account a pallet owns: "modl" ‖ id, padded with zeros
// (spec/wire.md §7.5).
func AccountOfPallet(id PalletID) AccountID { return SubAccountOfPallet(id, nil) }

// SubAccountOfPallet is the account "modl" ‖ id ‖ sub, padded with zeros or cut to 32
// bytes; sub is the SCALE encoding of the sub-account's id.
func SubAccountOfPallet(id PalletID, sub []byte) (a AccountID) {
	n := copy(a[:], "modl")
	n += copy(a[n:], id[:])
	copy(a[n:], sub)
	return a
}

// ParseAccountID reads 0x-hex.
func ParseAccountID(s string) (a AccountID, err error) { return a, parseHex(a[:], s) }

// ParseH160 reads 0x-hex.
func ParseH160(s string) (h H160, err error) { return h, parseHex(h[:], s) }

// ParseH256 reads 0x-hex.
func ParseH256(s string) (h H256, err error) { return h, parseHex(h[:], s) }

// ParseH512 reads 0x-hex.
func ParseH512(s string) (h H512, err error) { return h, parseHex(h[:], s) }

// IsZero reports whether all bytes are zero.
func (a AccountID) IsZero() bool { return a == AccountID{} }

// IsZero reports whether all bytes are zero.
func (h H160) IsZero() bool { return h == H160{} }

// IsZero reports whether all bytes are zero.
func (h H256) IsZero() bool { return h == H256{} }

// IsZero reports whether all bytes are zero.
func (h H512) IsZero() bool { return h == H512{} }

// Compare orders accounts as the chain does: by bytes.
func (a AccountID) Compare(b AccountID) int { return bytes.Compare(a[:], b[:]) }

// Compare orders hashes by bytes.
func (h H256) Compare(o H256) int { return bytes.Compare(h[:], o[:]) }

func (a AccountID) String() string { return toHex(a[:]) }
func (h H160) String() string      { return toHex(h[:]) }
func (h H256) String() string      { return toHex(h[:]) }
func (h H512) String() string      { return toHex(h[:]) }
func (k KeyTypeID) String() string { return string(k[:]) }
func (p PalletID) String() string  { return string(p[:]) }

// MarshalText gives 0x-hex.
func (a AccountID) MarshalText() ([]byte, error) { return []byte(toHex(a[:])), nil }

// MarshalText gives 0x-hex.
func (h H160) MarshalText() ([]byte, error) { return []byte(toHex(h[:])), nil }

// MarshalText gives 0x-hex.
func (h H256) MarshalText() ([]byte, error) { return []byte(toHex(h[:])), nil }

// MarshalText gives 0x-hex.
func (h H512) MarshalText() ([]byte, error) { return []byte(toHex(h[:])), nil }

// UnmarshalText reads 0x-hex.
func (a *AccountID) UnmarshalText(b []byte) error { return parseHex(a[:], string(b)) }

// UnmarshalText reads 0x-hex.
func (h *H160) UnmarshalText(b []byte) error { return parseHex(h[:], string(b)) }

// UnmarshalText reads 0x-hex.
func (h *H256) UnmarshalText(b []byte) error { return parseHex(h[:], string(b)) }

// UnmarshalText reads 0x-hex.
func (h *H512) UnmarshalText(b []byte) error { return parseHex(h[:], string(b)) }

// ScaleType implements the convention of package scale.
func (AccountID) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_core::crypto::AccountId32", FieldTypeName: "[u8; 32]"}
}

// ScaleType implements the convention of package scale.
func (H160) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "primitive_types::H160", FieldTypeName: "[u8; 20]"}
}

// ScaleType implements the convention of package scale.
func (H256) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "primitive_types::H256", FieldTypeName: "[u8; 32]"}
}

// ScaleType implements the convention of package scale.
func (H512) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "primitive_types::H512", FieldTypeName: "[u8; 64]"}
}

// ScaleType implements the convention of package scale.
func (KeyTypeID) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_core::crypto::KeyTypeId", FieldTypeName: "[u8; 4]"}
}

// ScaleType implements the convention of package scale.
func (PalletID) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_support::PalletId", FieldTypeName: "[u8; 8]"}
}

func toHex(b []byte) string {
	out := make([]byte, 2+2*len(b))
	out[0], out[1] = '0', 'x'
	hex.Encode(out[2:], b)
	return string(out)
}

// parseHex reads 0x and exactly len(dst) bytes in hex, of either case.
func parseHex(dst []byte, s string) error {
	if len(s) != 2+2*len(dst) || s[:2] != "0x" {
		return fmt.Errorf("substrate: %.80q is not 0x and %d hex digits", s, 2*len(dst))
	}
	if _, err := hex.Decode(dst, []byte(s[2:])); err != nil {
		return fmt.Errorf("substrate: %.80q: %w", s, err)
	}
	return nil
}
