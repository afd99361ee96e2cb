package crypto

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cosmos/go-bip39"
	"pgregory.net/rapid"
)

func TestParseURI(t *testing.T) {
	soft, hard := func(s string) junction { return newJunction(s, false) }, func(s string) junction { return newJunction(s, true) }
	for _, v := range []struct {
		uri  string
		want secretURI
	}{
		{"//Alice", secretURI{DevPhrase, []junction{hard("Alice")}, ""}},
		{"/a/b//c", secretURI{DevPhrase, []junction{soft("a"), soft("b"), hard("c")}, ""}},
		{"///pw", secretURI{DevPhrase, nil, "pw"}},
		{"//a///", secretURI{DevPhrase, []junction{hard("a")}, ""}},
		{"//a///p/q//r", secretURI{DevPhrase, []junction{hard("a")}, "p/q//r"}},
		{"//a////x", secretURI{DevPhrase, []junction{hard("a")}, "/x"}},
		{"some words", secretURI{"some words", nil, ""}},
		{"0x11//a/b", secretURI{"0x11", []junction{hard("a"), soft("b")}, ""}},
	} {
		got, err := parseURI(v.uri)
		if err != nil || got.phrase != v.want.phrase || got.password != v.want.password || !slices.Equal(got.path, v.want.path) {
			t.Errorf("%q reads as %+v, %v, want %+v", v.uri, got, err, v.want)
		}
	}
}

// spec/wire.md §7.4 step 2.
func TestJunctions(t *testing.T) {
	long := strings.Repeat("x", 40)
	hashed := Blake2b256([]byte{40 << 2}, []byte(long))
	longer := strings.Repeat("x", 70)
	hashedLonger := Blake2b256([]byte{0x19, 0x01}, []byte(longer)) // 70 in the two-byte compact mode
	for _, v := range []struct{ text, want string }{
		{"Alice", "14416c696365"}, {"0", ""}, {"1", "01"}, {"256", "0001"}, {"007", "07"}, {"+7", "07"},
		{"18446744073709551615", "ffffffffffffffff"},
		{"18446744073709551616", "5031383434363734343037333730393535313631" + "36"}, // does not fit u64: text
		{"-1", "082d31"}, {"1_0", "0c315f30"}, {"0x1", "0c307831"}, {"++7", "0c2b2b37"},
		{strings.Repeat("y", 31), "7c" + strings.Repeat("79", 31)},
		{long, hex.EncodeToString(hashed[:])}, {longer, hex.EncodeToString(hashedLonger[:])},
	} {
		want := [32]byte{}
		copy(want[:], fromHex(t, v.want))
		if got := newJunction(v.text, true).code; got != want {
			t.Errorf("junction %q is %x, want %x", v.text, got, want)
		}
	}
}

func TestURIErrors(t *testing.T) {
	secret := "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e"
	for _, v := range []struct {
		name, uri string
		want      error
		says      string
	}{
		{"empty", "", ErrURI, "empty"},
		{"bare slash", "/", ErrURI, "junction 1 is empty"},
		{"hard nothing", "//", ErrURI, "junction 1 is empty"},
		{"empty second junction", "//a/", ErrURI, "junction 2 is empty"},
		{"line break", "//Alice\n", ErrURI, "line break"},
		{"zero byte", "//Al\x00ice", ErrURI, "control"},
		{"not UTF-8", "//Al\xffice", ErrURI, "UTF-8"},
		{"too long", "//" + strings.Repeat("a", 5000), ErrURI, "5002 bytes"},
		{"seed with password", "0x" + secret + "///pw", ErrURI, "no effect"},
		{"seed not hexadecimal", "0x" + secret[:62] + "zz", ErrURI, "hexadecimal"},
		{"short seed", "0x" + secret[:62], nil, "31 bytes"},
		{"one word", "bottom", ErrMnemonic, "1 words"},
		{"11 words", DevPhrase[:len(DevPhrase)-5], ErrMnemonic, "11 words"},
		{"misspelt word", strings.Replace(DevPhrase, "lake", "leake", 1), ErrMnemonic, "word 4"},
		{"capital letter", strings.Replace(DevPhrase, "lake", "Lake", 1), ErrMnemonic, "word 4"},
		{"swapped words", strings.Replace(DevPhrase, "lake curtain", "curtain lake", 1), ErrMnemonic, "checksum"},
	} {
		t.Run(v.name, func(t *testing.T) {
			pair, err := FromURI(Sr25519, v.uri)
			if err == nil || pair != nil {
				t.Fatalf("makes %v", pair)
			}
			if v.want != nil && !errors.Is(err, v.want) || !strings.Contains(err.Error(), v.says) {
				t.Errorf("%v, want an error about %q", err, v.says)
			}
			for _, word := range []string{"curtain", "leake", secret[:8]} {
				if strings.Contains(err.Error(), word) {
					t.Errorf("the error quotes the secret: %v", err)
				}
			}
		})
	}
	if _, err := FromURI(Scheme(7), "//Alice"); err == nil {
		t.Error("scheme 7 has keys")
	}
	for _, scheme := range []Scheme{Ed25519, Ecdsa} {
		if _, err := FromURI(scheme, "//a/b"); !errors.Is(err, ErrSoftDerivation) {
			t.Errorf("%s: soft junction: %v", scheme, err)
		}
	}
}

