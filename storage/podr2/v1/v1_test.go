package v1

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gocess/gocess/storage/podr2/filter"
	"pgregory.net/rapid"
)

// Values published with the protocol; two independent implementations agree on them.
func TestVectors(t *testing.T) {
	ctx, k := context.Background(), theKey(t)
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s is %s, want %s", what, got, want)
		}
	}
	prefix := func(what, got, want string) {
		t.Helper()
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s is %.40s…, want %s…", what, got, want)
		}
	}
	decimal := func(b []byte) string { return digest([]byte(new(big.Int).SetBytes(b).String())) }

	check("N", digest(k.public.rsa.N.FillBytes(make([]byte, 256))), "e37acea90970c42f94302930a5dcfd262c7f9ad699c316e585a2cc58cd8ab234")
	if der := k.public.Bytes(); len(der) != 270 {
		t.Errorf("PKCS#1 key of %d bytes", len(der))
	}
	check("PKCS#1 key", digest(k.public.Bytes()), "aa4be35b91f2be4396b05302e4794f19ff09d55131f579a5c63d0a33cc6d1d85")
	der, err := k.Bytes()
	if err != nil || len(der) != 1217 {
		t.Errorf("PKCS#8 key of %d bytes: %v", len(der), err)
	}
	check("PKCS#8 key", digest(der), "f2a730e4691dddc335b545206e24072413ae37ee23057e88878b59f57dcbd3fd")
	stamp, err := k.SignRaw(new(big.Int).SetUint64(1700000000000).FillBytes(make([]byte, 8)))
	if err != nil {
		t.Fatal(err)
	}
	prefix("signature of a time stamp", hex.EncodeToString(stamp), "5bb6b4fca0676fe63199c42b543aa45a")

	u := vectorU(k.public.n.integer)
	check("u", digest([]byte(u.String())), "5103fea876c9c61781841c2a7ba149a69430e4b38aaaed0feab7d73a77bf68f8")
	data := vectorData()
	name := digest(data)
	check("fragment name", name, "89eb56e61a9c62863d78c03161b757286e2d334f7102de462209bb7895963678")
	h0, h1023 := blockHash(name, 0), blockHash(name, 1023)
	check("H_0", hex.EncodeToString(h0[:]), "6e804c37c55409181875ef70b2dc2cce072654c2a81ed1ff1f2e019838f13d3c")
	check("H_1023", hex.EncodeToString(h1023[:]), "4fd37c28cab55d9ba2190cdf93328539df3d22de03d3998e91a0b57a87ccce0f")

	tag, err := k.tagWithU(ctx, name, "", bytes.NewReader(data), int64(len(data)), u)
	if err != nil {
		t.Fatal(err)
	}
	check("phi_0", decimal(tag.Phi[0][:]), "3b902291d4a9d8beed2d0efbbde41334c1d7541a7d1fe97ee17a7e9dfabec8a8")
	check("phi_1", decimal(tag.Phi[1][:]), "3543f4318995402b73b23db179563743c901e6a1f770914e3704a33d980950ec")
	check("phi_1023", decimal(tag.Phi[1023][:]), "b21f2bb81daa1f4bbcce531d27d2253f31b1ae0444d20c0702fdd72b4d03b5f8")
	check("phi_hash", hex.EncodeToString(tag.PhiHash[:]), "21630018737e8b809630f3db9e5b02c14b9f5aaacafc9833f0158feba0aa0b1f")
	prefix("attest", hex.EncodeToString(tag.Attest[:]), "7a0fa12d696f6ab38e1c95af1bd7609a")
	check("attest", digest([]byte(tag.Wire().Attest)), "aee1cda092e63230840e553599ab2c2a397a33a4e11cf41416c2670038fdccf4")
	prefix("u_sig", hex.EncodeToString(tag.USig[:]), "4032a32d0cb1dfad0030e476c03be424")
	check("u_sig", digest(tag.USig[:]), "75e4b43be2dad626f1aafb44a5870c6d4d8eed71222d0ac25f655b02272f2d51")
	if err := tag.Check(k.public, ""); err != nil {
		t.Error(err)
	}

	c := vectorChallenge()
	p, err := NewProver(k.public, c)
	if err != nil {
		t.Fatal(err)
	}
	item, err := p.Add(ctx, tag, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if len(item.Mu) != 19778 {
		t.Errorf("mu has %d digits", len(item.Mu))
	}
	check("mu", digest([]byte(item.Mu)), "72c011dd3f4f179836f0d3ba26eb64d7d6958fe611babca1598e152c21617ffe")
	sigma, err := p.Sigma(ctx)
	if err != nil {
		t.Fatal(err)
	}
	prefix("sigma", sigma, "179251641163520386888669")
	check("sigma", digest([]byte(sigma)), "5182fada5969b705758ac6b25d086bac8ac1885bf2cb2270df814d237767b8cc")
	proof := &Proof{Items: []Item{item}, Sigma: sigma}
	if err := theTagger(t).Verify(ctx, c, proof); err != nil {
		t.Errorf("with the secret key: %v", err)
	}
	if err := k.public.Verify(ctx, c, proof); err != nil {
		t.Errorf("with the public key: %v", err)
	}

	// The verdict a worker signs: miner ‖ worker ‖ sigma ‖ result ‖ challenge ‖ filter.
	var sum filter.Filter
	verdict := func(sigma string) string {
		b := append(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)...)
		b = append(appendCompact(b, len(sigma)), sigma...)
		b = append(append(b, 1), c.Bytes()...)
		return digest(append(b, sum.Bytes()...))
	}
	check("empty verdict", verdict(""), "cbd4eaa276bce88187c40899ac19147aa20b91177054e6ebf3e6957259edab0d")
	if err := sum.Insert(name); err != nil {
		t.Fatal(err)
	}
	check("verdict", verdict(sigma), "8d18d70d27c5be2c690eb78e551c464a73bcfa476caf067faa2548732d69ddf5")

	file := &File{Tag: tag, Index: 1}
	encoded, err := file.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if len(encoded) < 600_000 {
		t.Errorf("tag file of %d bytes: upstream miners delete what is below 600000", len(encoded))
	}
}

