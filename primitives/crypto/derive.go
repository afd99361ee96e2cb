package crypto

import (
	"errors"
	"fmt"

	"github.com/ChainSafe/go-schnorrkel"
)

// ErrSoftDerivation is returned for a /soft junction where only //hard ones exist.
var ErrSoftDerivation = errors.New("only sr25519 keys have soft junctions; write // for a hard one")

// derive follows a path from a seed, see FromSeed for its sizes.
func derive(scheme Scheme, seed []byte, path []junction) (Pair, error) {
	switch scheme {
	case Sr25519:
		return orNil(deriveSr25519(seed, path))
	case Ed25519:
		return deriveHashed(scheme, "Ed25519HDKD", seed, path)
	case Ecdsa:
		return deriveHashed(scheme, "Secp256k1HDKD", seed, path)
	}
	return nil, fmt.Errorf("derive key: unknown signature scheme %d", uint8(scheme))
}

// deriveHashed hashes the seed with each chain code under the scheme's label.
func deriveHashed(scheme Scheme, label string, seed []byte, path []junction) (Pair, error) {
	if len(seed) != 32 {
		return FromSeed(scheme, seed) // refuses the length
	}
	for _, step := range path {
		if !step.hard {
			return nil, fmt.Errorf("derive %s key: %w", scheme, ErrSoftDerivation)
		}
		child := Blake2b256(scaleString(label), seed, step.code[:])
		seed = child[:]
	}
	return FromSeed(scheme, seed)
}

func deriveSr25519(seed []byte, path []junction) (*Sr25519Pair, error) {
	pair, err := newSr25519(seed)
	for _, step := range path {
		if err != nil {
			return nil, err
		}
		if step.hard {
			pair, err = pair.deriveHard(step.code)
		} else {
			pair, err = pair.deriveSoft(step.code)
		}
	}
	return pair, err
}

// schnorrkel returns the secret in the form of the library that derives keys and evaluates the VRF.
func (p *Sr25519Pair) schnorrkel() *schnorrkel.SecretKey {
	secret := p.Secret()
	return schnorrkel.NewSecretKey([32]byte(secret[:32]), [32]byte(secret[32:]))
}

func (p *Sr25519Pair) deriveHard(code [32]byte) (*Sr25519Pair, error) {
	mini, _, err := p.schnorrkel().HardDeriveMiniSecretKey([]byte{}, code)
	if err != nil {
		return nil, fmt.Errorf("derive sr25519 key: %w", err)
	}
	seed := mini.Encode()
	return newSr25519(seed[:])
}

func (p *Sr25519Pair) deriveSoft(code [32]byte) (*Sr25519Pair, error) {
	child, err := schnorrkel.DeriveKeySoft(p.schnorrkel(), []byte{}, code)
	if err != nil {
		return nil, fmt.Errorf("derive sr25519 key: %w", err)
	}
	key, err := child.Secret()
	if err != nil {
		return nil, fmt.Errorf("derive sr25519 key: %w", err)
	}
	scalar := key.Encode()
	// The nonce only feeds the signer's randomness, so each implementation may choose it. Deriving it from the parent's
	// secret makes the same URI give the same secret every time.
	nonce := Blake2b256([]byte("sr25519 soft nonce"), p.Secret(), code[:])
	return newSr25519(append(scalar[:], nonce[:]...))
}

// SoftDerivePublic follows a path of soft junctions, such as "/app/7", from an sr25519 public key to the public key of
// the pair that the same path reaches from its secret.
func SoftDerivePublic(public []byte, path string) ([]byte, error) {
	if len(public) != 32 {
		return nil, fmt.Errorf("derive sr25519 key: the public key has %d bytes, want 32", len(public))
	}
	if path != "" && path[0] != '/' {
		return nil, fmt.Errorf("%w: the path does not begin with a slash", ErrURI)
	}
	if err := checkURI(path); err != nil {
		return nil, err
	}
	steps, err := parsePath(path)
	if err != nil {
		return nil, err
	}
	key, err := schnorrkel.NewPublicKey([32]byte(public))
	if err != nil {
		return nil, errors.New("derive sr25519 key: bad public key")
	}
	for _, step := range steps {
		if step.hard {
			return nil, errors.New("derive sr25519 key: a hard junction needs the secret key")
		}
		child, err := schnorrkel.DeriveKeySoft(key, []byte{}, step.code)
		if err != nil {
			return nil, fmt.Errorf("derive sr25519 key: %w", err)
		}
		if key, err = child.Public(); err != nil {
			return nil, fmt.Errorf("derive sr25519 key: %w", err)
		}
	}
	out := key.Encode()
	return out[:], nil
}
