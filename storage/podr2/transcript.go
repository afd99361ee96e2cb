package podr2

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"

	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// transcript turns everything a check depends on into the random coefficients of a linear combination (Fiat–Shamir).
// Variable-length parts are preceded by their length.
type transcript struct{ h hash.Hash }

func newTranscript(domain string) transcript {
	t := transcript{sha256.New()}
	t.add([]byte(domain))
	return t
}

func (t transcript) add(part []byte) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(part)))
	t.h.Write(length[:])
	t.h.Write(part)
}

// coefficients returns n coefficients of 128 bits, all determined by everything added before.
func (t transcript) coefficients(n int) []fr.Element {
	var message [36]byte
	t.h.Sum(message[:0])
	out := make([]fr.Element, n)
	for i := range out {
		binary.BigEndian.PutUint32(message[32:], uint32(i))
		digest := sha256.Sum256(message[:])
		out[i] = shortScalar(digest[:16])
	}
	return out
}

// shortScalar reads 16 big-endian bytes.
func shortScalar(b []byte) (e fr.Element) {
	e.SetBytes(b[:16])
	return e
}
