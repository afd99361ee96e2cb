package segment

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"log/slog"
)

const (
	blockSize = aes.BlockSize
	keySize   = 32
	// MaxCipherLen is the longest password in bytes.
	MaxCipherLen = keySize
)

// Errors of the encrypted mode.
var (
	// ErrCipherLength is returned for a password that is empty or too long.
	ErrCipherLength = fmt.Errorf("segment: cipher must have 1 to %d bytes", MaxCipherLen)
	// ErrCipherRequired is returned when an encrypted file is restored
	// without a cipher.
	ErrCipherRequired = errors.New("segment: file is encrypted: a cipher is needed")
	// ErrWrongCipher is returned when a segment that is intact does not
	// decrypt: the cipher is another one, or the file is not encrypted.
	ErrWrongCipher = errors.New("segment: wrong cipher, or the file is not encrypted")
)

// Cipher is the key of the compatible encrypted mode, the one behind the
// gateway's Cipher header: AES-256-CBC over each segment on its own. The zero
// Cipher means no encryption. It prints as a placeholder, so that it cannot
// leak through logs.
type Cipher struct {
	set bool
	key [keySize]byte
}

// NewCipher makes a cipher from a password of 1 to 32 bytes. The key is the
// password filled up with the digit '0'.
func NewCipher[T ~string | ~[]byte](password T) (Cipher, error) {
	if len(password) == 0 || len(password) > MaxCipherLen {
		return Cipher{}, ErrCipherLength
	}
	c := Cipher{set: true}
	for i := copy(c.key[:], password); i < keySize; i++ {
		c.key[i] = '0'
	}
	return c, nil
}

// IsZero reports whether c means no encryption.
func (c Cipher) IsZero() bool { return !c.set }

// Format hides the key from every fmt verb.
func (c Cipher) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// String returns a placeholder.
func (c Cipher) String() string {
	if c.set {
		return "cipher(hidden)"
	}
	return "cipher(none)"
}

// LogValue hides the key from slog.
func (c Cipher) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (c *Cipher) block() cipher.Block {
	b, err := aes.NewCipher(c.key[:])
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	return b
}

// encrypter returns the chain that encrypts one segment. The initialisation
// vector is the first half of the key, the same for every segment.
func (c *Cipher) encrypter() cipher.BlockMode {
	return cipher.NewCBCEncrypter(c.block(), c.key[:blockSize])
}

// pad is the padding of every segment: its plaintext is a whole number of
// blocks, so PKCS#7 adds one block of its own.
var pad = bytes.Repeat([]byte{blockSize}, blockSize)

// padded reports whether the last block of a segment decrypts to the padding.
// It is the only test for the right cipher there is; a wrong one passes with
// probability 2⁻¹²⁸. previous and last are the last two blocks of ciphertext.
func (c *Cipher) padded(previous, last []byte) bool {
	var plain [blockSize]byte
	c.block().Decrypt(plain[:], last)
	for i := range plain {
		plain[i] ^= previous[i]
	}
	return bytes.Equal(plain[:], pad)
}

// decrypt decrypts part of a segment in place. previous is the block of
// ciphertext before it; nil at the start of the segment.
func (c *Cipher) decrypt(part, previous []byte) {
	if previous == nil {
		previous = c.key[:blockSize]
	}
	cipher.NewCBCDecrypter(c.block(), previous).CryptBlocks(part, part)
}
