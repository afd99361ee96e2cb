package crypto

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/gocess/gocess/primitives/ss58"
)

// Pair is a key that can sign. The pairs of this package are immutable, safe for concurrent use, and print as their
// scheme and address.
type Pair interface {
	Scheme() Scheme
	// Public returns a fresh copy of the public key: 32 bytes, for ECDSA the 33-byte compressed point.
	Public() []byte
	// AccountID returns the account that the key controls: the public key itself, for ECDSA its blake2b-256.
	AccountID() [32]byte
	// Sign signs any message; callers replace extrinsic payloads above 256 bytes by their hash (spec/wire.md §3.2).
	// It fails only if the system's random source does.
	Sign(msg []byte) ([]byte, error)
}

// FromSeed makes the pair of a raw secret: a 32-byte seed (mini-secret) for every scheme, or the 64-byte expanded secret
// (scalar ‖ nonce) for sr25519. The error does not quote the secret.
func FromSeed(scheme Scheme, seed []byte) (Pair, error) {
	switch scheme {
	case Sr25519:
		return orNil(newSr25519(seed))
	case Ed25519:
		return orNil(newEd25519(seed))
	case Ecdsa:
		return orNil(newEcdsa(seed))
	}
	return nil, fmt.Errorf("make key: unknown signature scheme %d", uint8(scheme))
}

// orNil keeps a nil pointer from becoming a Pair that is not nil.
func orNil[P Pair](pair P, err error) (Pair, error) {
	if err != nil {
		return nil, err
	}
	return pair, nil
}

// Generate makes a fresh key and the mnemonic, of 12, 15, 18, 21 or 24 words, that restores it.
func Generate(scheme Scheme, words int) (mnemonic string, p Pair, err error) {
	if mnemonic, err = NewMnemonic(words); err != nil {
		return "", nil, err
	}
	if p, err = FromURI(scheme, mnemonic); err != nil {
		return "", nil, err
	}
	return mnemonic, p, nil
}

// hidden keeps a secret where no printing can reach it. A pointer would not do: for a verb that it cannot apply, fmt
// follows the pointer of an unexported field and prints what it finds. It never looks into functions.
type hidden[T any] func() T

func hide[T any](secret T) hidden[T] { return func() T { return secret } }

// label is all that pairs show of themselves.
type label struct {
	scheme  Scheme
	account [32]byte
}

// Scheme returns the signature scheme of the key.
func (l label) Scheme() Scheme { return l.scheme }

// AccountID returns the account that the key controls.
func (l label) AccountID() [32]byte { return l.account }

// String returns "scheme:address" with the CESS prefix; it holds no secret.
func (l label) String() string { return l.scheme.String() + ":" + ss58.Encode(ss58.CESS, l.account[:]) }

// Format writes String whatever the verb, so that %x and %#v cannot reach the secret.
func (l label) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.String()) }

// LogValue logs String.
func (l label) LogValue() slog.Value { return slog.StringValue(l.String()) }

// MarshalText writes String, so that a pair inside a JSON document is harmless.
func (l label) MarshalText() ([]byte, error) { return []byte(l.String()), nil }
