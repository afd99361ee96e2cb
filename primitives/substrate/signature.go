package substrate

import (
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// SignatureScheme is the variant of a MultiSignature, numbered as on the wire.
type SignatureScheme uint8

// The signature schemes of the chain (spec/wire.md §1.4).
const (
	Ed25519 SignatureScheme = iota
	Sr25519
	Ecdsa
)

func (s SignatureScheme) String() string {
	if int(s) < len(schemeNames) {
		return schemeNames[s]
	}
	return fmt.Sprintf("scheme %d", uint8(s))
}

var schemeNames = [...]string{"ed25519", "sr25519", "ecdsa"}

// size is the length of a signature, 0 for an unknown scheme.
func (s SignatureScheme) size() int {
	switch s {
	case Ed25519, Sr25519:
		return 64
	case Ecdsa:
		return 65
	}
	return 0
}

// MultiSignature is a signature of one of the schemes. It is a comparable value; the zero
// value is an Ed25519 signature of zeros.
type MultiSignature struct {
	scheme SignatureScheme
	bytes  [65]byte
}

// NewSignature makes a signature; it fails when b has not the scheme's length (64 bytes,
// ecdsa 65).
func NewSignature(scheme SignatureScheme, b []byte) (MultiSignature, error) {
	if n := scheme.size(); n == 0 || n != len(b) {
		return MultiSignature{}, fmt.Errorf("substrate: %v signature of %d bytes", scheme, len(b))
	}
	s := MultiSignature{scheme: scheme}
	copy(s.bytes[:], b)
	return s, nil
}

// Scheme is the signature's scheme.
func (s MultiSignature) Scheme() SignatureScheme { return s.scheme }

// Bytes is the bare signature.
func (s MultiSignature) Bytes() []byte { return append([]byte(nil), s.bytes[:s.scheme.size()]...) }

func (s MultiSignature) String() string {
	return fmt.Sprintf("%v:%s", s.scheme, toHex(s.bytes[:s.scheme.size()]))
}

// AppendScale implements the convention of package scale.
func (s MultiSignature) AppendScale(dst []byte) ([]byte, error) {
	return append(append(dst, byte(s.scheme)), s.bytes[:s.scheme.size()]...), nil
}

// DecodeScale implements the convention of package scale.
func (s *MultiSignature) DecodeScale(d *scale.Decoder) error {
	*s = MultiSignature{}
	scheme, err := d.Byte()
	if err != nil {
		return err
	}
	n := SignatureScheme(scheme).size()
	if n == 0 {
		return d.Errorf("%w (%d)", scale.ErrUnknownVariant, scheme)
	}
	b, err := d.Bytes(n)
	if err != nil {
		return err
	}
	s.scheme = SignatureScheme(scheme)
	copy(s.bytes[:], b)
	return nil
}

// ScaleType implements the convention of package scale.
func (MultiSignature) ScaleType() scale.TypeInfo { return scale.TypeInfo{Def: multiSignatureDef} }

var multiSignatureDef = &scale.TypeDef{
	Path: "sp_runtime::MultiSignature",
	Kind: scale.KindVariant,
	Variants: []scale.VariantDef{
		variant[[64]byte](0, "Ed25519", "ed25519::Signature"),
		variant[[64]byte](1, "Sr25519", "sr25519::Signature"),
		variant[[65]byte](2, "Ecdsa", "ecdsa::Signature"),
	},
}
