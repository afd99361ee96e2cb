package crypto

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// EthAddress is an Ethereum account address, H160.
type EthAddress [20]byte

// ErrEthAddress is wrapped by ParseEthAddress.
var ErrEthAddress = errors.New("bad Ethereum address")

// ParseEthAddress reads 40 hexadecimal digits with or without 0x. Mixed case must be the EIP-55 checksum; text in one
// case carries none and is taken as it is.
func ParseEthAddress(text string) (a EthAddress, err error) {
	digits := text
	if strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X") {
		digits = text[2:]
	}
	if len(digits) != 2*len(a) {
		return a, fmt.Errorf("%w: %d digits, want 40", ErrEthAddress, len(digits))
	}
	if _, err := hex.Decode(a[:], []byte(digits)); err != nil {
		return EthAddress{}, fmt.Errorf("%w: not hexadecimal", ErrEthAddress)
	}
	oneCase := digits == strings.ToLower(digits) || digits == strings.ToUpper(digits)
	if want := a.String(); !oneCase && digits != want[2:] {
		return EthAddress{}, fmt.Errorf("%w: wrong EIP-55 checksum (mistyped?)", ErrEthAddress)
	}
	return a, nil
}

// EthAddressOf returns the address of a secp256k1 public key, compressed or not.
func EthAddressOf(public []byte) (EthAddress, error) {
	key, err := secp256k1.ParsePubKey(public)
	if err != nil {
		return EthAddress{}, errors.New("bad secp256k1 public key")
	}
	return ethAddress(key), nil
}

func ethAddress(key *secp256k1.PublicKey) EthAddress {
	digest := Keccak256(key.SerializeUncompressed()[1:])
	return EthAddress(digest[12:])
}

// TruncatedAddress returns the address that EVM.call and EVM.withdraw expect as source of a Substrate signer: the first
// 20 bytes of its account (spec/wire.md §7.6).
func TruncatedAddress(account [32]byte) EthAddress { return EthAddress(account[:20]) }

// AccountID returns the account that holds the balance and nonce of the address: blake2b-256("evm:" ‖ address). The
// mapping has no inverse (spec/wire.md §7.6).
func (a EthAddress) AccountID() [32]byte { return Blake2b256([]byte("evm:"), a[:]) }

// String returns 0x and 40 digits in EIP-55 mixed case: a letter is a capital where the digit of the Keccak-256 of the
// lower-case text at its place is 8 or more.
func (a EthAddress) String() string {
	text := hex.AppendEncode([]byte("0x"), a[:])
	sum := Keccak256(text[2:])
	for i, c := range text[2:] {
		if nibble := sum[i/2] >> (4 * (1 - i%2)) & 0xf; c >= 'a' && nibble >= 8 {
			text[2+i] = c - 'a' + 'A'
		}
	}
	return string(text)
}

// MarshalText writes String.
func (a EthAddress) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is ParseEthAddress.
func (a *EthAddress) UnmarshalText(text []byte) (err error) {
	*a, err = ParseEthAddress(string(text))
	return err
}

// PersonalDigest returns the digest that personal_sign of Ethereum wallets signs (EIP-191, version 0x45).
func PersonalDigest(msg []byte) [32]byte {
	return Keccak256([]byte("\x19Ethereum Signed Message:\n"), strconv.AppendInt(nil, int64(len(msg)), 10), msg)
}

// RecoverPersonal returns the address whose wallet signed msg with personal_sign. sig is r ‖ s ‖ v, see RecoverDigest.
func RecoverPersonal(msg, sig []byte) (EthAddress, error) {
	key, err := recoverKey(PersonalDigest(msg), sig)
	if err != nil {
		return EthAddress{}, err
	}
	return ethAddress(key), nil
}
