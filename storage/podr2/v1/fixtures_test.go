package v1

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
)

// vectorKey is the key of the protocol's test vectors: p and q are the first suitable primes above
// 3·2^1022 + SHA-256("podr2-vector-p") and 7·2^1021 + SHA-256("podr2-vector-q").
var vectorKey = sync.OnceValues(func() (*PrivateKey, error) {
	e := big.NewInt(publicExponent)
	one := big.NewInt(1)
	prime := func(factor int64, shift uint, label string) *big.Int {
		h := sha256.Sum256([]byte(label))
		p := new(big.Int).Lsh(big.NewInt(factor), shift)
		p.Add(p, new(big.Int).SetBytes(h[:]))
		for {
			p.Add(p, one)
			order := new(big.Int).Sub(p, one)
			if p.ProbablyPrime(20) && new(big.Int).GCD(nil, nil, order, e).Cmp(one) == 0 {
				return p
			}
		}
	}
	p, q := prime(3, 1022, "podr2-vector-p"), prime(7, 1021, "podr2-vector-q")
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: publicExponent},
		D:         new(big.Int).ModInverse(e, phi),
		Primes:    []*big.Int{p, q},
	}
	key.Precompute()
	return NewPrivateKey(key)
})

func theKey(t testing.TB) *PrivateKey {
	t.Helper()
	k, err := vectorKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// portable returns the same key without the vector instructions.
func portable(k *PrivateKey) *PrivateKey {
	other := *k
	other.p.wide, other.q.wide = nil, nil
	return &other
}

func theTagger(t testing.TB) *Tagger {
	t.Helper()
	tagger, err := NewTagger(theKey(t), []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return tagger
}

// vectorData is the fragment of the test vectors.
func vectorData() []byte {
	data := make([]byte, 0, MaxFragmentSize)
	message := []byte("podr2-vector-data")
	for j := range uint32(MaxFragmentSize / 32) {
		chunk := sha256.Sum256(binary.BigEndian.AppendUint32(message, j))
		data = append(data, chunk[:]...)
	}
	return data
}

func vectorU(n *big.Int) *big.Int {
	var b []byte
	for i := range 4 {
		part := sha512.Sum512([]byte("podr2-vector-u" + strconv.Itoa(i)))
		b = append(b, part[:]...)
	}
	u := new(big.Int).SetBytes(b)
	return u.Mod(u, n)
}

func vectorChallenge() *Challenge {
	c := new(Challenge)
	for k := range 47 {
		h := sha256.Sum256([]byte("podr2-vector-v" + strconv.Itoa(k)))
		c.Indices = append(c.Indices, uint32((37*k+5)%1024))
		c.Values = append(c.Values, [ValueSize]byte(h[:ValueSize]))
	}
	return c
}

func digest(b []byte) string { h := sha256.Sum256(b); return hex.EncodeToString(h[:]) }

// miner holds small fragments, of 16 bytes per block, with tags.
type miner struct {
	data [][]byte
	tags []*Tag
}

const smallSize = 16 * BlocksPerFragment

var makeMiner = sync.OnceValues(func() (*miner, error) {
	key, err := vectorKey()
	if err != nil {
		return nil, err
	}
	tagger, err := NewTagger(key, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		return nil, err
	}
	m := new(miner)
	for f := range 2 {
		data := make([]byte, smallSize)
		rand.NewChaCha8([32]byte{byte(f)}).Read(data)
		tag, err := tagger.Tag(context.Background(), digest(data), "", bytes.NewReader(data), smallSize)
		if err != nil {
			return nil, err
		}
		m.data, m.tags = append(m.data, data), append(m.tags, tag)
	}
	// A fragment tagged with a u that the tagger does not recognise.
	data := make([]byte, smallSize)
	rand.NewChaCha8([32]byte{2}).Read(data)
	tag, err := key.tagWithU(context.Background(), digest(data), "", bytes.NewReader(data), smallSize, vectorU(key.public.n.integer))
	if err != nil {
		return nil, err
	}
	m.data, m.tags = append(m.data, data), append(m.tags, tag)
	return m, nil
})

func theMiner(t testing.TB) *miner {
	t.Helper()
	m, err := makeMiner()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *miner) prove(t testing.TB, key *PublicKey, c *Challenge) *Proof {
	t.Helper()
	p, err := NewProver(key, c)
	if err != nil {
		t.Fatal(err)
	}
	proof := new(Proof)
	for f := range m.data {
		item, err := p.Add(context.Background(), m.tags[f], bytes.NewReader(m.data[f]), int64(len(m.data[f])))
		if err != nil {
			t.Fatal(err)
		}
		proof.Items = append(proof.Items, item)
	}
	if proof.Sigma, err = p.Sigma(context.Background()); err != nil {
		t.Fatal(err)
	}
	return proof
}

func challengeOf(label string) *Challenge {
	c := new(Challenge)
	for k := range 47 {
		h := sha256.Sum256(fmt.Appendf(nil, "%s %d", label, k))
		c.Indices = append(c.Indices, uint32(binary.LittleEndian.Uint16(h[30:])%BlocksPerFragment))
		c.Values = append(c.Values, [ValueSize]byte(h[:ValueSize]))
	}
	return c
}
