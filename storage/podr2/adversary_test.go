package podr2

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/big"
	"testing"

	bls12381 "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// A miner that lost, damaged or exchanged data cannot answer, whatever it puts in its place.
func TestMinerWithoutTheData(t *testing.T) {
	ctx, w := context.Background(), theWorld(t)
	key := w.key.Public()
	q := w.query(t, "without data", 100)
	proveWith := func(fragment func(i uint64) []byte, tags func(i uint64) []byte) *Proof {
		return prove(t, w.srs, q, func(f *FragmentQuery) (io.ReaderAt, io.ReaderAt) {
			return bytes.NewReader(fragment(f.Index)), bytes.NewReader(tags(f.Index))
		})
	}
	honestData := func(i uint64) []byte { return w.fragments[i] }
	honestTags := func(i uint64) []byte { return w.tags[i].Bytes() }
	change := func(b []byte, at int, with ...byte) []byte { b = bytes.Clone(b); copy(b[at:], with); return b }
	first := int(q.Fragments[0].Blocks[0].Block)

	for what, proof := range map[string]*Proof{
		"one dropped block": proveWith(func(i uint64) []byte {
			if i != 0 {
				return w.fragments[i]
			}
			return change(w.fragments[0], first*BlockSize, make([]byte, BlockSize)...)
		}, honestTags),
		"one flipped bit at the end of a block": proveWith(func(i uint64) []byte {
			if i != 0 {
				return w.fragments[i]
			}
			at := (first+1)*BlockSize - 1
			return change(w.fragments[0], at, w.fragments[0][at]^1)
		}, honestTags),
		"swapped fragments": proveWith(func(i uint64) []byte { return w.fragments[[]int{1, 0, 2}[i]] }, honestTags),
		"neighbouring block": proveWith(func(i uint64) []byte {
			return append(bytes.Clone(w.fragments[i][BlockSize:]), w.fragments[i][:BlockSize]...)
		}, honestTags),
		"tags of another fragment under this name": proveWith(honestData, func(i uint64) []byte {
			return append(appendTagHeader(nil, w.names[i], key.id), w.tags[(i+1)%3].Bytes()[tagHeaderSize:]...)
		}),
		"data and tags of another fragment under this name": proveWith(
			func(i uint64) []byte { return w.fragments[(i+1)%3] },
			func(i uint64) []byte {
				return append(appendTagHeader(nil, w.names[i], key.id), w.tags[(i+1)%3].Bytes()[tagHeaderSize:]...)
			}),
		"replayed tags of a neighbouring block": proveWith(honestData, func(i uint64) []byte {
			b := w.tags[i].Bytes()
			b = append(bytes.Clone(b[:tagHeaderSize]), b[tagHeaderSize+g1Size:]...)
			return append(b, make([]byte, g1Size)...)
		}),
	} {
		wantErr(t, what, key.Verify(ctx, q, proof), ErrProof)
	}
	// The same query and honest answers: nothing above failed for another reason.
	wantErr(t, "honest", key.Verify(ctx, q, proveWith(honestData, honestTags)), nil)
}

// An honest proof answers its own query only.
func TestProofForAnotherQuery(t *testing.T) {
	ctx, w := context.Background(), theWorld(t)
	key := w.key.Public()
	q := w.query(t, "query A", 60)
	proof := w.prove(t, q)
	clone := func(change func(*Query)) *Query {
		c := &Query{Seed: q.Seed}
		for _, f := range q.Fragments {
			f.Blocks = append([]BlockQuery(nil), f.Blocks...)
			c.Fragments = append(c.Fragments, f)
		}
		change(c)
		return c
	}
	for what, other := range map[string]*Query{
		"wrong seed":              w.query(t, "query B", 60),
		"wrong number of samples": w.query(t, "query A", 61),
		"other evaluation point":  clone(func(q *Query) { q.Seed[31] ^= 1 }),
		"other miner's fragment":  clone(func(q *Query) { q.Fragments[1].Name[0] ^= 1 }),
		"swapped names": clone(func(q *Query) {
			q.Fragments[0].Name, q.Fragments[1].Name = q.Fragments[1].Name, q.Fragments[0].Name
		}),
		"other block":       clone(func(q *Query) { q.Fragments[0].Blocks[0].Block ^= 1 }),
		"other coefficient": clone(func(q *Query) { q.Fragments[0].Blocks[0].Coefficient[15] ^= 1 }),
		"one block less":    clone(func(q *Query) { q.Fragments[0].Blocks = q.Fragments[0].Blocks[1:] }),
		"one block more": clone(func(q *Query) {
			q.Fragments[0].Blocks = append(q.Fragments[0].Blocks, BlockQuery{Block: 7, Coefficient: Coefficient{1}})
		}),
	} {
		wantErr(t, what, key.Verify(ctx, other, proof), ErrProof)
	}
	wantErr(t, "other key", mustKey(t, "other").Public().Verify(ctx, q, proof), ErrProof)
}

