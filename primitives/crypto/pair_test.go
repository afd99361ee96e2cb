package crypto

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func secretOf(t testing.TB, pair Pair) []byte {
	t.Helper()
	switch p := pair.(type) {
	case *Sr25519Pair:
		return p.Secret()
	case *Ed25519Pair:
		return p.Secret()
	case *EcdsaPair:
		return p.Secret()
	}
	t.Fatalf("%T", pair)
	return nil
}

func TestSignVerify(t *testing.T) {
	for _, scheme := range schemes {
		t.Run(scheme.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				seed := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")
				pair, err := FromSeed(scheme, seed)
				if err != nil { // the zero scalar of ECDSA
					t.Skip(err)
				}
				msg := rapid.SliceOf(rapid.Byte()).Draw(t, "msg")
				sig, err := pair.Sign(msg)
				if err != nil || len(sig) != scheme.SignatureSize() || len(pair.Public()) != scheme.PublicSize() {
					t.Fatalf("signature %x, public key %x, %v", sig, pair.Public(), err)
				}
				if !Verify(scheme, pair.Public(), msg, sig) || !VerifyAccount(scheme, pair.AccountID(), msg, sig) {
					t.Fatal("own signature does not verify")
				}
				at, bit := rapid.IntRange(0, len(sig)-1).Draw(t, "at"), rapid.IntRange(0, 7).Draw(t, "bit")
				sig[at] ^= 1 << bit
				if Verify(scheme, pair.Public(), msg, sig) || VerifyAccount(scheme, pair.AccountID(), msg, sig) {
					t.Fatalf("verifies with bit %d of byte %d changed", bit, at)
				}
				sig[at] ^= 1 << bit
				if Verify(scheme, pair.Public(), append(msg, 0), sig) {
					t.Fatal("verifies another message")
				}
				if Verify(scheme, pair.Public(), msg, append(sig, 0)) || Verify(scheme, pair.Public(), msg, sig[:len(sig)-1]) ||
					Verify(scheme, append(pair.Public(), 0), msg, sig) || Verify(scheme, pair.Public()[1:], msg, sig) {
					t.Fatal("verifies with a wrong length")
				}
			})
		})
	}
}

func TestEcdsaAcceptsEthereumV(t *testing.T) {
	pair := mustURI(t, Ecdsa, "//Alice")
	sig, err := pair.Sign([]byte("gocess"))
	if err != nil {
		t.Fatal(err)
	}
	sig[64] += 27
	if !VerifyAccount(Ecdsa, pair.AccountID(), []byte("gocess"), sig) {
		t.Error("v of 27 or 28 does not verify")
	}
	if VerifyAccount(Ecdsa, mustURI(t, Ecdsa, "//Bob").AccountID(), []byte("gocess"), sig) {
		t.Error("verifies for another account")
	}
}

func TestSecretRoundTrip(t *testing.T) {
	for _, scheme := range schemes {
		for _, uri := range []string{"//Alice", "//Alice//stash", "/soft"} {
			pair, err := FromURI(scheme, uri)
			if errors.Is(err, ErrSoftDerivation) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			back, err := FromSeed(scheme, secretOf(t, pair))
			if err != nil || !bytes.Equal(back.Public(), pair.Public()) {
				t.Errorf("%s %s: the secret makes %v, %v", scheme, uri, back, err)
			}
		}
	}
}

func TestFromSeedErrors(t *testing.T) {
	order := "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
	for _, v := range []struct {
		scheme Scheme
		seed   string
		says   string
	}{
		{Sr25519, "", "0 bytes"}, {Sr25519, strings.Repeat("11", 31), "31 bytes"}, {Sr25519, strings.Repeat("11", 96), "96 bytes"},
		{Sr25519, strings.Repeat("00", 64), "zero"}, {Sr25519, strings.Repeat("ff", 64), "not reduced"},
		{Ed25519, strings.Repeat("11", 64), "64 bytes"}, {Ecdsa, strings.Repeat("11", 33), "33 bytes"},
		{Ecdsa, strings.Repeat("00", 32), "zero"}, {Ecdsa, order, "order"}, {Scheme(9), strings.Repeat("11", 32), "unknown"},
	} {
		pair, err := FromSeed(v.scheme, fromHex(t, v.seed))
		if err == nil || !strings.Contains(err.Error(), v.says) || pair != nil {
			t.Errorf("%s from %d digits: %v, %v, want an error about %q", v.scheme, len(v.seed), pair, err, v.says)
		}
	}
}

