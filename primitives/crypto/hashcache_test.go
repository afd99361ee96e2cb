package crypto_test

import (
	"encoding/binary"
	"testing"

	"golang.org/x/crypto/blake2b"

	"github.com/gocess/gocess/primitives/crypto"
)

// More inputs than are remembered, twice: whether a hash is remembered, was
// displaced or is new, it is the same.
func TestRememberedHashesAreRight(t *testing.T) {
	for range 2 {
		for i := range 20_000 {
			var b [32]byte
			binary.LittleEndian.PutUint64(b[7:], uint64(i))
			h, err := blake2b.New(16, nil)
			if err != nil {
				t.Fatal(err)
			}
			h.Write(b[:])
			want := [16]byte(h.Sum(nil))
			for range 2 {
				if got := crypto.Blake2b128(b[:]); got != want {
					t.Fatalf("hash of %x is %x, want %x", b, got, want)
				}
			}
		}
	}
}