// Tags must be those of the defining formula.
func TestTagFormula(t *testing.T) {
	k, m := theKey(t), theMiner(t)
	for f, tag := range m.tags {
		for _, i := range []int{0, 1, 500, 1023} {
			block := new(big.Int).SetBytes(m.data[f][16*i : 16*(i+1)])
			h := blockHash(tag.Name, i)
			want := new(big.Int).Exp(tag.U, block, k.rsa.N)
			want.Mul(want, new(big.Int).SetBytes(h[:]))
			want.Exp(want, k.rsa.D, k.rsa.N)
			if got := new(big.Int).SetBytes(tag.Phi[i][:]); got.Cmp(want) != 0 {
				t.Errorf("phi %d of fragment %d differs from (H·u^m)^d", i, f)
			}
		}
		if err := tag.Check(k.public, ""); err != nil {
			t.Error(err)
		}
		if err := tag.Check(k.public, "other"); !errors.Is(err, ErrTag) {
			t.Errorf("other custom data: %v", err)
		}
	}
}

// The vector instructions and the portable code give the same tags.
func TestPortableTags(t *testing.T) {
	m := theMiner(t)
	tagger := *theTagger(t)
	tagger.key = portable(tagger.key)
	tag, err := tagger.Tag(context.Background(), m.tags[0].Name, "", bytes.NewReader(m.data[0]), smallSize)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(tag.Bytes(), m.tags[0].Bytes()) {
		t.Error("tags differ")
	}
	data := vectorData()[:MaxFragmentSize/8]
	name := digest(data)
	a, err := tagger.Tag(context.Background(), name, "", bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := theTagger(t).Tag(context.Background(), name, "", bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("tags of larger blocks differ")
	}
}

func TestHonestProofs(t *testing.T) {
	ctx, k, m := context.Background(), theKey(t), theMiner(t)
	for _, c := range []*Challenge{
		challengeOf("a"), vectorChallenge(),
		{Indices: []uint32{0}, Values: make([][20]byte, 1)},
		{Indices: []uint32{1023, 1023}, Values: [][20]byte{{255}, {19: 1}}},
	} {
		proof := m.prove(t, k.public, c)
		if err := theTagger(t).Verify(ctx, c, proof); err != nil {
			t.Errorf("with the secret key: %v", err)
		}
		if err := k.public.Verify(ctx, c, proof); err != nil {
			t.Errorf("with the public key: %v", err)
		}
	}
	// The same fragment twice is two fragments.
	twice := &miner{data: append(m.data, m.data[0]), tags: append(m.tags, m.tags[0])}
	c := challengeOf("twice")
	proof := twice.prove(t, k.public, c)
	if err := theTagger(t).Verify(ctx, c, proof); err != nil {
		t.Errorf("duplicate fragment: %v", err)
	}
	// Nothing to prove.
	if err := theTagger(t).Verify(ctx, c, new(miner).prove(t, k.public, c)); err != nil {
		t.Errorf("no fragments: %v", err)
	}
}

func TestTagErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	tagger, data := theTagger(t), theMiner(t).data[0]
	name := digest(data)
	for what, c := range map[string]struct {
		name string
		data io.Reader
		size int64
		err  error
	}{
		"short name":      {name[1:], bytes.NewReader(data), smallSize, ErrEncoding},
		"upper-case name": {strings.ToUpper(name), bytes.NewReader(data), smallSize, ErrEncoding},
		"no bytes":        {name, bytes.NewReader(data), 0, ErrSize},
		"negative":        {name, bytes.NewReader(data), -1024, ErrSize},
		"not a multiple":  {name, bytes.NewReader(data), smallSize - 1, ErrSize},
		"too large":       {name, bytes.NewReader(data), MaxFragmentSize + 1024, ErrSize},
		"short":           {name, bytes.NewReader(data[:20]), smallSize, ErrSize},
		"broken":          {name, iotest.ErrReader(io.ErrClosedPipe), smallSize, io.ErrClosedPipe},
	} {
		if tag, err := tagger.Tag(ctx, c.name, "", c.data, c.size); !errors.Is(err, c.err) || tag != nil {
			t.Errorf("%s: %v, want %v", what, err, c.err)
		}
	}
	cancel()
	if _, err := tagger.Tag(ctx, name, "", bytes.NewReader(data), smallSize); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	if _, err := NewTagger(theKey(t), []byte("short")); !errors.Is(err, ErrKey) {
		t.Errorf("short secret: %v", err)
	}
}

func TestProverErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	k, m := theKey(t), theMiner(t)
	c := challengeOf("errors")
	p, err := NewProver(k.public, c)
	if err != nil {
		t.Fatal(err)
	}
	large := *m.tags[0]
	for i := range large.Phi {
		k.public.n.integer.FillBytes(large.Phi[i][:])
	}
	noU := *m.tags[0]
	noU.U = nil
	for what, f := range map[string]struct {
		tag  *Tag
		data []byte
		size int64
		err  error
	}{
		"size":  {m.tags[0], m.data[0], smallSize + 1, ErrSize},
		"short": {m.tags[0], m.data[0][:100], smallSize, io.ErrUnexpectedEOF},
		"phi":   {&large, m.data[0], smallSize, ErrTag},
		"no u":  {&noU, m.data[0], smallSize, ErrTag},
	} {
		if _, err := p.Add(ctx, f.tag, bytes.NewReader(f.data), f.size); !errors.Is(err, f.err) {
			t.Errorf("%s: %v, want %v", what, err, f.err)
		}
	}
	if sigma, err := p.Sigma(ctx); err != nil || sigma != "" {
		t.Errorf("failed attempts left %q, %v", sigma, err)
	}
	proof := m.prove(t, k.public, c)
	cancel()
	if _, err := p.Add(ctx, m.tags[0], bytes.NewReader(m.data[0]), smallSize); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	if err := theTagger(t).Verify(ctx, c, proof); !errors.Is(err, context.Canceled) {
		t.Errorf("verify canceled: %v", err)
	}
	if err := k.public.Verify(ctx, c, proof); !errors.Is(err, context.Canceled) {
		t.Errorf("public verify canceled: %v", err)
	}
}

