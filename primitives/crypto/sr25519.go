package crypto

import (
	"errors"
	"fmt"
	"math"

	"github.com/oasisprotocol/curve25519-voi/primitives/sr25519"
)

// signingContext separates extrinsic signatures from other uses of a key; every Substrate chain and wallet uses it.
var signingContext = sr25519.NewSigningContext([]byte("substrate"))

var errMessageTooLong = errors.New("sign: message of 4 GiB or more")

// Sr25519Pair is a Schnorr key on Ristretto255, the default kind of account. Create it with FromSeed or FromURI.
type Sr25519Pair struct {
	label
	secret hidden[*sr25519.KeyPair]
}

func newSr25519(seed []byte) (*Sr25519Pair, error) {
	var key *sr25519.SecretKey
	switch len(seed) {
	case sr25519.MiniSecretKeySize:
		mini, err := sr25519.NewMiniSecretKeyFromBytes(seed)
		if err != nil {
			return nil, errors.New("make sr25519 key: bad seed")
		}
		// Substrate expands mini-secrets the Ed25519 way: SHA-512, clamp, divide by the cofactor.
		key = mini.ExpandEd25519()
	case sr25519.SecretKeySize:
		if [32]byte(seed) == ([32]byte{}) {
			return nil, errors.New("make sr25519 key: the secret scalar is zero")
		}
		var err error
		if key, err = sr25519.NewSecretKeyFromBytes(seed); err != nil {
			return nil, errors.New("make sr25519 key: the secret scalar is not reduced")
		}
	default:
		return nil, fmt.Errorf("make sr25519 key: the secret has %d bytes, want 32 or 64", len(seed))
	}
	pair := key.KeyPair()
	public, err := pair.PublicKey().MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("make sr25519 key: %w", err)
	}
	return &Sr25519Pair{label{Sr25519, [32]byte(public)}, hide(pair)}, nil
}

// Public returns the public key, 32 bytes.
func (p *Sr25519Pair) Public() []byte { return append([]byte(nil), p.account[:]...) }

// Sign signs msg in the context "substrate". Signatures (64 bytes) are randomised: two of one message differ.
func (p *Sr25519Pair) Sign(msg []byte) ([]byte, error) {
	if uint64(len(msg)) > math.MaxUint32 {
		return nil, errMessageTooLong
	}
	sig, err := p.secret().Sign(nil, signingContext.NewTranscriptBytes(msg))
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return sig.MarshalBinary()
}

// Secret hands out the expanded secret, scalar (32 bytes, little endian) ‖ nonce (32 bytes). FromSeed takes it back.
func (p *Sr25519Pair) Secret() []byte {
	secret, err := p.secret().SecretKey().MarshalBinary()
	if err != nil {
		return nil // cannot happen: newSr25519 made the key whole
	}
	return secret
}
