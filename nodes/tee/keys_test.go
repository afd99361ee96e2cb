package tee

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"sync"
	"testing"

	"pgregory.net/rapid"

	api "github.com/gocess/gocess/sdk/tee"
)

// vectorDER is the key of the protocol's test vectors (spec/podr2-tee.md §7).
var vectorDER = sync.OnceValues(func() ([]byte, error) {
	one, e := big.NewInt(1), big.NewInt(65537)
	prime := func(factor int64, shift uint, label string) *big.Int {
		h := sha256.Sum256([]byte(label))
		p := new(big.Int).Lsh(big.NewInt(factor), shift)
		for p.Add(p, new(big.Int).SetBytes(h[:])); ; {
			p.Add(p, one)
			if p.ProbablyPrime(20) && new(big.Int).GCD(nil, nil, new(big.Int).Sub(p, one), e).Cmp(one) == 0 {
				return p
			}
		}
	}
	p, q := prime(3, 1022, "podr2-vector-p"), prime(7, 1021, "podr2-vector-q")
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537},
		D:         new(big.Int).ModInverse(e, phi), Primes: []*big.Int{p, q},
	}
	key.Precompute()
	return x509.MarshalPKCS8PrivateKey(key)
})

func vectorMaster(t testing.TB) *master {
	t.Helper()
	der, err := vectorDER()
	if err != nil {
		t.Fatal(err)
	}
	m, err := newMaster(der)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func pairOfSeed(t testing.TB, b byte) *keyPair {
	t.Helper()
	k, err := newKeyPair(bytes.Repeat([]byte{b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestVectorsOfKeys(t *testing.T) {
	m := vectorMaster(t)
	seed, name := sha256.Sum256(m.der), sha256.Sum256(m.rsa.Public().Bytes())
	shared, err := m.sign.derive("master_key", "_sharing")
	if err != nil {
		t.Fatal(err)
	}
	other := pairOfSeed(t, 7)
	forth, err := shared.agree(other.public)
	if err != nil {
		t.Fatal(err)
	}
	back, err := other.agree(shared.public)
	if err != nil {
		t.Fatal(err)
	}
	stamp, err := m.rsa.SignRaw(api.StampBytes(1700000000000))
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string][2]string{
		"PKCS#8":              {hex.EncodeToString(seed[:]), "f2a730e4691dddc335b545206e24072413ae37ee23057e88878b59f57dcbd3fd"},
		"PKCS#1":              {hex.EncodeToString(name[:]), "aa4be35b91f2be4396b05302e4794f19ff09d55131f579a5c63d0a33cc6d1d85"},
		"master public":       {m.sign.String(), "9c9f1b5922f105bf7ec7aaf59a2300814e5d093b424893df72386dc86dcd185c"},
		"master secret":       {hex.EncodeToString(m.sign.pair.Secret()), "5d42acbddb7cf7e91f4a0c89a7b943dcb1f8f80f26728279b30e24dd10effd0e93f5a8bea36e11c6a262ece3b1c8034cfdb5751670e5904a41cd2f11f4225e89"},
		"derived public":      {shared.String(), "7604b6fab26aa5fc22d65dfcadd40f081ffc73fc96090f04d8635e4eaf1c4f50"},
		"public of seed 07":   {other.String(), "7c0f469d3bd340bae718203fa30ca071a5e37c751e891dbded837b213d45d91d"},
		"agreed key":          {hex.EncodeToString(forth[:]), "54bbb0f4ce6b5453261d43224ad45cf1919cf4ca3db26990ce18e12b204c7a74"},
		"agreed key, by peer": {hex.EncodeToString(back[:]), "54bbb0f4ce6b5453261d43224ad45cf1919cf4ca3db26990ce18e12b204c7a74"},
		"time stamp":          {hex.EncodeToString(stamp[:16]), "5bb6b4fca0676fe63199c42b543aa45a"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %s, want %s", what, got[0], got[1])
		}
	}
	if n := len(m.der); n != 1217 {
		t.Errorf("PKCS#8 of %d bytes", n)
	}
}

func TestAgreeRefusesWeakPoints(t *testing.T) {
	k := pairOfSeed(t, 1)
	if _, err := k.agree([32]byte{}); err == nil {
		t.Error("the identity as point is accepted")
	}
	if _, err := k.agree([32]byte(bytes.Repeat([]byte{0xff}, 32))); err == nil {
		t.Error("bytes that are no point are accepted")
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	m := vectorMaster(t)
	tagger, err := newTaggerV2([32]byte{5})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{m.String(), m.sign.String(), tagger.String()} {
		for _, secret := range [][]byte{m.sign.pair.Secret()[:8], m.der[100:108]} {
			if bytes.Contains([]byte(text), []byte(hex.EncodeToString(secret))) {
				t.Errorf("%q holds a secret", text)
			}
		}
	}
}

func TestBundleTravels(t *testing.T) {
	m, applicant := vectorMaster(t), pairOfSeed(t, 9)
	seed := [32]byte{1, 2, 3}
	for name, b := range map[string]bundle{
		"bare key":      {der: m.der},
		"with tagger":   {der: m.der, tagger: &seed},
		"with history":  {der: m.der, earlier: [][]byte{{1}, {2, 3}}},
		"with all else": {der: m.der, tagger: &seed, earlier: [][]byte{m.der}},
	} {
		raw, err := b.bytes()
		if err != nil {
			t.Fatal(name, err)
		}
		public, encrypted, iv, err := m.encryptTo(applicant.public, raw)
		if err != nil {
			t.Fatal(name, err)
		}
		plain, err := applicant.decryptFrom(public, encrypted, iv)
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := parseBundle(plain)
		if err != nil {
			t.Fatal(name, err)
		}
		if !bytes.Equal(got.der, b.der) || len(got.earlier) != len(b.earlier) || (got.tagger == nil) != (b.tagger == nil) {
			t.Errorf("%s: %+v became %+v", name, b, got)
		}
		encrypted[7] ^= 1
		if _, err := applicant.decryptFrom(public, encrypted, iv); err == nil {
			t.Errorf("%s: a changed delivery decrypts", name)
		}
		if _, err := pairOfSeed(t, 8).decryptFrom(public, encrypted, iv); err == nil {
			t.Errorf("%s: somebody else decrypts", name)
		}
	}
}

func TestParseBundleRefuses(t *testing.T) {
	m := vectorMaster(t)
	whole, err := (&bundle{der: m.der, tagger: &[32]byte{1}}).bytes()
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{
		"nothing": nil, "cut": m.der[:len(m.der)-1], "other tail": append(bytes.Clone(m.der), "something else"...),
		"short tail": whole[:len(whole)-1], "long tail": append(bytes.Clone(whole), 0), "too long": make([]byte, maxBundle+1),
	} {
		if b, err := parseBundle(raw); err == nil {
			t.Errorf("%s: parsed as %v", name, b)
		}
	}
}

func TestSealerProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		s, err := NewKeySealer(key)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := s.Seal("name", plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Unseal("name", sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("unseals as %x, %v", got, err)
		}
		if _, err := s.Unseal("other", sealed); err == nil {
			t.Fatal("a file unseals under another name")
		}
		sealed[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= 1
		if _, err := s.Unseal("name", sealed); err == nil {
			t.Fatal("a changed file unseals")
		}
	})
}

func FuzzParseBundle(f *testing.F) {
	der, err := vectorDER()
	if err != nil {
		f.Fatal(err)
	}
	whole, err := (&bundle{der: der, tagger: &[32]byte{1}, earlier: [][]byte{{1, 2}}}).bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(der)
	f.Add(whole)
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := parseBundle(raw)
		if err != nil {
			return
		}
		again, err := b.bytes()
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) != len(b.der) && !bytes.Equal(again, raw) && (b.tagger != nil || len(b.earlier) > 0) {
			t.Fatalf("%x became %x", raw, again)
		}
	})
}
