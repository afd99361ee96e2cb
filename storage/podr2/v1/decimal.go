package v1

import (
	"fmt"
	"math/big"
	"strings"
)

const (
	chunkChars = 18                  // decimal digits that fit a word
	chunkValue = 1000000000000000000 // 10^18
	maxMuChars = 19808               // digits of 2^65800
)

// muBound is 2^65800 in decimal: mu must be smaller.
var muBound = new(big.Int).Lsh(big.NewInt(1), maxMuBits).String()

// checkDecimal accepts a number without sign or leading zeros, of at most maxChars digits.
func checkDecimal(s string, maxChars int) error {
	if len(s) == 0 || len(s) > maxChars {
		return fmt.Errorf("%w: number of %d digits", ErrEncoding, len(s))
	}
	if s[0] == '0' && len(s) > 1 {
		return fmt.Errorf("%w: number with leading zero", ErrEncoding)
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return fmt.Errorf("%w: number with character %q", ErrEncoding, s[i])
		}
	}
	return nil
}

// checkMu accepts a decimal number below 2^65800.
func checkMu(s string) error {
	if err := checkDecimal(s, maxMuChars); err != nil {
		return err
	}
	if len(s) == len(muBound) && strings.Compare(s, muBound) >= 0 {
		return fmt.Errorf("%w: mu of more than %d bits", ErrEncoding, maxMuBits)
	}
	return nil
}

// parseResidue reads a decimal number x with 1 ≤ x < n.
func parseResidue(s string, n *big.Int) (*big.Int, error) {
	if err := checkDecimal(s, maxModulusChars); err != nil {
		return nil, err
	}
	x, ok := new(big.Int).SetString(s, 10)
	if !ok || x.Sign() == 0 || x.Cmp(n) >= 0 {
		return nil, fmt.Errorf("%w: number is not between 1 and the modulus", ErrEncoding)
	}
	return x, nil
}

// decimalChunks splits a checked decimal number into words of 18 digits, least significant first.
func decimalChunks(s string) []uint64 {
	out := make([]uint64, 0, (len(s)+chunkChars-1)/chunkChars)
	for len(s) > 0 {
		from := max(0, len(s)-chunkChars)
		var word uint64
		for _, c := range []byte(s[from:]) {
			word = word*10 + uint64(c-'0')
		}
		out = append(out, word)
		s = s[:from]
	}
	return out
}

// blockWords splits a big-endian block into 64-bit words, least significant first.
func blockWords(dst []uint64, block []byte) []uint64 {
	dst = dst[:0]
	for len(block) > 0 {
		from := max(0, len(block)-8)
		var word uint64
		for _, c := range block[from:] {
			word = word<<8 | uint64(c)
		}
		dst = append(dst, word)
		block = block[:from]
	}
	return dst
}