// Forgeries that use what an attacker has: other proofs, all tags, the public powers and the public key.
func TestForgedProofs(t *testing.T) {
	ctx, w := context.Background(), theWorld(t)
	key := w.key.Public()
	q := w.query(t, "forge", 60)
	honest, other := w.prove(t, q), w.prove(t, w.query(t, "forge more", 60))
	tag := func(f, block int) bls12381.G1Affine {
		p, err := w.tags[f].point(block)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	var one fr.Element
	one.SetOne()
	for what, change := range map[string]func(p *Proof){
		"tag of another proof":      func(p *Proof) { p.tag = other.tag },
		"value of another proof":    func(p *Proof) { p.value = other.value },
		"quotient of another proof": func(p *Proof) { p.quotient = other.quotient },
		"sum of two proofs": func(p *Proof) {
			p.tag.Add(&p.tag, &other.tag)
			p.value.Add(&p.value, &other.value)
			p.quotient.Add(&p.quotient, &other.quotient)
		},
		"random tag":              func(p *Proof) { p.tag = hashBlock(w.names[0], 3) },
		"generator as tag":        func(p *Proof) { p.tag = generatorG1 },
		"value plus one":          func(p *Proof) { p.value.Add(&p.value, &one) },
		"value zero":              func(p *Proof) { p.value.SetZero() },
		"negated tag":             func(p *Proof) { p.tag.Neg(&p.tag) },
		"negated quotient":        func(p *Proof) { p.quotient.Neg(&p.quotient) },
		"quotient at infinity":    func(p *Proof) { p.quotient.SetInfinity() },
		"quotient plus generator": func(p *Proof) { p.quotient.Add(&p.quotient, &generatorG1) },
		"one more tag":            func(p *Proof) { u := tag(0, 5); p.tag.Add(&p.tag, &u) },
		"difference of two tags": func(p *Proof) {
			u, v := tag(0, 5), tag(1, 5)
			p.tag.Add(&p.tag, u.Sub(&u, &v))
		},
		"tag and quotient moved together": func(p *Proof) { // T + D, π + D
			p.tag.Add(&p.tag, &w.srs.powers[1])
			p.quotient.Add(&p.quotient, &w.srs.powers[1])
		},
		"value moved into the quotient": func(p *Proof) { // y + 1, π - G: right only if α - r were 1
			p.value.Add(&p.value, &one)
			p.quotient.Sub(&p.quotient, &generatorG1)
		},
		"another polynomial with valid opening": func(p *Proof) { // opens X+y at r without its tag
			p.quotient.Add(&p.quotient, &generatorG1)
			point, err := q.Seed.point()
			if err != nil {
				t.Fatal(err)
			}
			p.value.Add(&p.value, &point)
		},
	} {
		forged := *honest
		change(&forged)
		wantErr(t, what, key.Verify(ctx, q, &forged), ErrProof)
		if p, err := ParseProof(forged.Bytes()); err == nil {
			wantErr(t, what+", parsed", key.Verify(ctx, q, p), ErrProof)
		} else {
			wantErr(t, what+", parsing", err, ErrEncoding)
		}
	}
	wantErr(t, "no proof", key.Verify(ctx, q, nil), ErrQuery)
}

// Errors of two claims that cancel with equal weights must not pass a batch, and a batch names the bad ones.
func TestBatch(t *testing.T) {
	ctx, w := context.Background(), theWorld(t)
	key := w.key.Public()
	claims := make([]Claim, 4)
	for i := range claims {
		q := w.query(t, string(rune('a'+i)), 20)
		claims[i] = Claim{key, q, w.prove(t, q)}
	}
	ok, err := VerifyBatch(ctx, claims)
	if err != nil || len(ok) != 4 || !(ok[0] && ok[1] && ok[2] && ok[3]) {
		t.Fatalf("honest batch: %v, %v", ok, err)
	}
	a, b := *claims[1].Proof, *claims[3].Proof
	a.tag.Add(&a.tag, &generatorG1)
	b.tag.Sub(&b.tag, &generatorG1)
	claims[1].Proof, claims[3].Proof = &a, &b
	ok, err = VerifyBatch(ctx, claims)
	if err != nil || !ok[0] || ok[1] || !ok[2] || ok[3] {
		t.Fatalf("cancelling errors: %v, %v", ok, err)
	}
	claims[0], claims[2] = Claim{key, claims[2].Query, claims[0].Proof}, Claim{key, claims[0].Query, claims[2].Proof}
	if ok, err = VerifyBatch(ctx, claims); err != nil || ok[0] || ok[1] || ok[2] || ok[3] {
		t.Fatalf("exchanged proofs: %v, %v", ok, err)
	}
	if ok, err = VerifyBatch(ctx, claims[:1]); err != nil || ok[0] {
		t.Fatalf("batch of one: %v, %v", ok, err)
	}
	if ok, err = VerifyBatch(ctx, nil); err != nil || len(ok) != 0 {
		t.Fatalf("empty batch: %v, %v", ok, err)
	}
	_, err = VerifyBatch(ctx, []Claim{claims[0], {}})
	wantErr(t, "claim without anything", err, ErrQuery)
	_, err = VerifyBatch(ctx, []Claim{{key, nil, claims[0].Proof}})
	wantErr(t, "claim without query", err, ErrQuery)
}

// badG1 are 48-byte strings that are no encoding of a point of the group.
func badG1(t *testing.T) map[string][]byte {
	_, _, g, _ := bls12381.Generators()
	good := g.Bytes()
	edit := func(f func(b []byte)) []byte { b := bytes.Clone(good[:]); f(b); return b }
	fromX := func(x *big.Int, flags byte) []byte { b := x.FillBytes(make([]byte, g1Size)); b[0] |= flags; return b }

	outside := bls12381.GeneratePointNotInG1(fp.NewElement(42))
	var outsideAffine bls12381.G1Affine
	outsideAffine.FromJacobian(&outside)
	if outsideAffine.IsInSubGroup() || !outsideAffine.IsOnCurve() {
		t.Fatal("test point is not what it should be")
	}
	outsideBytes := outsideAffine.Bytes()
	// (0, 2) has order 3.
	order3 := bls12381.G1Affine{Y: fp.NewElement(2)}
	order3Bytes := order3.Bytes()
	// A small-order component added to a good point.
	var mixed bls12381.G1Affine
	mixed.Add(&g, &order3)
	mixedBytes := mixed.Bytes()
	// x without a point on the curve.
	offCurve := new(big.Int)
	for {
		offCurve.Add(offCurve, big.NewInt(1))
		var x fp.Element
		x.SetBigInt(offCurve)
		x.Cube(&x)
		four := fp.NewElement(4)
		if x.Add(&x, &four); x.Legendre() == -1 {
			break
		}
	}
	var x big.Int
	g.X.BigInt(&x)
	small := new(big.Int) // a point of the group whose x + p still fits 381 bits
	p := fp.Modulus()
	bound := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 381), p)
	for q := g; ; q.Double(&q) {
		if q.X.BigInt(small); small.Cmp(bound) < 0 {
			break
		}
	}
	return map[string][]byte{
		"all zero":                     make([]byte, g1Size),
		"all ones":                     bytes.Repeat([]byte{0xff}, g1Size),
		"no compression flag":          edit(func(b []byte) { b[0] &^= 0x80 }),
		"uncompressed infinity":        append([]byte{0x40}, make([]byte, g1Size-1)...),
		"infinity with sign":           append([]byte{0xe0}, make([]byte, g1Size-1)...),
		"infinity with garbage":        append(append([]byte{0xc0}, make([]byte, g1Size-2)...), 1),
		"infinity with x":              edit(func(b []byte) { b[0] |= 0x40 }),
		"x = p":                        fromX(p, 0x80),
		"x = p + x of a point":         fromX(new(big.Int).Add(p, small), 0x80),
		"x off the curve":              fromX(offCurve, 0x80),
		"point outside the group":      outsideBytes[:],
		"point of order three":         order3Bytes[:],
		"group point plus order three": mixedBytes[:],
	}
}

