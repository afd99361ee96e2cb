package v1

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// verify runs both verifiers, which must agree.
func verify(t *testing.T, what string, c *Challenge, proof *Proof) error {
	t.Helper()
	tagger := theTagger(t)
	err := tagger.Verify(context.Background(), c, proof)
	public := tagger.key.public.Verify(context.Background(), c, proof)
	if (err == nil) != (public == nil) || errors.Is(err, ErrEncoding) != errors.Is(public, ErrEncoding) {
		t.Errorf("%s: the secret key says %v, the public key %v", what, err, public)
	}
	return err
}

func clone(p *Proof) *Proof { return &Proof{slices.Clone(p.Items), p.Sigma} }

func sum(a, b string) string {
	x, _ := new(big.Int).SetString(a, 10)
	y, _ := new(big.Int).SetString(b, 10)
	return x.Add(x, y).String()
}

// A miner that lost, damaged or exchanged data cannot answer.
func TestMinerWithoutTheData(t *testing.T) {
	k, m, c := theKey(t), theMiner(t), challengeOf("without data")
	block := int(c.Indices[0]) * 16
	with := func(change func(*miner)) *miner {
		other := &miner{slices.Clone(m.data), slices.Clone(m.tags)}
		change(other)
		return other
	}
	edited := func(f int, change func(b []byte)) []byte { b := bytes.Clone(m.data[f]); change(b); return b }
	retag := func(f int, change func(*Tag)) *Tag { tag := *m.tags[f]; change(&tag); return &tag }
	for what, miner := range map[string]*miner{
		"dropped block":     with(func(o *miner) { o.data[0] = edited(0, func(b []byte) { clear(b[block : block+16]) }) }),
		"flipped bit":       with(func(o *miner) { o.data[0] = edited(0, func(b []byte) { b[block+15] ^= 1 }) }),
		"swapped fragments": with(func(o *miner) { o.data[0], o.data[1] = o.data[1], o.data[0] }),
		"tags of another fragment under this name": with(func(o *miner) {
			o.tags[0] = retag(1, func(tag *Tag) { tag.Name = m.tags[0].Name })
		}),
		"data and tags of another fragment under this name": with(func(o *miner) {
			o.data[0], o.tags[0] = m.data[1], retag(1, func(tag *Tag) { tag.Name = m.tags[0].Name })
		}),
		"replayed tag of another block": with(func(o *miner) {
			o.tags[0] = retag(0, func(tag *Tag) { tag.Phi[c.Indices[0]] = tag.Phi[c.Indices[0]^1] })
		}),
		"u of another fragment": with(func(o *miner) {
			o.tags[0] = retag(0, func(tag *Tag) { tag.U, tag.USig = m.tags[1].U, m.tags[1].USig })
		}),
	} {
		if err := verify(t, what, c, miner.prove(t, k.public, c)); !errors.Is(err, ErrProof) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := verify(t, "honest", c, m.prove(t, k.public, c)); err != nil {
		t.Errorf("honest: %v", err)
	}
}

func TestForgedProofs(t *testing.T) {
	k, m, c := theKey(t), theMiner(t), challengeOf("forge")
	honest, other := m.prove(t, k.public, c), m.prove(t, k.public, challengeOf("other"))
	n, e := k.rsa.N, big.NewInt(publicExponent)
	// With a free u the equation has a solution without any data: mu = 1, u = s^e/ΠH.
	freeU := func() *Proof {
		s := big.NewInt(7)
		product := big.NewInt(1)
		for i, index := range c.Indices {
			h := blockHash(m.tags[0].Name, int(index))
			product.Mul(product, new(big.Int).Exp(new(big.Int).SetBytes(h[:]), c.weights()[i], n))
			product.Mod(product, n)
		}
		u := new(big.Int).Exp(s, e, n)
		u.Mul(u, product.ModInverse(product, n))
		u.Mod(u, n)
		return &Proof{Items: []Item{{m.tags[0].Name, u.String(), "1", m.tags[0].USig[:]}}, Sigma: s.String()}
	}
	for what, proof := range map[string]*Proof{
		"sigma of another challenge": {honest.Items, other.Sigma},
		"proof of another challenge": other,
		"sigma 1":                    {honest.Items, "1"},
		"sigma plus one":             {honest.Items, sum(honest.Sigma, "1")},
		"negated sigma": func() *Proof {
			s, _ := new(big.Int).SetString(honest.Sigma, 10)
			return &Proof{honest.Items, s.Sub(n, s).String()}
		}(),
		"one fragment less": {honest.Items[1:], honest.Sigma},
		"one fragment more": {append(slices.Clone(honest.Items), honest.Items[0]), honest.Sigma},
		"mu plus one":       func() *Proof { p := clone(honest); p.Items[0].Mu = sum(p.Items[0].Mu, "1"); return p }(),
		"mu zero":           func() *Proof { p := clone(honest); p.Items[0].Mu = "0"; return p }(),
		"exchanged mu": func() *Proof {
			p := clone(honest)
			p.Items[0].Mu, p.Items[1].Mu = p.Items[1].Mu, p.Items[0].Mu
			return p
		}(),
		"other miner's fragment": func() *Proof {
			p := clone(honest)
			p.Items[0].Name = strings.Repeat("ab", 32)
			return p
		}(),
		"free u":     freeU(),
		"u of one":   func() *Proof { p := clone(honest); p.Items[0].U = "1"; return p }(),
		"bad u_sig":  func() *Proof { p := clone(honest); p.Items[2].USig = make([]byte, 256); return p }(),
		"u is p":     func() *Proof { p := clone(honest); p.Items[0].U = k.p.integer.String(); return p }(),
		"last u_sig": func() *Proof { p := clone(honest); p.Items[2].USig = p.Items[1].USig; return p }(),
	} {
		if err := verify(t, what, c, proof); !errors.Is(err, ErrProof) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// A u that the tagger signed but that has no inverse: only the holder of the key could make one.
	noInverse := clone(honest)
	u := k.p.integer
	hash := sha256.Sum256([]byte(u.String()))
	signature, err := k.SignRaw(hash[:])
	if err != nil {
		t.Fatal(err)
	}
	noInverse.Items[0].U, noInverse.Items[0].USig = u.String(), signature
	if err := verify(t, "u without inverse", c, noInverse); !errors.Is(err, ErrProof) {
		t.Errorf("u without inverse: %v", err)
	}
	if err := verify(t, "wrong challenge", challengeOf("other"), honest); !errors.Is(err, ErrProof) {
		t.Errorf("wrong challenge: %v", err)
	}
	// The tagger's own u needs no signature; the public verifier cannot know it and asks for one.
	own := clone(honest)
	own.Items = own.Items[:0]
	p, err := NewProver(k.public, c)
	if err != nil {
		t.Fatal(err)
	}
	item, err := p.Add(context.Background(), m.tags[0], bytes.NewReader(m.data[0]), smallSize)
	if err != nil {
		t.Fatal(err)
	}
	item.USig = make([]byte, modulusBytes)
	own.Items = append(own.Items, item)
	if own.Sigma, err = p.Sigma(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := theTagger(t).Verify(context.Background(), c, own); err != nil {
		t.Errorf("own u without signature: %v", err)
	}
	if err := k.public.Verify(context.Background(), c, own); !errors.Is(err, ErrProof) {
		t.Errorf("own u without signature, public: %v", err)
	}
}

// Input that no honest party sends is refused before any arithmetic.
func TestMalformedProofs(t *testing.T) {
	k, m, c := theKey(t), theMiner(t), challengeOf("malformed")
	honest := m.prove(t, k.public, c)
	n := k.rsa.N
	with := func(change func(*Proof)) *Proof { p := clone(honest); change(p); return p }
	for what, proof := range map[string]*Proof{
		"none":                       nil,
		"sigma without fragments":    {Sigma: "1"},
		"fragments without sigma":    {Items: honest.Items},
		"sigma zero":                 {honest.Items, "0"},
		"sigma N":                    {honest.Items, n.String()},
		"sigma plus N":               {honest.Items, sum(honest.Sigma, n.String())},
		"sigma with sign":            {honest.Items, "+" + honest.Sigma},
		"negative sigma":             {honest.Items, "-1"},
		"sigma with leading zero":    {honest.Items, "0" + honest.Sigma},
		"sigma with space":           {honest.Items, honest.Sigma + " "},
		"hexadecimal sigma":          {honest.Items, "0xff"},
		"sigma with underscore":      {honest.Items, "1_0"},
		"million digits":             {honest.Items, strings.Repeat("9", 1_000_000)},
		"u zero":                     with(func(p *Proof) { p.Items[0].U = "0" }),
		"u N":                        with(func(p *Proof) { p.Items[0].U = n.String() }),
		"u plus N":                   with(func(p *Proof) { p.Items[0].U = sum(p.Items[0].U, n.String()) }),
		"empty u":                    with(func(p *Proof) { p.Items[0].U = "" }),
		"oversized mu":               with(func(p *Proof) { p.Items[0].Mu = muBound }),
		"mu of a million digits":     with(func(p *Proof) { p.Items[0].Mu = strings.Repeat("9", 1_000_000) }),
		"negative mu":                with(func(p *Proof) { p.Items[0].Mu = "-" + p.Items[0].Mu }),
		"mu with letters":            with(func(p *Proof) { p.Items[0].Mu = "12a" }),
		"mu with leading zeros":      with(func(p *Proof) { p.Items[0].Mu = "00" }),
		"empty mu":                   with(func(p *Proof) { p.Items[0].Mu = "" }),
		"short u_sig":                with(func(p *Proof) { p.Items[0].USig = make([]byte, 255) }),
		"long u_sig":                 with(func(p *Proof) { p.Items[0].USig = make([]byte, 257) }),
		"no u_sig":                   with(func(p *Proof) { p.Items[0].USig = nil }),
		"short name":                 with(func(p *Proof) { p.Items[0].Name = "ab" }),
		"upper-case name":            with(func(p *Proof) { p.Items[0].Name = strings.Repeat("AB", 32) }),
		"name with other characters": with(func(p *Proof) { p.Items[0].Name = strings.Repeat("é", 32) }),
		"6001 fragments":             {slices.Repeat(honest.Items[:1], MaxFragments+1), honest.Sigma},
		"one name, two contents":     with(func(p *Proof) { p.Items[1].Name = p.Items[0].Name }),
		"one name, two mu": with(func(p *Proof) {
			p.Items[1] = p.Items[0]
			p.Items[1].Mu = "5"
		}),
		"one name, two signatures": with(func(p *Proof) {
			p.Items[1] = p.Items[0]
			p.Items[1].USig = make([]byte, modulusBytes)
		}),
	} {
		if err := verify(t, what, c, proof); !errors.Is(err, ErrEncoding) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := checkMu(new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), maxMuBits), big.NewInt(1)).String()); err != nil {
		t.Errorf("largest mu: %v", err)
	}
	for what, c := range map[string]*Challenge{
		"none":           nil,
		"empty":          {},
		"no values":      {Indices: []uint32{1}},
		"no indices":     {Values: make([][20]byte, 1)},
		"index 1024":     {Indices: []uint32{1024}, Values: make([][20]byte, 1)},
		"1025 of each":   {Indices: make([]uint32, 1025), Values: make([][20]byte, 1025)},
		"huge index":     {Indices: []uint32{1 << 31}, Values: make([][20]byte, 1)},
		"lengths differ": {Indices: make([]uint32, 47), Values: make([][20]byte, 46)},
	} {
		if err := verify(t, what, c, honest); !errors.Is(err, ErrEncoding) {
			t.Errorf("challenge %s: %v", what, err)
		}
		if _, err := NewProver(k.public, c); !errors.Is(err, ErrEncoding) {
			t.Errorf("challenge %s, prover: %v", what, err)
		}
	}
}

func TestMalformedTags(t *testing.T) {
	k, tag := theKey(t), theMiner(t).tags[0]
	n := k.rsa.N
	for what, change := range map[string]func(w *Wire) (uSig []byte){
		"short name":        func(w *Wire) []byte { w.T.Name = "00"; return tag.USig[:] },
		"no u":              func(w *Wire) []byte { w.T.U = ""; return tag.USig[:] },
		"u zero":            func(w *Wire) []byte { w.T.U = "0"; return tag.USig[:] },
		"u of 2048 bits":    func(w *Wire) []byte { w.T.U = new(big.Int).Lsh(big.NewInt(1), 2048).String(); return tag.USig[:] },
		"u of many digits":  func(w *Wire) []byte { w.T.U = strings.Repeat("1", 618); return tag.USig[:] },
		"1023 phi":          func(w *Wire) []byte { w.T.Phi = w.T.Phi[1:]; return tag.USig[:] },
		"1025 phi":          func(w *Wire) []byte { w.T.Phi = append(w.T.Phi, "1"); return tag.USig[:] },
		"negative phi":      func(w *Wire) []byte { w.T.Phi[7] = "-1"; return tag.USig[:] },
		"phi zero":          func(w *Wire) []byte { w.T.Phi[7] = "0"; return tag.USig[:] },
		"phi leading zero":  func(w *Wire) []byte { w.T.Phi[7] = "01"; return tag.USig[:] },
		"phi_hash length":   func(w *Wire) []byte { w.PhiHash = "00"; return tag.USig[:] },
		"phi_hash letters":  func(w *Wire) []byte { w.PhiHash = strings.Repeat("zz", 32); return tag.USig[:] },
		"upper-case attest": func(w *Wire) []byte { w.Attest = strings.Repeat("AB", 256); return tag.USig[:] },
		"short u_sig":       func(w *Wire) []byte { return tag.USig[:255] },
		"no u_sig":          func(w *Wire) []byte { return nil },
	} {
		w := tag.Wire()
		if _, err := ParseWire(w, change(w)); !errors.Is(err, ErrEncoding) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, change := range map[string]func(tag *Tag){
		"phi N":           func(tag *Tag) { n.FillBytes(tag.Phi[5][:]) },
		"phi zero":        func(tag *Tag) { clear(tag.Phi[5][:]) },
		"u N":             func(tag *Tag) { tag.U = n },
		"no u":            func(tag *Tag) { tag.U = nil },
		"attest":          func(tag *Tag) { tag.Attest[255] ^= 1 },
		"u_sig":           func(tag *Tag) { tag.USig[255] ^= 1 },
		"phi_hash":        func(tag *Tag) { tag.PhiHash[0] ^= 1 },
		"another name":    func(tag *Tag) { tag.Name = strings.Repeat("00", 32) },
		"another u":       func(tag *Tag) { tag.U = big.NewInt(12345) },
		"signed other u_": func(tag *Tag) { o := theMiner(t).tags[1]; tag.U, tag.USig = o.U, o.USig },
	} {
		other := *tag
		change(&other)
		if err := other.Check(k.public, ""); !errors.Is(err, ErrTag) {
			t.Errorf("%s: %v", what, err)
		}
	}

	good := tag.Bytes()
	seal := func(change func(b []byte)) []byte {
		b := bytes.Clone(good[:TagSize-32])
		change(b)
		sum := sha256.Sum256(b)
		return append(b, sum[:]...)
	}
	for what, b := range map[string][]byte{
		"empty": nil, "short": good[:TagSize-1], "long": append(bytes.Clone(good), 0),
		"version":  seal(func(b []byte) { b[8] = 2 }),
		"name":     seal(func(b []byte) { b[9] = 'G' }),
		"u zero":   seal(func(b []byte) { clear(b[tagHead+64 : tagHead+64+256]) }),
		"checksum": append(bytes.Clone(good[:TagSize-1]), good[TagSize-1]^1),
	} {
		if _, err := ParseTag(b); !errors.Is(err, ErrEncoding) {
			t.Errorf("compact form, %s: %v", what, err)
		}
	}

	file, err := (&File{Tag: tag, Index: 1}).JSON()
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, new string) []byte { return bytes.Replace(file, []byte(old), []byte(new), 1) }
	for what, b := range map[string][]byte{
		"empty": nil, "null": []byte("null"), "no object": []byte("[]"), "empty object": []byte("{}"),
		"trailing bytes": append(bytes.Clone(file), " 1"...),
		"unknown key":    replace(`"Index"`, `"Extra":1,"Index"`),
		"large index":    replace(`"Index":1`, `"Index":65536`),
		"no tag":         replace(`{"Tag":`, `{"Tag":null,"Tag2":`),
		"other name":     replace(`"FragmentName":"`, `"FragmentName":"AAAA`),
		"large":          append(bytes.Clone(file), bytes.Repeat([]byte(" "), maxFileSize)...),
	} {
		if _, err := ParseFile(b); !errors.Is(err, ErrEncoding) {
			t.Errorf("tag file, %s: %v", what, err)
		}
	}
}

func TestMalformedChallenges(t *testing.T) {
	good := vectorChallenge().Bytes()
	for what, b := range map[string][]byte{
		"empty": nil, "short": good[:len(good)-1], "long": append(bytes.Clone(good), 0), "indices only": good[:1+47*4],
		"no samples":         {0, 0},
		"four-byte compact":  {2, 0, 0, 0},
		"big compact":        {3, 255, 255, 255, 255, 255},
		"non-minimal":        {4*1 + 1, 0},
		"huge count":         {0xfd, 0xff},
		"half a compact":     {1},
		"index out of range": append(append([]byte{4, 0, 4, 0, 0, 4}, make([]byte, 19)...), 0),
		"lengths differ":     append([]byte{8, 0, 0, 0, 0, 1, 0, 0, 0, 4}, make([]byte, 20)...),
	} {
		if c, err := ParseChallenge(b); !errors.Is(err, ErrEncoding) || c != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestUnsuitableKeys(t *testing.T) {
	k := theKey(t)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	even := new(big.Int).Sub(k.rsa.N, big.NewInt(1))
	for what, key := range map[string]*rsa.PublicKey{
		"none": nil, "no modulus": {E: publicExponent}, "1024 bits": &small.PublicKey,
		"exponent 3": {N: k.rsa.N, E: 3}, "even": {N: even, E: publicExponent},
		"4096 bits": {N: new(big.Int).Mul(k.rsa.N, k.rsa.N), E: publicExponent},
	} {
		if _, err := NewPublicKey(key); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, b := range [][]byte{nil, {1, 2, 3}, make([]byte, 10_000), append(k.public.Bytes(), 0), k.public.Bytes()[1:]} {
		if _, err := ParsePublicKey(b); !errors.Is(err, ErrEncoding) {
			t.Errorf("%d bytes of public key: %v", len(b), err)
		}
		if _, err := ParsePrivateKey(b); !errors.Is(err, ErrEncoding) {
			t.Errorf("%d bytes of private key: %v", len(b), err)
		}
	}
	der, err := k.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ParsePrivateKey(der); err != nil || again.rsa.D.Cmp(k.rsa.D) != 0 {
		t.Errorf("private key: %v", err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err = x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParsePrivateKey(der); !errors.Is(err, ErrKey) {
		t.Errorf("elliptic curve key: %v", err)
	}
	for what, key := range map[string]*rsa.PrivateKey{
		"none": nil, "no primes": {PublicKey: k.rsa.PublicKey, D: k.rsa.D}, "1024 bits": small,
		"wrong exponent": {PublicKey: k.rsa.PublicKey, D: big.NewInt(3), Primes: k.rsa.Primes},
	} {
		if _, err := NewPrivateKey(key); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
