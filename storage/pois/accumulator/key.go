// Package accumulator keeps the elements of a miner's idle files in an RSA accumulator of three levels: up to 256
// elements in a sub-accumulator (one set of files), up to 256 of those in a mid node, up to 256 of those at the top
// (spec/pois.md §8, §9). The top value is 256 bytes whatever the number of files, and every change or challenge is
// proved with a chain of three links.
//
// An Accumulator is immutable: Insert and Delete give a new one together with the proof, so a snapshot is a pointer and
// a roll-back is to forget the new value. Verification is in VerifyInsert, VerifyDelete and VerifyWitnesses; these are
// strict and never panic on hostile input.
package accumulator

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"sync"

	"github.com/gocess/gocess/storage/pois/internal/ifma"
)

// GroupSize is the length of the modulus and of padded group elements in bytes.
const GroupSize = 256

// ErrKey reports an unusable key.
var ErrKey = errors.New("accumulator: bad key")

// Key is an RSA-2048 modulus of unknown factorisation and a generator of its squares. Copies share a table of powers
// of G that grows with use up to 5 MB.
type Key struct {
	N, G  *big.Int
	table *powers
	group *ifma.Group // nil where the processor has no such instructions
}

// ParseKey checks and takes the two numbers, big-endian, as they stand on chain.
func ParseKey(n, g []byte) (Key, error) {
	if len(n) > GroupSize || len(g) > GroupSize {
		return Key{}, fmt.Errorf("%w: %d and %d bytes", ErrKey, len(n), len(g))
	}
	k := Key{N: new(big.Int).SetBytes(n), G: new(big.Int).SetBytes(g), table: new(powers)}
	switch {
	case k.N.BitLen() != 8*GroupSize || k.N.Bit(0) == 0:
		return Key{}, fmt.Errorf("%w: modulus is not an odd number of 2048 bits", ErrKey)
	case k.G.Cmp(big.NewInt(1)) <= 0 || k.G.Cmp(k.N) >= 0:
		return Key{}, fmt.Errorf("%w: generator out of range", ErrKey)
	}
	k.group = ifma.NewGroup(k.N)
	return k, nil
}

// GenerateKey makes a key and forgets the factors of its modulus. Whoever knows them can forge everything, so only the
// verifier may call it, and it must not keep a trace. G has exactly 256 significant bytes, as all sides assume.
func GenerateKey(random io.Reader) (Key, error) {
	for {
		private, err := rsa.GenerateKey(random, 8*GroupSize)
		if err != nil {
			return Key{}, fmt.Errorf("generate accumulator key: %w", err)
		}
		n := private.N
		f, err := rand.Int(random, n)
		if err != nil {
			return Key{}, fmt.Errorf("generate accumulator key: %w", err)
		}
		if f.Sign() == 0 || new(big.Int).GCD(nil, nil, f, n).Cmp(big.NewInt(1)) != 0 {
			continue
		}
		g := f.Mul(f, f)
		g.Mod(g, n)
		for _, p := range private.Primes {
			p.SetInt64(0)
		}
		if len(g.Bytes()) == GroupSize {
			return ParseKey(n.Bytes(), g.Bytes())
		}
	}
}

// MarshalBinary gives the encoding of upstream key files: both lengths as eight bytes, then N and G.
func (k Key) MarshalBinary() ([]byte, error) {
	n, g := k.N.Bytes(), k.G.Bytes()
	b := binary.BigEndian.AppendUint64(nil, uint64(len(n)))
	b = binary.BigEndian.AppendUint64(b, uint64(len(g)))
	return append(append(b, n...), g...), nil
}

// UnmarshalBinary parses what MarshalBinary writes.
func (k *Key) UnmarshalBinary(b []byte) error {
	if len(b) < 16 {
		return fmt.Errorf("%w: %d bytes", ErrKey, len(b))
	}
	n, g := binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
	b = b[16:]
	if n > GroupSize || g > GroupSize || uint64(len(b)) != n+g {
		return fmt.Errorf("%w: lengths %d and %d", ErrKey, n, g)
	}
	parsed, err := ParseKey(b[:n], b[n:])
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}

// parse reads a group element in its one accepted form: no leading zeros, 0 < value < N.
func (k Key) parse(b []byte) (*big.Int, error) {
	if len(b) == 0 || len(b) > GroupSize || b[0] == 0 {
		return nil, fmt.Errorf("%w: group element of %d bytes", ErrProof, len(b))
	}
	v := new(big.Int).SetBytes(b)
	if v.Cmp(k.N) >= 0 {
		return nil, fmt.Errorf("%w: group element above the modulus", ErrProof)
	}
	return v, nil
}

func (k Key) exp(base, exponent *big.Int) *big.Int { return new(big.Int).Exp(base, exponent, k.N) }

// expEach raises every base to its exponent, on all cores and eight at a time where the processor can. Neighbouring
// exponents should have about the same length.
func (k Key) expEach(bases, exponents []*big.Int) []*big.Int {
	out := make([]*big.Int, len(bases))
	if k.group == nil {
		each(len(bases), func(i int) { out[i] = k.exp(bases[i], exponents[i]) })
		return out
	}
	const n = ifma.Lanes
	each((len(bases)+n-1)/n, func(i int) {
		from, to := i*n, min((i+1)*n, len(bases))
		if to-from < 3 {
			for i := from; i < to; i++ {
				out[i] = k.exp(bases[i], exponents[i])
			}
			return
		}
		copy(out[from:], k.group.Exp(bases[from:to], exponents[from:to]))
	})
	return out
}

// isG says whether the bytes are the generator: the stand-in for "nothing accumulated".
func (k Key) isG(b []byte) bool { return bytes.Equal(b, k.G.Bytes()) }

// powers holds G^(2^(8·i)) for i = 0, 1, …, as far as exponents reached.
type powers struct {
	mu   sync.Mutex // guards step
	step []*big.Int
}

// expG raises G to a long exponent with one multiplication per exponent byte instead of eight squarings (Yao 1976). The
// table costs one ordinary exponentiation, once.
func (k Key) expG(exponent *big.Int) *big.Int {
	digits := exponent.Bytes()
	if k.table == nil || len(digits) < 512 || len(digits) > 20000 {
		return k.exp(k.G, exponent)
	}
	step := k.powersOfG(len(digits))
	var bucket [256]*big.Int
	mul := func(a, b *big.Int) *big.Int {
		if a == nil {
			return new(big.Int).Set(b)
		}
		a.Mul(a, b)
		return a.Rem(a, k.N)
	}
	for i := range digits {
		if d := digits[len(digits)-1-i]; d != 0 {
			bucket[d] = mul(bucket[d], step[i])
		}
	}
	// result = ∏ bucket[d]^d, by running products from the top
	var running, result *big.Int
	for d := 255; d > 0; d-- {
		if bucket[d] != nil {
			running = mul(running, bucket[d])
		}
		if running != nil {
			result = mul(result, running)
		}
	}
	if result == nil {
		return big.NewInt(1)
	}
	return result
}

func (k Key) powersOfG(n int) []*big.Int {
	t := k.table
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.step) == 0 {
		t.step = append(t.step, k.G)
	}
	for len(t.step) < n {
		t.step = append(t.step, k.exp(t.step[len(t.step)-1], big.NewInt(256)))
	}
	return t.step[:n]
}
