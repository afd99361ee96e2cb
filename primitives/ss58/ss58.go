// Package ss58 reads and writes account addresses: the base58 text in which people see a public key.
//
//	ss58.Encode(ss58.CESS, account)            // cX…, 49 characters
//	prefix, account, err := ss58.Decode(text)  // any network's prefix
//
// An address is base58(prefix ‖ account ‖ checksum). The prefix names the network and takes one byte below 64, two
// bytes up to 16383; the checksum is the first two bytes of blake2b-512("SS58PRE" ‖ prefix ‖ account). Accounts are 32
// bytes; 33-byte compressed secp256k1 keys, which wallets also show this way, are read and written too. The short
// account indices of the format (1 to 8 bytes) are refused: no CESS interface uses them, and a one-byte checksum
// accepts every 256th typing error. Rule: spec/wire.md §7.3.
package ss58

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mr-tron/base58"
	"golang.org/x/crypto/blake2b"
)

// Prefixes that our programs write or expect.
const (
	CESS      = 11330 // CESS networks, "cX…"
	Substrate = 42    // chain-independent form, "5…"
	Polkadot  = 0
	Kusama    = 2

	// MaxPrefix is the largest prefix that two bytes can carry.
	MaxPrefix = 1<<14 - 1
)

// Reasons for refusing an address. Decode wraps them with the details.
var (
	ErrBase58   = errors.New("not base58")
	ErrPrefix   = errors.New("malformed network prefix")
	ErrLength   = errors.New("wrong length")
	ErrChecksum = errors.New("wrong checksum")
	// ErrNetwork is returned by DecodeAccount for a well-formed address of a network that the caller does not accept.
	ErrNetwork = errors.New("address of another network")
)

const (
	alphabet     = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	checksumSize = 2
	accountSize  = 32
	ecdsaKeySize = 33
	// maxText is above the 51 characters of the longest address (37 bytes).
	maxText = 64
)

// Encode returns the address of a 32-byte account or a 33-byte compressed secp256k1 key. It returns the empty string,
// which is no address, for any other length and for prefixes above MaxPrefix.
func Encode(prefix uint16, account []byte) string {
	if prefix > MaxPrefix || len(account) != accountSize && len(account) != ecdsaKeySize {
		return ""
	}
	raw := make([]byte, 0, 2+ecdsaKeySize+checksumSize)
	if prefix < 64 {
		raw = append(raw, byte(prefix))
	} else {
		// The low two bits of the prefix sit on top of the second byte, so that the first byte stays in 64..127.
		raw = append(raw, byte(prefix&0xfc)>>2|0x40, byte(prefix>>8)|byte(prefix&3)<<6)
	}
	raw = append(raw, account...)
	sum := checksum(raw)
	return base58.Encode(append(raw, sum[:]...))
}

// Decode splits an address into its network prefix and its account, 32 bytes (or 33, see the package comment). The
// error tells what is wrong with the text.
func Decode(text string) (prefix uint16, account []byte, err error) {
	raw, err := decodeBase58(text)
	if err != nil {
		return 0, nil, err
	}
	size := 0
	switch {
	case len(raw) == 0:
		return 0, nil, fmt.Errorf("ss58: %w: the address is empty", ErrLength)
	case raw[0] < 64:
		prefix, size = uint16(raw[0]), 1
	case raw[0] < 128 && len(raw) > 1:
		prefix, size = uint16(raw[0]&0x3f)<<2|uint16(raw[1]>>6)|uint16(raw[1]&0x3f)<<8, 2
	default:
		return 0, nil, fmt.Errorf("ss58: %w: first byte %#02x", ErrPrefix, raw[0])
	}
	body := len(raw) - size - checksumSize
	if body != accountSize && body != ecdsaKeySize {
		return 0, nil, fmt.Errorf("ss58: %w: the account has %d bytes, want 32", ErrLength, max(body, 0))
	}
	sum := checksum(raw[:size+body])
	if got := raw[size+body:]; string(got) != string(sum[:]) {
		return 0, nil, fmt.Errorf("ss58: %w: %x, want %x (mistyped address?)", ErrChecksum, got, sum)
	}
	// After the checksum, because a mistyped address deserves the simpler message.
	if size == 2 && prefix < 64 {
		return 0, nil, fmt.Errorf("ss58: %w: %d must take one byte", ErrPrefix, prefix)
	}
	return prefix, raw[size : size+body : size+body], nil
}

// DecodeAccount returns the account of an address, which must be 32 bytes long and, if networks are given, carry one
// of their prefixes.
func DecodeAccount(text string, networks ...uint16) (account [32]byte, err error) {
	prefix, body, err := Decode(text)
	if err != nil {
		return account, err
	}
	if len(body) != accountSize {
		return account, fmt.Errorf("ss58: %w: the account has %d bytes, want 32", ErrLength, len(body))
	}
	accepted := len(networks) == 0
	for _, network := range networks {
		accepted = accepted || network == prefix
	}
	if !accepted {
		return account, fmt.Errorf("ss58: %w: prefix %d, want %v", ErrNetwork, prefix, networks)
	}
	return [32]byte(body), nil
}

func checksum(payload []byte) (sum [checksumSize]byte) {
	const domain = "SS58PRE"
	buf := make([]byte, 0, len(domain)+2+ecdsaKeySize)
	digest := blake2b.Sum512(append(append(buf, domain...), payload...))
	return [checksumSize]byte(digest[:])
}

func decodeBase58(text string) ([]byte, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("ss58: %w: %d characters, no address has more than 51", ErrLength, len(text))
	}
	if strings.HasPrefix(text, "0x") {
		return nil, fmt.Errorf("ss58: %w: the text is hexadecimal", ErrBase58)
	}
	for i, r := range text {
		if !strings.ContainsRune(alphabet, r) {
			return nil, fmt.Errorf("ss58: %w: character %q at position %d", ErrBase58, r, i+1)
		}
	}
	if text == "" {
		return nil, nil
	}
	raw, err := base58.Decode(text)
	if err != nil {
		return nil, fmt.Errorf("ss58: %w: %w", ErrBase58, err)
	}
	return raw, nil
}
