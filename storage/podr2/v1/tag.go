package v1

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
)

// Tag is the tag of one fragment with everything a worker signs about it.
type Tag struct {
	Name    string                                // 64 hexadecimal characters
	U       *big.Int                              // 1 ≤ U < N
	Phi     [BlocksPerFragment][modulusBytes]byte // big-endian, each less than N
	PhiHash [32]byte                              // SHA-256 of all phi in decimal; upstream in any order, here in index order
	Attest  [modulusBytes]byte                    // RSA-SHA256 over Tag.attested
	USig    [modulusBytes]byte                    // RSA without DigestInfo over SHA-256 of U in decimal
}

// phiHash hashes all phi in index order.
func (t *Tag) phiHash() [32]byte {
	h := sha256.New()
	for i := range t.Phi {
		h.Write([]byte(new(big.Int).SetBytes(t.Phi[i][:]).String()))
	}
	return [32]byte(h.Sum(nil))
}

// attested is the digest under Attest: SHA-256 of SHA-256(customData ‖ name ‖ decimal u ‖ PhiHash).
func (t *Tag) attested(customData string) [32]byte {
	h := sha256.New()
	h.Write([]byte(customData))
	h.Write([]byte(t.Name))
	h.Write([]byte(t.U.String()))
	h.Write(t.PhiHash[:])
	return sha256.Sum256(h.Sum(nil))
}

// Check verifies the signatures of a tag and the range of its numbers. It does not look at the fragment: an upstream
// tag whose phi were hashed in another order passes as well. Errors: ErrTag, ErrEncoding.
func (t *Tag) Check(key *PublicKey, customData string) error {
	if err := checkName(t.Name); err != nil {
		return err
	}
	if t.U == nil || t.U.Sign() <= 0 || t.U.Cmp(key.n.integer) >= 0 {
		return fmt.Errorf("%w: u out of range", ErrTag)
	}
	for i := range t.Phi {
		if phi := new(big.Int).SetBytes(t.Phi[i][:]); phi.Sign() == 0 || phi.Cmp(key.n.integer) >= 0 {
			return fmt.Errorf("%w: phi %d out of range", ErrTag, i)
		}
	}
	attested := t.attested(customData)
	if err := rsa.VerifyPKCS1v15(key.rsa, crypto.SHA256, attested[:], t.Attest[:]); err != nil {
		return fmt.Errorf("%w: attestation does not verify", ErrTag)
	}
	digest := sha256.Sum256([]byte(t.U.String()))
	if err := key.VerifyRaw(digest[:], t.USig[:]); err != nil {
		return fmt.Errorf("%w: signature of u does not verify", ErrTag)
	}
	return nil
}

// Wire is the protobuf message podr2.Tag as Go values; the JSON names are those of the upstream miner's tag files.
type Wire struct {
	T       WireT  `json:"t"`
	PhiHash string `json:"phi_hash,omitempty"` // hexadecimal
	Attest  string `json:"attest,omitempty"`   // hexadecimal
}

// WireT is the protobuf message podr2.Tag.T; numbers are decimal.
type WireT struct {
	Name string   `json:"name,omitempty"`
	U    string   `json:"u,omitempty"`
	Phi  []string `json:"phi,omitempty"`
}

// Wire returns the message for a tag; u_sig travels beside it.
func (t *Tag) Wire() *Wire {
	w := &Wire{
		T:       WireT{Name: t.Name, U: t.U.String(), Phi: make([]string, len(t.Phi))},
		PhiHash: hex.EncodeToString(t.PhiHash[:]),
		Attest:  hex.EncodeToString(t.Attest[:]),
	}
	for i := range t.Phi {
		w.T.Phi[i] = new(big.Int).SetBytes(t.Phi[i][:]).String()
	}
	return w
}

// ParseWire reads a received message and the u_sig that came with it. Numbers must be in decimal without leading zeros
// and below 2^2048; Check compares them with a key. The error is ErrEncoding.
func ParseWire(w *Wire, uSig []byte) (*Tag, error) {
	if err := checkName(w.T.Name); err != nil {
		return nil, err
	}
	if len(w.T.Phi) != BlocksPerFragment {
		return nil, fmt.Errorf("%w: tag with %d phi", ErrEncoding, len(w.T.Phi))
	}
	bound := new(big.Int).Lsh(big.NewInt(1), 8*modulusBytes)
	t := &Tag{Name: w.T.Name}
	var err error
	if t.U, err = parseResidue(w.T.U, bound); err != nil {
		return nil, fmt.Errorf("u: %w", err)
	}
	for i, s := range w.T.Phi {
		phi, err := parseResidue(s, bound)
		if err != nil {
			return nil, fmt.Errorf("phi %d: %w", i, err)
		}
		phi.FillBytes(t.Phi[i][:])
	}
	if err := parseHex(t.PhiHash[:], w.PhiHash); err != nil {
		return nil, fmt.Errorf("phi_hash: %w", err)
	}
	if err := parseHex(t.Attest[:], w.Attest); err != nil {
		return nil, fmt.Errorf("attest: %w", err)
	}
	if len(uSig) != modulusBytes {
		return nil, fmt.Errorf("%w: u_sig of %d bytes", ErrEncoding, len(uSig))
	}
	copy(t.USig[:], uSig)
	return t, nil
}

// parseHex fills dst from lower-case hexadecimal.
func parseHex(dst []byte, s string) error {
	if len(s) != 2*len(dst) {
		return fmt.Errorf("%w: %d hexadecimal characters, want %d", ErrEncoding, len(s), 2*len(dst))
	}
	if _, err := hex.Decode(dst, []byte(s)); err != nil || hex.EncodeToString(dst) != s {
		return fmt.Errorf("%w: not lower-case hexadecimal", ErrEncoding)
	}
	return nil
}