func TestBadPointsInProofs(t *testing.T) {
	w := theWorld(t)
	good := w.prove(t, w.query(t, "points", 10)).Bytes()
	if _, err := ParseProof(good); err != nil {
		t.Fatal(err)
	}
	for what, point := range badG1(t) {
		for field, at := range map[string]int{"tag": 1, "quotient": 1 + g1Size + scalarSize} {
			b := bytes.Clone(good)
			copy(b[at:], point)
			_, err := ParseProof(b)
			wantErr(t, field+": "+what, err, ErrEncoding)
		}
	}
	infinity := append([]byte{0xc0}, make([]byte, g1Size-1)...)
	b := bytes.Clone(good)
	copy(b[1:], infinity)
	_, err := ParseProof(b)
	wantErr(t, "tag at infinity", err, ErrEncoding)
	for what, value := range map[string]*big.Int{
		"value = r":           fr.Modulus(),
		"value = r + 1":       new(big.Int).Add(fr.Modulus(), big.NewInt(1)),
		"value = 2^256 - 1":   new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)),
		"value + r of a good": new(big.Int).Add(fr.Modulus(), big.NewInt(0x1234)),
	} {
		b := bytes.Clone(good)
		value.FillBytes(b[1+g1Size : 1+g1Size+scalarSize])
		_, err := ParseProof(b)
		wantErr(t, what, err, ErrEncoding)
	}
	for what, b := range map[string][]byte{
		"empty": nil, "short": good[:ProofSize-1], "long": append(bytes.Clone(good), 0),
		"version 1": append([]byte{1}, good[1:]...), "version 3": append([]byte{3}, good[1:]...),
	} {
		_, err := ParseProof(b)
		wantErr(t, what, err, ErrEncoding)
	}
}