func TestGenerate(t *testing.T) {
	seen := map[string]bool{}
	for _, scheme := range schemes {
		for _, words := range []int{12, 15, 18, 21, 24} {
			mnemonic, pair, err := Generate(scheme, words)
			if err != nil || len(strings.Fields(mnemonic)) != words || seen[mnemonic] {
				t.Fatalf("%d words: %v", words, err)
			}
			seen[mnemonic] = true
			if again := mustURI(t, scheme, mnemonic); again.AccountID() != pair.AccountID() {
				t.Errorf("the mnemonic restores %v, not %v", again, pair)
			}
		}
		if _, _, err := Generate(scheme, 13); !errors.Is(err, ErrMnemonic) {
			t.Errorf("13 words: %v", err)
		}
	}
}

// Nothing that prints a pair, or a value that holds one in any way, may show a byte of the secret.
func TestPairsPrintNoSecret(t *testing.T) {
	for _, scheme := range schemes {
		pair := mustURI(t, scheme, "//Alice")
		secret := secretOf(t, pair)
		values := []any{pair, &pair, []Pair{pair}, map[string]Pair{"k": pair}, struct{ P Pair }{pair}, struct{ p Pair }{pair}}
		switch p := pair.(type) {
		case *Sr25519Pair:
			values = append(values, *p, struct{ P Sr25519Pair }{*p}, struct{ p Sr25519Pair }{*p}, &struct{ p Sr25519Pair }{*p})
		case *Ed25519Pair:
			values = append(values, *p, struct{ P Ed25519Pair }{*p}, struct{ p Ed25519Pair }{*p}, &struct{ p Ed25519Pair }{*p})
		case *EcdsaPair:
			values = append(values, *p, struct{ P EcdsaPair }{*p}, struct{ p EcdsaPair }{*p}, &struct{ p EcdsaPair }{*p})
		}
		file, err := NewKeyFile(pair, "", "alice", DefaultScryptCost)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, file, *file, struct{ f KeyFile }{*file}, struct{ f *KeyFile }{file}, []*KeyFile{file})
		for i, value := range values {
			var out strings.Builder
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%o"} {
				fmt.Fprintf(&out, verb+"\n", value)
			}
			slog.New(slog.NewTextHandler(&out, nil)).Info("key", "key", value)
			if _, isFile := value.([]*KeyFile); !isFile { // a key file's JSON is the key
				slog.New(slog.NewJSONHandler(&out, nil)).Info("key", "key", value)
			}
			raw, text := out.String(), strings.ToLower(out.String())
			for j := 0; j+4 <= len(secret); j++ {
				part := secret[j : j+4]
				decimal := strings.Trim(fmt.Sprint(part), "[]")
				if strings.Contains(raw, string(part)) {
					t.Fatalf("%s, value %d (%T): secret bytes %d.. appear", scheme, i, value, j)
				}
				for _, leak := range []string{hex.EncodeToString(part), decimal, strings.ReplaceAll(decimal, " ", ", "),
					strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", part), "[]byte{"), "}")} {
					if strings.Contains(text, leak) {
						t.Fatalf("%s, value %d (%T): secret bytes %d.. appear as %q", scheme, i, value, j, leak)
					}
				}
			}
		}
		want := scheme.String() + ":cX"
		if got := fmt.Sprintf("%#v", pair); !strings.HasPrefix(got, want) {
			t.Errorf("prints as %s, want %s…", got, want)
		}
		if text, err := json.Marshal(pair); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("in JSON: %s, %v", text, err)
		}
	}
}

func TestPublicIsACopy(t *testing.T) {
	for _, scheme := range schemes {
		pair := mustURI(t, scheme, "//Alice")
		want := pair.Public()
		clear(pair.Public())
		if !bytes.Equal(pair.Public(), want) {
			t.Errorf("%s: writing to Public changes the key", scheme)
		}
	}
}

func TestSchemeText(t *testing.T) {
	for _, scheme := range schemes {
		text, err := json.Marshal(scheme)
		var back Scheme
		if err != nil || json.Unmarshal(text, &back) != nil || back != scheme {
			t.Errorf("%s becomes %s", scheme, back)
		}
	}
	if _, err := ParseScheme("rsa"); err == nil {
		t.Error("rsa is a scheme")
	}
	bad := Scheme(3)
	if _, err := bad.MarshalText(); err == nil || bad.Valid() || bad.PublicSize() != 0 || bad.SignatureSize() != 0 || bad.String() != "scheme(3)" {
		t.Error("scheme 3 passes for one")
	}
	if Verify(bad, nil, nil, nil) || VerifyAccount(bad, [32]byte{}, nil, nil) {
		t.Error("scheme 3 verifies")
	}
	// The wire order of MultiSignature (spec/wire.md §1.4).
	if Ed25519 != 0 || Sr25519 != 1 || Ecdsa != 2 {
		t.Error("schemes are not in wire order")
	}
}