// The same URI gives the same secret every time, nonce included.
func TestDerivationIsDeterministic(t *testing.T) {
	a, b := mustURI(t, Sr25519, "//a/b/c").(*Sr25519Pair), mustURI(t, Sr25519, "//a/b/c").(*Sr25519Pair)
	if !bytes.Equal(a.Secret(), b.Secret()) {
		t.Error("secrets differ")
	}
}

func TestSoftDerivePublic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.StringMatching(`[0-9A-Za-z ]{1,40}`), 0, 3).Draw(t, "names")
		path := ""
		for _, name := range names {
			path += "/" + name
		}
		parent, err := FromURI(Sr25519, "//parent")
		if err != nil {
			t.Fatal(err)
		}
		child, err := FromURI(Sr25519, "//parent"+path)
		if err != nil {
			t.Fatal(err)
		}
		public, err := SoftDerivePublic(parent.Public(), path)
		if err != nil || !bytes.Equal(public, child.Public()) {
			t.Fatalf("path %q: %x, %v, want %x", path, public, err, child.Public())
		}
	})
	alice := mustURI(t, Sr25519, "//Alice").Public()
	for _, v := range []struct {
		public []byte
		path   string
	}{
		{alice, "//hard"}, {alice, "soft"}, {alice, "/"}, {alice, "/a///pw"}, {alice, "/a\n"},
		{alice[:31], "/a"}, {nil, ""}, {bytes.Repeat([]byte{0xff}, 32), "/a"},
	} {
		if got, err := SoftDerivePublic(v.public, v.path); err == nil {
			t.Errorf("key %x, path %q: %x, want an error", v.public, v.path, got)
		}
	}
}

// The vector of the schnorrkel library itself: soft child "soft" of //Alice.
func TestSoftDeriveSchnorrkel(t *testing.T) {
	want := "02cfd83074aefc9955af4034d19b3780d47a52e158ababec8ec012b2295f1c5b"
	if got := hex.EncodeToString(mustURI(t, Sr25519, "//Alice/soft").Public()); got != want {
		t.Errorf("public key %s, want %s", got, want)
	}
}

func TestSpecMiniSecrets(t *testing.T) {
	for password, want := range map[string]string{
		"":   "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e",
		"pw": "a1a8f79db9a9554ed446fd97c5c65c19cb36bf80d069872a1736fbd07933da3f",
	} {
		if seed, err := MnemonicSeed(DevPhrase, password); err != nil || hex.EncodeToString(seed[:]) != want {
			t.Errorf("password %q: %x, %v, want %s", password, seed, err, want)
		}
	}
}

func TestMnemonicRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{16, 20, 24, 28, 32}).Draw(t, "size")
		entropy := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "entropy")
		text, err := MnemonicFromEntropy(entropy)
		if err != nil {
			t.Fatal(err)
		}
		spaced := "  " + strings.ReplaceAll(text, " ", " \t ") + " "
		for _, form := range []string{text, spaced} {
			if back, err := MnemonicEntropy(form); err != nil || !bytes.Equal(back, entropy) {
				t.Fatalf("%x, %v", back, err)
			}
		}
	})
	for _, size := range []int{0, 15, 17, 33, 36} {
		if _, err := MnemonicFromEntropy(make([]byte, size)); !errors.Is(err, ErrMnemonic) {
			t.Errorf("entropy of %d bytes: %v", size, err)
		}
	}
}

// A library update must not change the words: this is the SHA-256 of english.txt of the BIP-39 repository.
func TestWordList(t *testing.T) {
	sum := sha256.Sum256([]byte(strings.Join(bip39.WordList, "\n") + "\n"))
	if got := hex.EncodeToString(sum[:]); got != "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda" {
		t.Errorf("word list has changed: %s", got)
	}
}
