package attestation

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
)

// Authority is who signs for a family of processors.
type Authority uint8

// The authorities.
const (
	Intel    Authority = iota // SGX Root CA, for TDX
	AMDMilan                  // ARK of EPYC 7003
	AMDGenoa                  // ARK of EPYC 9004 and 8004
	AMDTurin                  // ARK of EPYC 9005
)

var authorityNames = [...]string{"intel", "amd-milan", "amd-genoa", "amd-turin"}

func (a Authority) String() string {
	if int(a) < len(authorityNames) {
		return authorityNames[a]
	}
	return fmt.Sprintf("authority %d", uint8(a))
}

// MarshalText gives the name, such as amd-milan.
func (a Authority) MarshalText() ([]byte, error) {
	if int(a) >= len(authorityNames) {
		return nil, fmt.Errorf("attestation: no %v", a)
	}
	return []byte(authorityNames[a]), nil
}

// UnmarshalText reads the name.
func (a *Authority) UnmarshalText(text []byte) error {
	for i, name := range authorityNames {
		if name == string(text) {
			*a = Authority(i)
			return nil
		}
	}
	return fmt.Errorf("attestation: no authority %q", text)
}

// authorityOf is the authority of an AMD product line, such as Milan.
func authorityOf(line string) (Authority, bool) {
	switch line {
	case "Milan":
		return AMDMilan, true
	case "Genoa":
		return AMDGenoa, true
	case "Turin":
		return AMDTurin, true
	}
	return 0, false
}

// Fingerprint is SHA-256 over a certificate's SubjectPublicKeyInfo.
type Fingerprint [32]byte

// MarshalText gives hex.
func (f Fingerprint) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, f[:]), nil }

// UnmarshalText reads hex.
func (f *Fingerprint) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(f) {
		return fmt.Errorf("attestation: fingerprint of %d characters", len(text))
	}
	_, err := hex.Decode(f[:], text)
	return err
}

// FingerprintOf is the fingerprint of a certificate's key.
func FingerprintOf(cert *x509.Certificate) Fingerprint {
	return sha256.Sum256(cert.RawSubjectPublicKeyInfo)
}

// Root is a root key that an authority is trusted under.
type Root struct {
	Authority Authority   `json:"authority"`
	Key       Fingerprint `json:"key"`
}

// Roots are the root keys to trust.
type Roots []Root

// vendors are the keys of the vendors' published root certificates.
var vendors = [...]struct {
	authority Authority
	key       string
}{
	{Intel, "a0af031289f5d5d4132f9186068a7fc13628633ba235777472e29b6b6c67a49e"},
	{AMDMilan, "9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9"},
	{AMDGenoa, "429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831"},
	{AMDTurin, "4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08"},
}

// Vendors are the pinned root keys of Intel and AMD, and any others that a
// chain for development adds.
func Vendors(others ...Root) Roots {
	roots := make(Roots, 0, len(vendors)+len(others))
	for _, v := range vendors {
		r := Root{Authority: v.authority}
		if err := r.Key.UnmarshalText([]byte(v.key)); err != nil {
			panic(err) // a constant
		}
		roots = append(roots, r)
	}
	return append(roots, others...)
}

func (r Roots) trust(a Authority, cert *x509.Certificate) bool {
	key := FingerprintOf(cert)
	for _, root := range r {
		if root.Authority == a && root.Key == key {
			return true
		}
	}
	return false
}
