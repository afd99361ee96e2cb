package crypto

import "fmt"

// Scheme is a signature scheme. Its values are the variant indices of MultiSignature.
type Scheme uint8

const (
	Ed25519 Scheme = 0
	Sr25519 Scheme = 1
	Ecdsa   Scheme = 2 // secp256k1
)

var schemeNames = [...]string{Ed25519: "ed25519", Sr25519: "sr25519", Ecdsa: "ecdsa"}

// Valid tells whether s is one of the three schemes.
func (s Scheme) Valid() bool { return int(s) < len(schemeNames) }

// String returns the lower-case name, as wallets write it.
func (s Scheme) String() string {
	if !s.Valid() {
		return fmt.Sprintf("scheme(%d)", uint8(s))
	}
	return schemeNames[s]
}

// PublicSize returns the length of a public key in bytes, 0 for an unknown scheme.
func (s Scheme) PublicSize() int {
	switch s {
	case Ed25519, Sr25519:
		return 32
	case Ecdsa:
		return 33
	}
	return 0
}

// SignatureSize returns the length of a signature in bytes, 0 for an unknown scheme.
func (s Scheme) SignatureSize() int {
	switch s {
	case Ed25519, Sr25519:
		return 64
	case Ecdsa:
		return 65
	}
	return 0
}

// ParseScheme reads the name of a scheme.
func ParseScheme(name string) (Scheme, error) {
	for s, known := range schemeNames {
		if name == known {
			return Scheme(s), nil
		}
	}
	return 0, fmt.Errorf("unknown signature scheme %q, want sr25519, ed25519 or ecdsa", name)
}

// MarshalText writes the name.
func (s Scheme) MarshalText() ([]byte, error) {
	if !s.Valid() {
		return nil, fmt.Errorf("unknown signature scheme %d", uint8(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads the name.
func (s *Scheme) UnmarshalText(text []byte) (err error) {
	*s, err = ParseScheme(string(text))
	return err
}
