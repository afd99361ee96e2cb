package crypto

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/gocess/gocess/primitives/ss58"
)

func parseFile(t testing.TB, doc any) *KeyFile {
	t.Helper()
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	file, err := ParseKeyFile(data)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestWalletKeyFiles(t *testing.T) {
	for _, v := range wallet().KeyFiles {
		t.Run(v.Scheme.String()+" "+v.URI+" "+v.Passphrase, func(t *testing.T) {
			want := mustURI(t, v.Scheme, v.URI)
			file := parseFile(t, v.JSON)
			if file.Scheme != v.Scheme || file.AccountID != want.AccountID() || file.Encrypted != (v.Passphrase != "") || file.Label == "" {
				t.Errorf("reads as %s, label %q, encrypted %t", file, file.Label, file.Encrypted)
			}
			pair, err := file.Open(v.Passphrase)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(pair.Public(), want.Public()) {
				t.Errorf("public key %x, want %x", pair.Public(), want.Public())
			}
			sig, err := pair.Sign([]byte("gocess"))
			if err != nil || !Verify(v.Scheme, want.Public(), []byte("gocess"), sig) {
				t.Errorf("the opened key does not sign: %v", err)
			}
			if !file.Encrypted {
				// Unencrypted files have no randomness: ours is the wallet's, byte for byte.
				ours, err := NewKeyFile(pair, "", file.Label, DefaultScryptCost)
				if err != nil || !bytes.Equal(ours.body(), file.body()) {
					t.Errorf("our key file has %x, %v, want %x", ours.body(), err, file.body())
				}
			}
		})
	}
}

func TestKeyFileRoundTrip(t *testing.T) {
	for _, scheme := range schemes {
		pair := mustURI(t, scheme, "//Alice//stash")
		for _, passphrase := range []string{"", "пароль"} {
			made, err := NewKeyFile(pair, passphrase, "my key", quickCost)
			if err != nil {
				t.Fatal(err)
			}
			file := parseFile(t, made)
			if file.Label != "my key" || file.AccountID != pair.AccountID() || file.Encrypted != (passphrase != "") {
				t.Errorf("reads as %s, label %q, encrypted %t", file, file.Label, file.Encrypted)
			}
			back, err := file.Open(passphrase)
			if err != nil || !bytes.Equal(secretOf(t, back), secretOf(t, pair)) {
				t.Errorf("%s with passphrase %q: %v, %v", scheme, passphrase, back, err)
			}
		}
	}
}

func TestKeyFilePassphrases(t *testing.T) {
	pair := mustURI(t, Sr25519, "//Alice")
	sealed, err := NewKeyFile(pair, "right", "", quickCost)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", "wrong", "right "} {
		if _, err := sealed.Open(wrong); !errors.Is(err, ErrPassphrase) {
			t.Errorf("passphrase %q: %v, want %v", wrong, err, ErrPassphrase)
		}
	}
	plain, err := NewKeyFile(pair, "", "", quickCost)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plain.Open("anything"); !errors.Is(err, ErrNotEncrypted) {
		t.Errorf("passphrase for an open file: %v, want %v", err, ErrNotEncrypted)
	}
	if _, err := NewKeyFile(pair, "pw", "", 12); err == nil {
		t.Error("scrypt cost 12 would make a file that no wallet reads")
	}
}

func TestReseal(t *testing.T) {
	v := wallet().KeyFiles[0] // unencrypted
	file := parseFile(t, v.JSON)
	sealed, err := file.Reseal("", "new", quickCost)
	if err != nil {
		t.Fatal(err)
	}
	sealed = parseFile(t, sealed)
	if !sealed.Encrypted || sealed.Label != "alice" || !bytes.Contains(sealed.meta, []byte("genesisHash")) {
		t.Errorf("encrypted %t, metadata %s", sealed.Encrypted, sealed.meta)
	}
	if _, err := sealed.Open("new"); err != nil {
		t.Error(err)
	}
	if _, err := sealed.Reseal("old", "newer", quickCost); !errors.Is(err, ErrPassphrase) {
		t.Errorf("wrong old passphrase: %v", err)
	}
	open, err := sealed.Reseal("new", "", quickCost)
	if err != nil || open.Encrypted {
		t.Errorf("taking the passphrase off: encrypted %t, %v", open.Encrypted, err)
	}
}