func TestEncodings(t *testing.T) {
	tag := theMiner(t).tags[0]
	again, err := ParseTag(tag.Bytes())
	if err != nil || !bytes.Equal(again.Bytes(), tag.Bytes()) || len(tag.Bytes()) != TagSize {
		t.Errorf("compact form: %v", err)
	}
	again, err = ParseWire(tag.Wire(), tag.USig[:])
	if err != nil || !bytes.Equal(again.Bytes(), tag.Bytes()) {
		t.Errorf("message: %v", err)
	}
	file := &File{Tag: tag, Signature: [64]byte{1}, TeeAccount: [32]byte{2}, Index: 3}
	encoded, err := file.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`{"Tag":{"t":{"name":"` + tag.Name, `"phi_hash":"`, `"attest":"`, `"USig":"`, `"Signature":"AQAA`, `"FragmentName":"`, `"TeeAccountId":"AgAA`, `"Index":3}`} {
		if !bytes.Contains(encoded, []byte(key)) {
			t.Errorf("tag file lacks %s", key)
		}
	}
	parsed, err := ParseFile(encoded)
	if err != nil || parsed.Signature != file.Signature || parsed.TeeAccount != file.TeeAccount || parsed.Index != 3 || !bytes.Equal(parsed.Tag.Bytes(), tag.Bytes()) {
		t.Errorf("tag file: %v", err)
	}
	c := vectorChallenge()
	if got, err := ParseChallenge(c.Bytes()); err != nil || fmt.Sprint(got) != fmt.Sprint(c) {
		t.Errorf("challenge: %v, %v", got, err)
	}
	if n := len(c.Bytes()); n != 1+47*4+1+47*20 {
		t.Errorf("challenge of %d bytes", n)
	}
}

func TestSecretsStayOutOfLogs(t *testing.T) {
	k, tagger := theKey(t), theTagger(t)
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{k, *k, tagger, *tagger} {
			if text := fmt.Sprintf(format, value); len(text) > 40 {
				t.Errorf("%s of %T prints %.60s…", format, value, text)
			}
		}
	}
}

// oddModulus draws an odd number of 256, 1024 or 2048 bits.
func oddModulus(t *rapid.T) *big.Int {
	size := rapid.SampledFrom([]int{32, 128, 256}).Draw(t, "size")
	n := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "modulus"))
	n.SetBit(n, 0, 1)
	return n.SetBit(n, 8*size-1, 1)
}

func number(t *rapid.T, name string, maxBytes int) *big.Int {
	return new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, maxBytes).Draw(t, name))
}

func TestModularArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := oddModulus(t)
		m := newModulus(n)
		x, y := number(t, "x", 300), number(t, "y", 300)
		if rapid.Bool().Draw(t, "extreme") {
			x.Sub(n, big.NewInt(1))
			y.Set(x)
		}
		z := m.new()
		m.mul(z, m.residueOf(x), m.residueOf(y))
		want := new(big.Int).Mul(x, y)
		if want.Mod(want, n); m.value(z).Cmp(want) != 0 {
			t.Fatalf("%s·%s mod %s", x, y, n)
		}
		if m.value(m.one).Cmp(big.NewInt(1)) != 0 || m.value(m.residueOf(n)).Sign() != 0 {
			t.Fatal("one or zero is wrong")
		}

		e := number(t, "exponent", 20)
		table := m.newPowers(m.residueOf(x), 160)
		got := append(residue(nil), m.one...)
		m.exp(got, table, toLimbs(e, 4))
		if want.Exp(x, e, n); m.value(got).Cmp(want) != 0 {
			t.Fatalf("%s^%s mod %s by table", x, e, n)
		}
	})
}

func TestMultiExp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := oddModulus(t)
		m := newModulus(n)
		want := big.NewInt(1)
		var bases []residue
		var exponents []*big.Int
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			base, e := number(t, "base", 40), number(t, "exponent", 60)
			bases, exponents = append(bases, m.residueOf(base)), append(exponents, e)
			want.Mul(want, new(big.Int).Exp(base, e, n))
		}
		got, err := m.multiExp(context.Background(), bases, exponents)
		if err != nil {
			t.Fatal(err)
		}
		if want.Mod(want, n); m.value(got).Cmp(want) != 0 {
			t.Fatalf("product of powers mod %s", n)
		}
	})
}

func TestReductions(t *testing.T) {
	k := theKey(t)
	rapid.Check(t, func(t *rapid.T) {
		block := rapid.SliceOfN(rapid.Byte(), 1, 8192).Draw(t, "block")
		x := new(big.Int).SetBytes(block)
		text := x.String()
		for _, p := range []*prime{&k.p, &k.q} {
			want := new(big.Int).Mod(x, p.order)
			if fromLimbs(p.reduce(p.binary, blockWords(nil, block))).Cmp(want) != 0 {
				t.Fatal("block modulo the order")
			}
			if fromLimbs(p.reduce(p.decimal, decimalChunks(text))).Cmp(want) != 0 {
				t.Fatal("decimal number modulo the order")
			}
		}
	})
}

// A tag that is wrong modulo one prime only must never leave the tagger.
func TestFaultCheck(t *testing.T) {
	k, m := theKey(t), theMiner(t)
	tag := m.tags[0]
	v := theTagger(t)
	root, err := v.ownV(tag.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range []bool{false, true} {
		check := newFaultCheck(k, k.p.residueOf(root), k.q.residueOf(root))
		for i := range tag.Phi {
			phi := tag.Phi[i]
			if fault && i == 700 {
				wrong := k.p.residueOf(new(big.Int).SetBytes(phi[:]))
				wrong[0] ^= 4
				phi = k.join(wrong, k.q.residueOf(new(big.Int).SetBytes(phi[:])))
			}
			words := blockWords(nil, m.data[0][16*i:16*(i+1)])
			hash := blockHash(tag.Name, i)
			check.add(&phi, new(big.Int).SetBytes(hash[:]), k.p.reduce(k.p.binary, words), k.q.reduce(k.q.binary, words))
		}
		if check.passes() == fault {
			t.Errorf("fault %v: check passes %v", fault, !fault)
		}
	}
}

func TestOwnUIsBoundToName(t *testing.T) {
	tagger := theTagger(t)
	a, err := tagger.OwnU(digest([]byte("a")))
	if err != nil {
		t.Fatal(err)
	}
	b, err := tagger.OwnU(digest([]byte("b")))
	if err != nil {
		t.Fatal(err)
	}
	if a.Cmp(b) == 0 {
		t.Error("two names have one u")
	}
	if _, err := tagger.OwnU("x"); !errors.Is(err, ErrEncoding) {
		t.Errorf("bad name: %v", err)
	}
	sum := sha256.Sum256([]byte("a"))
	if own, err := tagger.isOwn(hex.EncodeToString(sum[:]), a); err != nil || !own {
		t.Errorf("own u not recognised: %v", err)
	}
}
