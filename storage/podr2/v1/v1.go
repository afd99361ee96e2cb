// Package v1 is version 1 of PoDR²: the RSA-2048 tags, challenges and proofs of upstream miners and TEE workers.
// Everything that leaves the package is byte-compatible with them. New deployments use package podr2.
//
// A fragment of 1024 blocks m_i has tags phi_i = (H_i · u^m_i)^d mod N with H_i = SHA-256(name ‖ decimal(i)) and a
// random u. A challenge names indices i_k and weights v_k; for each fragment the miner computes mu = Σ v_k·m_(i_k), and
// for all of them together sigma = Π phi^v. Whoever has the public key can check
//
//	sigma^e = Π_f ( Π_k H_(f,i_k)^v_k · u_f^mu_f )   (mod N)
//
// but only the holder of the secret key can do so fast. Source of all rules: the protocol description in
// docs/protocol/podr2.md, §9; the scheme is that of Ateniese et al., CCS 2007, with one sector per block.
//
// H_i is a 256-bit number and not a full-domain hash, u is not bound to its fragment by anything that goes over the
// wire, and tags are 8 % of the data: reasons to prefer version 2. The package is pure and deterministic.
package v1

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
)

const (
	// BlocksPerFragment is the number of blocks, and tags, of every fragment.
	BlocksPerFragment = 1024
	// MaxFragmentSize is the largest fragment in bytes; every fragment on chain has this size. Any multiple of
	// BlocksPerFragment up to it can be tagged.
	MaxFragmentSize = 8 << 20
	// MaxFragments bounds the fragments of one proof. The upstream miner sends at most 5000.
	MaxFragments = 6000
	// MaxChallengeLength bounds the sampled blocks of a challenge; the chain asks for 47.
	MaxChallengeLength = 1024

	nameLength      = 64    // hexadecimal characters of a fragment name
	modulusBytes    = 256   // RSA-2048
	publicExponent  = 65537 // the only one in use
	maxModulusChars = 617   // decimal digits of a 2048-bit number
	maxMuBits       = 65800 // 47 weights of 160 bits and blocks of 65 536 bits give at most 65 702
)

var (
	// ErrEncoding reports input that no honest party sends: a number with sign, leading zero or too many digits, a name
	// that is not lower-case hexadecimal, lists of different length, a wrong count.
	ErrEncoding = errors.New("podr2 v1: invalid encoding")
	// ErrKey reports a key that is not RSA-2048 with exponent 65537.
	ErrKey = errors.New("podr2 v1: unsuitable key")
	// ErrSize reports a fragment that cannot be split into 1024 equal blocks or is larger than MaxFragmentSize.
	ErrSize = errors.New("podr2 v1: fragment has the wrong size")
	// ErrName reports a fragment whose SHA-256 is not its name.
	ErrName = errors.New("podr2 v1: fragment does not match its name")
	// ErrTag reports a tag that does not belong to the key.
	ErrTag = errors.New("podr2 v1: unsuitable tag")
	// ErrProof reports a well-formed proof that does not verify, or a u that no tagger signed.
	ErrProof = errors.New("podr2 v1: proof does not verify")
	// ErrFault reports that the machine computed a wrong tag. The tag is withheld: together with a right one it would
	// reveal the secret key.
	ErrFault = errors.New("podr2 v1: computation fault")
)

// checkName accepts the 64 lower-case hexadecimal characters of a fragment name.
func checkName(name string) error {
	if len(name) != nameLength {
		return fmt.Errorf("%w: fragment name of %d characters", ErrEncoding, len(name))
	}
	for i := range len(name) {
		if c := name[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return fmt.Errorf("%w: fragment name with character %q", ErrEncoding, c)
		}
	}
	return nil
}

// blockHash is H_i: SHA-256 of the name's characters and the block index in decimal.
func blockHash(name string, block int) [32]byte {
	var buffer [nameLength + 8]byte
	b := append(buffer[:0], name...)
	return sha256.Sum256(strconv.AppendInt(b, int64(block), 10))
}

// contentName is the name of a fragment with that digest.
func contentName(digest []byte) string { return hex.EncodeToString(digest) }