type remotePair struct{ Pair }

func TestKeyFileNeedsASecret(t *testing.T) {
	if _, err := NewKeyFile(remotePair{mustURI(t, Sr25519, "//Alice")}, "", "", DefaultScryptCost); err == nil {
		t.Error("a pair without a secret makes a key file")
	}
	if _, err := json.Marshal(KeyFile{}); err == nil {
		t.Error("the zero key file has JSON")
	}
	if _, err := new(KeyFile).Open(""); !errors.Is(err, ErrKeyFile) {
		t.Errorf("the zero key file opens: %v", err)
	}
}

func TestParseKeyFileErrors(t *testing.T) {
	var doc map[string]any
	reset := func() {
		doc = nil
		if err := json.Unmarshal(wallet().KeyFiles[0].JSON, &doc); err != nil {
			t.Fatal(err)
		}
	}
	encoding := func() map[string]any { return doc["encoding"].(map[string]any) }
	for _, v := range []struct {
		name   string
		change func()
		says   string
	}{
		{"no version", func() { delete(encoding(), "version") }, `version ""`},
		{"version 2", func() { encoding()["version"] = "2" }, `version "2"`},
		{"ethereum key", func() { encoding()["content"] = []string{"pkcs8", "ethereum"} }, "ethereum"},
		{"batch export", func() { encoding()["content"] = []string{"batch-pkcs8"} }, "batch-pkcs8"},
		{"old cipher", func() { encoding()["type"] = []string{"xsalsa20-poly1305"} }, "xsalsa20"},
		{"no cipher", func() { delete(encoding(), "type") }, "encryption"},
		{"mistyped address", func() { doc["address"] = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ" }, "checksum"},
		{"no address", func() { delete(doc, "address") }, "empty"},
		{"short public key", func() { doc["address"] = "0x1234" }, "32 bytes"},
		{"garbage body", func() { doc["encoded"] = "?" }, "base64"},
		{"odd hexadecimal body", func() { doc["encoded"] = "0x1" }, "base64"},
		{"wrong type", func() { doc["encoding"] = 7 }, "JSON"},
	} {
		reset()
		v.change()
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseKeyFile(data); !errors.Is(err, ErrKeyFile) || !strings.Contains(err.Error(), v.says) {
			t.Errorf("%s: %v, want an error about %q", v.name, err, v.says)
		}
	}
	for _, data := range [][]byte{nil, []byte("{}"), []byte("[]"), bytes.Repeat([]byte(" "), maxKeyFile+1)} {
		if _, err := ParseKeyFile(data); !errors.Is(err, ErrKeyFile) {
			t.Errorf("%.10q: %v", data, err)
		}
	}
	// Wallets put anything into the metadata.
	for _, meta := range []any{nil, 7, "x", []int{}, map[string]any{"name": 7}, map[string]any{"name": nil, "x": 1}} {
		reset()
		doc["meta"] = meta
		if file := parseFile(t, doc); file.Label != "" {
			t.Errorf("metadata %v makes label %q", meta, file.Label)
		}
	}
}

// Files whose inside contradicts their outside.
func TestTamperedKeyFiles(t *testing.T) {
	alice, bob := mustURI(t, Sr25519, "//Alice"), mustURI(t, Sr25519, "//Bob")
	good, err := encodePKCS8(alice)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		name  string
		plain []byte
		says  string
	}{
		{"empty", nil, "header"},
		{"other header", append([]byte{1}, good[1:]...), "header"},
		{"cut before the divider", good[:60], "divider"},
		{"no public key", good[:len(good)-32], "public key"},
		{"long public key", append(bytes.Clone(good), 0), "public key"},
		{"Bob's public key", append(bytes.Clone(good[:len(good)-32]), bob.Public()...), "public key"},
		{"low bits set", append(append(bytes.Clone(good[:16]), good[16]|1), good[17:]...), "not an sr25519"},
		{"zero scalar", bytes.Join([][]byte{pkcs8Header, make([]byte, 64), pkcs8Divider, alice.Public()}, nil), "zero"},
	} {
		if _, err := decodePKCS8(Sr25519, v.plain); !errors.Is(err, ErrKeyFile) || !strings.Contains(err.Error(), v.says) {
			t.Errorf("%s: %v, want an error about %q", v.name, err, v.says)
		}
	}
	file, err := NewKeyFile(alice, "", "", DefaultScryptCost)
	if err != nil {
		t.Fatal(err)
	}
	file.AccountID = bob.AccountID()
	if _, err := file.Open(""); !errors.Is(err, ErrKeyFile) {
		t.Errorf("Alice's secret under Bob's address: %v", err)
	}
	// Early wallets stored the seed.
	seed, err := MnemonicSeed(DevPhrase, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, scheme := range schemes {
		want := mustURI(t, scheme, DevPhrase)
		old := bytes.Join([][]byte{pkcs8Header, seed[:], pkcs8Divider, want.Public()}, nil)
		if pair, err := decodePKCS8(scheme, old); err != nil || pair.AccountID() != want.AccountID() {
			t.Errorf("%s seed file: %v, %v", scheme, pair, err)
		}
	}
}

func TestScryptBounds(t *testing.T) {
	box := make([]byte, boxHeader+100)
	for _, v := range []struct {
		n, p, r uint32
	}{
		{0, 1, 8}, {1, 1, 8}, {3, 1, 8}, {1<<15 + 1, 1, 8}, {1 << 31, 1, 8}, {1 << 22, 1, 1}, {1 << 18, 1, 16}, {1 << 19, 1, 8},
		{1 << 15, 0, 8}, {1 << 15, 1, 0}, {1 << 15, 1 << 31, 8}, {1 << 15, 1, 1 << 31}, {2, 1 << 22, 1 << 22},
		{1 << 17, 5, 8}, {2, 1, 1 << 22}, {2, 1 << 21, 8}, {1<<32 - 1, 1<<32 - 1, 1<<32 - 1},
	} {
		binary.LittleEndian.PutUint32(box[32:], v.n)
		binary.LittleEndian.PutUint32(box[36:], v.p)
		binary.LittleEndian.PutUint32(box[40:], v.r)
		if _, err := openBox(box, "pw"); !errors.Is(err, ErrKeyFile) {
			t.Errorf("N=%d p=%d r=%d: %v", v.n, v.p, v.r, err)
		}
	}
	if _, err := openBox(box[:boxHeader+15], "pw"); !errors.Is(err, ErrKeyFile) {
		t.Errorf("cut box: %v", err)
	}
}

func TestKeyFileDocument(t *testing.T) {
	pair := mustURI(t, Sr25519, "//Alice")
	file, err := NewKeyFile(pair, "pw", "alice", LegacyScryptCost)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc keyFileJSON
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(doc.Encoded)
	if err != nil {
		t.Fatal(err)
	}
	params := []byte{0, 0x80, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0}
	if !bytes.Equal(raw[32:44], params) || len(raw) != boxHeader+16+117 {
		t.Errorf("box header %x, %d bytes", raw[32:44], len(raw))
	}
	account := pair.AccountID()
	if doc.Address != ss58.Encode(ss58.CESS, account[:]) || doc.Encoding.Version != "3" || string(doc.Meta) != `{"name":"alice"}` {
		t.Errorf("document %s", data)
	}
}
