package tee

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// Sealer protects secrets on disk. In a confidential machine the key behind it
// is bound to the machine's measurement.
type Sealer interface {
	// Seal encrypts the content of the file of that name.
	Seal(name string, plain []byte) ([]byte, error)
	// Unseal undoes Seal; it fails for content of another name or key.
	Unseal(name string, sealed []byte) ([]byte, error)
}

// Unsealed stores secrets as they are, in files that only their owner may read:
// for development, and for folders that are encrypted by other means.
type Unsealed struct{}

// Seal returns plain.
func (Unsealed) Seal(_ string, plain []byte) ([]byte, error) { return plain, nil }

// Unseal returns sealed.
func (Unsealed) Unseal(_ string, sealed []byte) ([]byte, error) { return sealed, nil }

// errSealed reports a file that was sealed under another key, or changed.
var errSealed = errors.New("the file does not unseal: another sealing key, or damaged")

type keySealer struct{ aead cipher.AEAD }

// NewKeySealer seals with AES-256-GCM under a key that the caller keeps: 12
// bytes of nonce before the ciphertext, the file's name as additional data.
func NewKeySealer(key [32]byte) (Sealer, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return keySealer{aead}, nil
}

func (s keySealer) Seal(name string, plain []byte) ([]byte, error) {
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return s.aead.Seal(nonce, nonce, plain, []byte(name)), nil
}

func (s keySealer) Unseal(name string, sealed []byte) ([]byte, error) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return nil, fmt.Errorf("%s: %w", name, errSealed)
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(name))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, errSealed)
	}
	return plain, nil
}