func TestBadPublicKeys(t *testing.T) {
	good := mustKey(t, "bad keys").Public().Bytes()
	with := func(at int, b []byte) []byte { c := bytes.Clone(good); copy(c[at:], b); return c }
	infinity := append([]byte{0xc0}, make([]byte, g2Size-1)...)
	outside := bls12381.GeneratePointNotInG2(bls12381.E2{A0: fp.NewElement(5)})
	var affine bls12381.G2Affine
	affine.FromJacobian(&outside)
	if affine.IsInSubGroup() || !affine.IsOnCurve() {
		t.Fatal("test point is not what it should be")
	}
	outsideBytes := affine.Bytes()
	uncompressed := generatorG2.RawBytes()
	for what, c := range map[string]struct {
		b    []byte
		want error
	}{
		"empty":             {nil, ErrEncoding},
		"short":             {good[:PublicKeySize-1], ErrEncoding},
		"long":              {append(bytes.Clone(good), 0), ErrEncoding},
		"version":           {with(0, []byte{1}), ErrEncoding},
		"V at infinity":     {with(1, infinity), ErrKey},
		"W at infinity":     {with(1+g2Size, infinity), ErrKey},
		"V = W":             {with(1+g2Size, good[1:1+g2Size]), ErrKey},
		"V outside":         {with(1, outsideBytes[:]), ErrEncoding},
		"W outside":         {with(1+g2Size, outsideBytes[:]), ErrEncoding},
		"uncompressed":      {append([]byte{Version}, uncompressed[:]...), ErrEncoding},
		"all ones":          {with(1, bytes.Repeat([]byte{255}, g2Size)), ErrEncoding},
		"all zero":          {with(1, make([]byte, g2Size)), ErrEncoding},
		"infinity, garbage": {with(1, append([]byte{0xc1}, make([]byte, g2Size-1)...)), ErrEncoding},
	} {
		_, err := ParsePublicKey(c.b)
		wantErr(t, what, err, c.want)
	}
}

