package crypto

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"golang.org/x/crypto/nacl/secretbox"
	"golang.org/x/crypto/scrypt"
)

// The inside of a key file. Encrypted: salt (32) ‖ N ‖ p ‖ r (u32 little endian each) ‖ nonce (24) ‖ secretbox. The
// secretbox key is the first half of the 64 bytes that scrypt makes of the passphrase.
const (
	saltSize   = 32
	paramsSize = 12
	nonceSize  = 24
	boxHeader  = saltSize + paramsSize + nonceSize
	scryptSize = 64
)

// DefaultScryptCost is log2 of scrypt's N that current wallets use: opening a key takes 128 MiB for a moment.
// LegacyScryptCost (32 MiB) is the only one that wallets of 2024 and before can import.
const (
	DefaultScryptCost = 17
	LegacyScryptCost  = 15
)

// Bounds on the scrypt parameters of foreign files: every set that wallets accept passes, and a hostile file costs at
// most 256 MiB for a few seconds.
const (
	maxScryptMemory = 256 << 20 // 128·N·r bytes
	maxScryptWork   = 1 << 22   // N·r·p
)

// scryptP is the parallelism that wallets demand for each cost they accept (r is always 8).
var scryptP = map[int]uint32{15: 1, 16: 2, 17: 1}

func sealBox(plain []byte, passphrase string, cost int) ([]byte, error) {
	p, ok := scryptP[cost]
	if !ok {
		return nil, fmt.Errorf("encrypt key: scrypt cost %d, wallets accept 15, 16 and 17", cost)
	}
	out := make([]byte, boxHeader, boxHeader+secretbox.Overhead+len(plain))
	if _, err := rand.Read(out); err != nil {
		return nil, fmt.Errorf("encrypt key: %w", err)
	}
	params := out[saltSize : saltSize+paramsSize]
	binary.LittleEndian.PutUint32(params, 1<<cost)
	binary.LittleEndian.PutUint32(params[4:], p)
	binary.LittleEndian.PutUint32(params[8:], 8)
	key, err := boxKey(out, passphrase)
	if err != nil {
		return nil, err
	}
	nonce := [nonceSize]byte(out[saltSize+paramsSize:])
	return secretbox.Seal(out, plain, &nonce, &key), nil
}

func openBox(sealed []byte, passphrase string) ([]byte, error) {
	if len(sealed) < boxHeader+secretbox.Overhead {
		return nil, fmt.Errorf("%w: the encrypted key is cut off", ErrKeyFile)
	}
	key, err := boxKey(sealed, passphrase)
	if err != nil {
		return nil, err
	}
	nonce := [nonceSize]byte(sealed[saltSize+paramsSize:])
	plain, ok := secretbox.Open(nil, sealed[boxHeader:], &nonce, &key)
	if !ok {
		return nil, ErrPassphrase
	}
	return plain, nil
}

// boxKey stretches the passphrase with the salt and parameters at the start of a sealed key.
func boxKey(header []byte, passphrase string) (key [32]byte, err error) {
	params := header[saltSize:]
	n := uint64(binary.LittleEndian.Uint32(params))
	p := uint64(binary.LittleEndian.Uint32(params[4:]))
	r := uint64(binary.LittleEndian.Uint32(params[8:]))
	// Each factor is bounded on its own first, so that the products cannot overflow.
	small := n >= 2 && n <= maxScryptWork && r >= 1 && r <= maxScryptWork && p >= 1 && p <= maxScryptWork
	if !small || n&(n-1) != 0 || 128*n*r > maxScryptMemory || 128*p*r > maxScryptMemory || n*r > maxScryptWork/p {
		return key, fmt.Errorf("%w: unreasonable scrypt parameters N=%d p=%d r=%d", ErrKeyFile, n, p, r)
	}
	stretched, err := scrypt.Key([]byte(passphrase), header[:saltSize], int(n), int(r), int(p), scryptSize)
	if err != nil {
		return key, fmt.Errorf("%w: scrypt: %w", ErrKeyFile, err)
	}
	return [32]byte(stretched), nil
}

// The plain key: a PKCS#8-like frame around the secret, a divider, and the public key. The secret is
//
//	sr25519  64 bytes: the scalar times 8 (the Ed25519 form) ‖ nonce
//	ed25519  64 bytes: seed ‖ public key
//	ecdsa    32 bytes
//
// and, in files of early wallets, the 32-byte seed for any scheme.
var (
	pkcs8Header  = []byte{48, 83, 2, 1, 1, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32}
	pkcs8Divider = []byte{161, 35, 3, 33, 0}
)

func encodePKCS8(pair Pair) ([]byte, error) {
	var secret []byte
	switch p := pair.(type) {
	case *Sr25519Pair:
		secret = p.Secret()
		shiftScalar(secret[:32], 3)
	case *Ed25519Pair:
		secret = append([]byte(nil), p.secret()...)
	case *EcdsaPair:
		secret = p.Secret()
	default:
		return nil, errors.New("make key file: the pair does not give its secret away")
	}
	return bytes.Join([][]byte{pkcs8Header, secret, pkcs8Divider, pair.Public()}, nil), nil
}

func decodePKCS8(scheme Scheme, plain []byte) (Pair, error) {
	rest, ok := bytes.CutPrefix(plain, pkcs8Header)
	if !ok {
		return nil, fmt.Errorf("%w: no PKCS#8 header", ErrKeyFile)
	}
	var secret, public []byte
	for _, size := range []int{64, 32} {
		if len(rest) >= size && bytes.HasPrefix(rest[size:], pkcs8Divider) {
			secret, public = bytes.Clone(rest[:size]), rest[size+len(pkcs8Divider):]
			break
		}
	}
	switch {
	case secret == nil:
		return nil, fmt.Errorf("%w: no PKCS#8 divider", ErrKeyFile)
	case scheme == Sr25519 && len(secret) == 64:
		if secret[0]&7 != 0 {
			return nil, fmt.Errorf("%w: the secret is not an sr25519 key", ErrKeyFile)
		}
		shiftScalar(secret[:32], -3)
	case scheme == Ed25519 && len(secret) == ed25519.PrivateKeySize:
		// The second half repeats the public key; the check below covers the copy that counts.
		secret = secret[:32]
	}
	pair, err := FromSeed(scheme, secret)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	if !bytes.Equal(pair.Public(), public) {
		return nil, fmt.Errorf("%w: the public key is not that of the secret", ErrKeyFile)
	}
	return pair, nil
}

// shiftScalar multiplies a little-endian scalar by 2^bits (the caller knows that it fits), or divides it if bits is
// negative. Secret scalars are below 2^253, so the cofactor always fits.
func shiftScalar(scalar []byte, bits int) {
	if bits >= 0 {
		for i := len(scalar) - 1; i > 0; i-- {
			scalar[i] = scalar[i]<<bits | scalar[i-1]>>(8-bits)
		}
		scalar[0] <<= bits
		return
	}
	for i := range scalar[:len(scalar)-1] {
		scalar[i] = scalar[i]>>-bits | scalar[i+1]<<(8+bits)
	}
	scalar[len(scalar)-1] >>= -bits
}
