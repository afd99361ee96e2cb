package crypto

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/cosmos/go-bip39"
)

// ErrMnemonic is wrapped by the reasons why a text is not a mnemonic. None of them quotes the text.
var ErrMnemonic = errors.New("bad mnemonic")

// DevPhrase is the mnemonic behind the well-known development accounts. Whoever reads this has its keys.
const DevPhrase = "bottom drive obey lake curtain smoke basket hold race lonely fit walk"

const bitsPerWord = 11

// wordIndex maps the English BIP-39 words to their numbers.
var wordIndex = sync.OnceValue(func() map[string]uint {
	index := make(map[string]uint, len(bip39.WordList))
	for i, word := range bip39.WordList {
		index[word] = uint(i)
	}
	return index
})

// entropySize returns the bytes of entropy in a mnemonic: words carry 11 bits, 1 of every 33 is checksum.
func entropySize(words int) (int, error) {
	switch words {
	case 12, 15, 18, 21, 24:
		return words / 3 * 4, nil
	}
	return 0, fmt.Errorf("%w: %d words, want 12, 15, 18, 21 or 24", ErrMnemonic, words)
}

// NewMnemonic returns a fresh English mnemonic of 12, 15, 18, 21 or 24 words from the system's random source.
func NewMnemonic(words int) (string, error) {
	size, err := entropySize(words)
	if err != nil {
		return "", err
	}
	entropy := make([]byte, size)
	if _, err := rand.Read(entropy); err != nil {
		return "", fmt.Errorf("make mnemonic: %w", err)
	}
	return MnemonicFromEntropy(entropy)
}

// MnemonicFromEntropy writes 16, 20, 24, 28 or 32 bytes as words, followed by a checksum of 1 bit for every 32.
func MnemonicFromEntropy(entropy []byte) (string, error) {
	if len(entropy) < 16 || len(entropy) > 32 || len(entropy)%4 != 0 {
		return "", fmt.Errorf("%w: entropy of %d bytes, want 16, 20, 24, 28 or 32", ErrMnemonic, len(entropy))
	}
	// The checksum never exceeds the first byte of the hash.
	sum := sha256.Sum256(entropy)
	words := make([]string, 0, 24)
	acc, bits := uint(0), 0
	for _, b := range append(append(make([]byte, 0, 33), entropy...), sum[0]) {
		acc, bits = acc<<8|uint(b), bits+8
		if bits >= bitsPerWord {
			bits -= bitsPerWord
			words = append(words, bip39.WordList[acc>>bits])
			acc &= 1<<bits - 1
		}
	}
	return strings.Join(words, " "), nil
}

// MnemonicEntropy returns the entropy behind an English mnemonic, whose words may be separated by any white space. The
// error, which wraps ErrMnemonic, names the place of a wrong word, never the word.
func MnemonicEntropy(mnemonic string) ([]byte, error) {
	words := strings.Fields(mnemonic)
	size, err := entropySize(len(words))
	if err != nil {
		return nil, err
	}
	raw := make([]byte, 0, size+1)
	acc, bits := uint(0), 0
	for i, word := range words {
		number, ok := wordIndex()[word]
		if !ok {
			return nil, fmt.Errorf("%w: word %d is not in the English BIP-39 list", ErrMnemonic, i+1)
		}
		acc, bits = acc<<bitsPerWord|number, bits+bitsPerWord
		for bits >= 8 {
			bits -= 8
			raw = append(raw, byte(acc>>bits))
			acc &= 1<<bits - 1
		}
	}
	if bits > 0 { // 24 words end on a whole byte of checksum, the others on a part of one
		raw = append(raw, byte(acc<<(8-bits)))
	}
	entropy, checkBits := raw[:size], size/4
	sum := sha256.Sum256(entropy)
	if (raw[size]^sum[0])>>(8-checkBits) != 0 {
		return nil, fmt.Errorf("%w: the checksum does not match (a wrong word, or words in the wrong order)", ErrMnemonic)
	}
	return entropy, nil
}

// MnemonicSeed returns the mini-secret of a mnemonic the way Substrate derives it: PBKDF2 over the entropy. BIP-39
// itself runs it over the sentence, so Bitcoin and Ethereum wallets make other keys of the same words
// (spec/wire.md §7.4).
func MnemonicSeed(mnemonic, password string) (seed [32]byte, err error) {
	entropy, err := MnemonicEntropy(mnemonic)
	if err != nil {
		return seed, err
	}
	key, err := pbkdf2.Key(sha512.New, string(entropy), []byte("mnemonic"+password), 2048, 64)
	if err != nil {
		return seed, fmt.Errorf("stretch mnemonic: %w", err)
	}
	return [32]byte(key), nil
}
