package crypto

import (
	"fmt"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// ed25519Rules are those of ZIP-215 (cofactored equation, any encoding of R and A that decodes, s < order), which give
// every implementation and every batch the same verdict, except that A must not be of small order: such a key,
// the all-zero account among them, would verify signatures that anybody can make.
var ed25519Rules = &ed25519.Options{Verify: &ed25519.VerifyOptions{
	AllowSmallOrderA:   false,
	AllowSmallOrderR:   true,
	AllowNonCanonicalA: true,
	AllowNonCanonicalR: true,
}}

// Ed25519Pair is an RFC 8032 key. Create it with FromSeed or FromURI.
type Ed25519Pair struct {
	label
	secret hidden[ed25519.PrivateKey] // seed ‖ public key
}

func newEd25519(seed []byte) (*Ed25519Pair, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("make ed25519 key: the secret has %d bytes, want 32", len(seed))
	}
	key := ed25519.NewKeyFromSeed(seed)
	return &Ed25519Pair{label{Ed25519, [32]byte(key[32:])}, hide(key)}, nil
}

// Public returns the public key, 32 bytes.
func (p *Ed25519Pair) Public() []byte { return append([]byte(nil), p.account[:]...) }

// Sign returns the deterministic signature of RFC 8032, 64 bytes.
func (p *Ed25519Pair) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(p.secret(), msg), nil }

// Secret hands out the 32-byte seed. FromSeed takes it back.
func (p *Ed25519Pair) Secret() []byte { return append([]byte(nil), p.secret()[:32]...) }

func verifyEd25519(public, msg, sig []byte) bool {
	return len(public) == ed25519.PublicKeySize && len(sig) == ed25519.SignatureSize &&
		ed25519.VerifyWithOptions(public, msg, sig, ed25519Rules)
}