func TestBadSRS(t *testing.T) {
	w := theWorld(t)
	key, good := w.key.Public(), w.srs.Bytes()
	if s, err := ParseSRS(key, good); err != nil || !bytes.Equal(s.Bytes(), good) || s.Key() != key {
		t.Fatalf("good SRS: %v", err)
	}
	// Pairing libraries may work in place: a second use of the key must give the same answer.
	if _, err := ParseSRS(key, good); err != nil {
		t.Fatalf("good SRS, again: %v", err)
	}
	at := func(j int) int { return 1 + j*g1Size }
	edit := func(f func(b []byte)) []byte { b := bytes.Clone(good); f(b); return b }
	swap := func(i, j int) []byte {
		return edit(func(b []byte) {
			copy(b[at(i):at(i+1)], good[at(j):at(j+1)])
			copy(b[at(j):at(j+1)], good[at(i):at(i+1)])
		})
	}
	for what, c := range map[string]struct {
		b    []byte
		want error
	}{
		"empty":              {nil, ErrEncoding},
		"short":              {good[:SRSSize-1], ErrEncoding},
		"version":            {edit(func(b []byte) { b[0] = 1 }), ErrEncoding},
		"other first power":  {edit(func(b []byte) { copy(b[at(0):], good[at(1):at(2)]) }), ErrKey},
		"swapped powers":     {swap(5, 6), ErrKey},
		"wrong last power":   {edit(func(b []byte) { copy(b[at(SectorsPerBlock-1):], good[at(1):at(2)]) }), ErrKey},
		"powers of 1":        {edit(func(b []byte) { copy(b[1:], bytes.Repeat(good[at(0):at(1)], SectorsPerBlock)) }), ErrKey},
		"powers of another":  {mustKey(t, "another").SRS().Bytes(), ErrKey},
		"negated last power": {edit(func(b []byte) { b[at(SectorsPerBlock-1)] ^= 0x20 }), ErrKey},
	} {
		_, err := ParseSRS(key, c.b)
		wantErr(t, what, err, c.want)
	}
	for what, point := range badG1(t) {
		_, err := ParseSRS(key, edit(func(b []byte) { copy(b[at(200):], point) }))
		wantErr(t, what, err, ErrEncoding)
	}
}

