package tee

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"

	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/storage/podr2"
	"github.com/gocess/gocess/storage/podr2/v1"
)

// keyPair is an sr25519 key that also agrees on keys (spec/podr2-tee.md §3.2).
type keyPair struct {
	pair   *crypto.Sr25519Pair
	public [32]byte
}

// newKeyPair reads a 32-byte seed or a 64-byte secret.
func newKeyPair(secret []byte) (*keyPair, error) {
	pair, err := crypto.FromSeed(crypto.Sr25519, secret)
	if err != nil {
		return nil, err
	}
	sr, ok := pair.(*crypto.Sr25519Pair)
	if !ok {
		return nil, errors.New("tee: key is not sr25519")
	}
	return &keyPair{sr, sr.AccountID()}, nil
}

func newIdentity() (*keyPair, error) {
	var seed [32]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, err
	}
	return newKeyPair(seed[:])
}

// sign signs raw bytes, which are short.
func (k *keyPair) sign(msg []byte) ([64]byte, error) {
	sig, err := k.pair.Sign(msg)
	if err != nil || len(sig) != 64 {
		return [64]byte{}, fmt.Errorf("sign: %w", err)
	}
	return [64]byte(sig), nil
}

// kdfSalt separates derived keys from others.
var kdfSalt = func() []byte {
	b, err := hex.DecodeString("18e876adfa74cc743b4b7d7f92c96e03de559a3c15270581fce445963d90f85e")
	if err != nil {
		panic(err) // a mistake in this line
	}
	return b
}()

// derive makes the pair KDF(info…).
func (k *keyPair) derive(info ...string) (*keyPair, error) {
	seed, err := hkdf.Key(sha256.New, k.pair.Secret(), kdfSalt, strings.Join(info, ""), 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return newKeyPair(seed)
}

// agree is the key that both owners can compute: the compressed product of the
// own scalar and the peer's point. It refuses the identity as point, which
// would give a key that everybody knows.
func (k *keyPair) agree(peer [32]byte) (key [32]byte, err error) {
	if peer == [32]byte{} {
		return key, errors.New("agree on a key: the peer's point is the identity")
	}
	s, err := scalar.NewFromCanonicalBytes(k.pair.Secret()[:32])
	if err != nil {
		return key, fmt.Errorf("agree on a key: %w", err)
	}
	var compressed curve.CompressedRistretto
	if _, err := compressed.SetBytes(peer[:]); err != nil {
		return key, fmt.Errorf("agree on a key: %w", err)
	}
	var point curve.RistrettoPoint
	if _, err := point.SetCompressed(&compressed); err != nil {
		return key, fmt.Errorf("agree on a key: the peer's key is no point: %w", err)
	}
	compressed.SetRistrettoPoint(point.Mul(&point, s))
	return [32]byte(compressed), nil
}

// aead is AES-256-GCM with the key that k and peer share.
func (k *keyPair) aead(peer [32]byte) (cipher.AEAD, error) {
	key, err := k.agree(peer)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// String and Format keep the secret out of logs: they show the public key.
func (k *keyPair) String() string { return hex.EncodeToString(k.public[:]) }

// master is one master key of the network with all that follows from it.
type master struct {
	der  []byte // PKCS#8, byte for byte as first made: the seed of the rest
	rsa  *v1.PrivateKey
	n    *big.Int // RSA modulus
	sign *keyPair // public is the chain's MasterPubkey
	tags *v1.Tagger
}

// maxDER bounds a PKCS#8 key of 2048 bits.
const maxDER = 2048

func newMaster(der []byte) (*master, error) {
	if len(der) > maxDER {
		return nil, fmt.Errorf("master key of %d bytes", len(der))
	}
	key, err := v1.ParsePrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	public, err := x509.ParsePKCS1PublicKey(key.Public().Bytes())
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	m := &master{der: der, rsa: key, n: public.N}
	seed := sha256.Sum256(der)
	if m.sign, err = newKeyPair(seed[:]); err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	if m.tags, err = v1.NewTagger(key, m.sign.pair.Secret()); err != nil {
		return nil, err
	}
	return m, nil
}

// generateMaster makes a new master key; some seconds.
func generateMaster() (*master, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("generate master key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("generate master key: %w", err)
	}
	return newMaster(der)
}

// String keeps the secrets out of logs.
func (m *master) String() string { return "master key " + m.sign.String() }

// taggerV2 is the network's key of PoDR² version 2. It is not part of the
// master key: tags stay valid when the master key is rotated.
type taggerV2 struct {
	seed   [32]byte
	key    *podr2.SecretKey
	tagger *podr2.Tagger
	srs    []byte
}

func newTaggerV2(seed [32]byte) (*taggerV2, error) {
	key, err := podr2.NewSecretKey(seed)
	if err != nil {
		return nil, err
	}
	return &taggerV2{seed: seed, key: key, tagger: podr2.NewTagger(key), srs: key.SRS().Bytes()}, nil
}

func generateTaggerV2() (*taggerV2, error) {
	var seed [32]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, err
	}
	return newTaggerV2(seed)
}

// String keeps the secret out of logs.
func (t *taggerV2) String() string { return t.key.String() }
