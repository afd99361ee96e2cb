package crypto

import (
	"errors"
	"fmt"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

const (
	compactMagic      = 27 // of the library's v ‖ r ‖ s form
	compactCompressed = 4
)

// ErrSignature wraps the reasons why no key can be recovered from an ECDSA signature.
var ErrSignature = errors.New("bad ECDSA signature")

// EcdsaPair is a secp256k1 key. Its account is blake2b-256 of the compressed public key, its Ethereum address the usual
// one. Create it with FromSeed or FromURI.
type EcdsaPair struct {
	label
	public [33]byte
	secret hidden[*secp256k1.PrivateKey]
}

func newEcdsa(seed []byte) (*EcdsaPair, error) {
	if len(seed) != secp256k1.PrivKeyBytesLen {
		return nil, fmt.Errorf("make ecdsa key: the secret has %d bytes, want 32", len(seed))
	}
	var scalar secp256k1.ModNScalar
	if overflow := scalar.SetByteSlice(seed); overflow || scalar.IsZero() {
		return nil, errors.New("make ecdsa key: the secret is zero or not below the order of the curve")
	}
	key := secp256k1.NewPrivateKey(&scalar)
	public := [33]byte(key.PubKey().SerializeCompressed())
	return &EcdsaPair{label{Ecdsa, Blake2b256(public[:])}, public, hide(key)}, nil
}

// Public returns the compressed public key, 33 bytes.
func (p *EcdsaPair) Public() []byte { return append([]byte(nil), p.public[:]...) }

// Sign signs blake2b-256 of msg, the digest of extrinsic signatures: r ‖ s ‖ v, 65 bytes, v in {0, 1}, deterministic
// (RFC 6979).
func (p *EcdsaPair) Sign(msg []byte) ([]byte, error) {
	sig := p.SignDigest(Blake2b256(msg))
	return sig[:], nil
}

// SignDigest signs a digest of any other protocol (EIP-191, EIP-712, …). Add 27 to the last byte where Ethereum
// software expects it.
func (p *EcdsaPair) SignDigest(digest [32]byte) (sig [65]byte) {
	compact := ecdsa.SignCompact(p.secret(), digest[:], true)
	copy(sig[:], compact[1:])
	sig[64] = compact[0] - compactMagic - compactCompressed
	return sig
}

// EthAddress returns the Ethereum address of the key.
func (p *EcdsaPair) EthAddress() EthAddress { return ethAddress(p.secret().PubKey()) }

// Secret hands out the 32-byte secret scalar, big endian. FromSeed takes it back.
func (p *EcdsaPair) Secret() []byte { return p.secret().Serialize() }

// RecoverDigest returns the compressed public key that made sig over digest. sig is r ‖ s ‖ v with v in {0, 1, 27, 28};
// s must be in the lower half of the group order. Both spellings of v are valid, so signature bytes identify nothing.
// The error wraps ErrSignature.
func RecoverDigest(digest [32]byte, sig []byte) (public [33]byte, err error) {
	key, err := recoverKey(digest, sig)
	if err != nil {
		return public, err
	}
	return [33]byte(key.SerializeCompressed()), nil
}

// VerifyDigest tells whether the compressed or uncompressed secp256k1 key made sig over digest. sig is r ‖ s, with or
// without a final v, which is ignored.
func VerifyDigest(public []byte, digest [32]byte, sig []byte) bool {
	if len(sig) != 64 && len(sig) != 65 {
		return false
	}
	key, err := secp256k1.ParsePubKey(public)
	if err != nil {
		return false
	}
	r, s, err := parseRS(sig)
	return err == nil && ecdsa.NewSignature(r, s).Verify(digest[:], key)
}

func parseRS(sig []byte) (r, s *secp256k1.ModNScalar, err error) {
	r, s = new(secp256k1.ModNScalar), new(secp256k1.ModNScalar)
	if overflow := r.SetByteSlice(sig[:32]); overflow || r.IsZero() {
		return nil, nil, fmt.Errorf("%w: r is out of range", ErrSignature)
	}
	if overflow := s.SetByteSlice(sig[32:64]); overflow || s.IsZero() {
		return nil, nil, fmt.Errorf("%w: s is out of range", ErrSignature)
	}
	if s.IsOverHalfOrder() {
		return nil, nil, fmt.Errorf("%w: s is in the upper half of the group order", ErrSignature)
	}
	return r, s, nil
}

func recoverKey(digest [32]byte, sig []byte) (*secp256k1.PublicKey, error) {
	if len(sig) != 65 {
		return nil, fmt.Errorf("%w: %d bytes, want 65", ErrSignature, len(sig))
	}
	v := sig[64]
	if v == 27 || v == 28 {
		v -= 27
	}
	if v > 1 {
		return nil, fmt.Errorf("%w: v is %d, want 0, 1, 27 or 28", ErrSignature, sig[64])
	}
	if _, _, err := parseRS(sig); err != nil {
		return nil, err
	}
	compact := append(make([]byte, 0, 65), compactMagic+compactCompressed+v)
	key, _, err := ecdsa.RecoverCompact(append(compact, sig[:64]...), digest[:])
	if err != nil {
		return nil, fmt.Errorf("%w: no public key fits it", ErrSignature)
	}
	return key, nil
}

// recoverAccount returns the account whose key made an extrinsic signature over msg.
func recoverAccount(msg, sig []byte) (account [32]byte, ok bool) {
	public, err := RecoverDigest(Blake2b256(msg), sig)
	if err != nil {
		return account, false
	}
	return Blake2b256(public[:]), true
}