func TestBadTagFiles(t *testing.T) {
	ctx, w := context.Background(), theWorld(t)
	good := w.tags[0].Bytes()
	if float64(TagsSize)/FragmentSize > 0.007 {
		t.Errorf("tag file of %d bytes is more than 0.7 %% of a fragment", TagsSize)
	}
	data := func() io.Reader { return bytes.NewReader(w.fragments[0]) }
	wantErr(t, "good tags", w.srs.CheckTags(ctx, w.tags[0], data()), nil)
	zeros, err := ParseTags(w.tags[2].Bytes())
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, "tags of zeros", w.srs.CheckTags(ctx, zeros, bytes.NewReader(w.fragments[2])), nil)

	// seal gives an edited file a good checksum.
	seal := func(f func(b []byte)) []byte {
		b := bytes.Clone(good[:TagsSize-sha256.Size])
		f(b)
		sum := sha256.Sum256(b)
		return append(b, sum[:]...)
	}
	point := func(i int) int { return tagHeaderSize + i*g1Size }
	for what, b := range map[string][]byte{
		"empty":           nil,
		"short":           good[:TagsSize-1],
		"long":            append(bytes.Clone(good), 0),
		"magic":           seal(func(b []byte) { b[0] ^= 1 }),
		"version":         seal(func(b []byte) { b[8] = 1 }),
		"reserved":        seal(func(b []byte) { b[10] = 1 }),
		"number of tags":  seal(func(b []byte) { b[14] = 5 }),
		"damaged point":   append(append(bytes.Clone(good[:500]), good[500]^1), good[501:]...),
		"damaged trailer": append(bytes.Clone(good[:TagsSize-1]), good[TagsSize-1]^1),
	} {
		_, err := ParseTags(b)
		wantErr(t, what, err, ErrEncoding)
	}
	for what, c := range map[string]struct {
		b    []byte
		want error
	}{
		"swapped tags": {seal(func(b []byte) {
			copy(b[point(3):point(4)], good[point(4):point(5)])
			copy(b[point(4):point(5)], good[point(3):point(4)])
		}), ErrTags},
		"one wrong tag":           {seal(func(b []byte) { copy(b[point(1023):point(1024)], good[point(0):point(1)]) }), ErrTags},
		"negated tag":             {seal(func(b []byte) { b[point(77)] ^= 0x20 }), ErrTags},
		"tag at infinity":         {seal(func(b []byte) { copy(b[point(9):], append([]byte{0xc0}, make([]byte, 47)...)) }), ErrTags},
		"tags of another key":     {seal(func(b []byte) { b[tagHeaderSize-1] ^= 1 }), ErrTags},
		"name of another content": {seal(func(b []byte) { copy(b[tagHeaderSize-64:], w.names[1][:]) }), ErrName},
	} {
		tags, err := ParseTags(c.b)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		wantErr(t, what, w.srs.CheckTags(ctx, tags, data()), c.want)
	}
	for what, bad := range badG1(t) {
		tags, err := ParseTags(seal(func(b []byte) { copy(b[point(500):], bad) }))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		wantErr(t, what, w.srs.CheckTags(ctx, tags, data()), ErrEncoding)
		p, err := NewProver(w.srs, &Query{Fragments: []FragmentQuery{{Name: w.names[0], Blocks: []BlockQuery{{Block: 500}}}}})
		if err != nil {
			t.Fatal(err)
		}
		wantErr(t, what+", prover", p.Add(ctx, 0, bytes.NewReader(w.fragments[0]), bytes.NewReader(tags.Bytes())), ErrEncoding)
	}
	wantErr(t, "short fragment", w.srs.CheckTags(ctx, w.tags[0], bytes.NewReader(nil)), ErrSize)
	wantErr(t, "key of another tagger", mustKey(t, "another").SRS().CheckTags(ctx, w.tags[0], data()), ErrTags)
}

func TestBadChallengesAndNames(t *testing.T) {
	c := Challenge{seedOf("challenge"), 460}
	if got, err := ParseChallenge(c.Bytes()); err != nil || got != c {
		t.Fatalf("got %v, %v", got, err)
	}
	for what, b := range map[string][]byte{
		"empty": nil, "short": c.Bytes()[:36], "long": append(c.Bytes(), 0),
		"version":      append([]byte{1}, c.Bytes()[1:]...),
		"no samples":   Challenge{}.Bytes(),
		"huge samples": Challenge{Samples: MaxSamples + 1}.Bytes(),
	} {
		_, err := ParseChallenge(b)
		wantErr(t, what, err, ErrEncoding)
	}
	name := Name(seedOf("name"))
	if got, err := ParseName(name.String()); err != nil || got != name {
		t.Fatalf("got %v, %v", got, err)
	}
	for _, s := range []string{"", name.String()[1:], name.String() + "0", "G" + name.String()[1:], "A" + name.String()[1:], "\x00" + name.String()[1:]} {
		_, err := ParseName(s)
		wantErr(t, s, err, ErrEncoding)
	}
}
