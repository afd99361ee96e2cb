package crypto

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func sessionStore(t testing.TB, dir string) *SessionKeystore {
	t.Helper()
	k, err := OpenSessionKeystore(dir)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The file of //Alice's grandpa key is what a Substrate node writes for `key insert --suri //Alice --key-type gran`.
func TestSessionKeyFileIsSubstrates(t *testing.T) {
	k := sessionStore(t, t.TempDir())
	public, err := k.Put(Grandpa, "//Alice", nil)
	if err != nil {
		t.Fatal(err)
	}
	const name = "6772616e88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"
	path := filepath.Join(k.Dir(), name)
	content, err := os.ReadFile(path)
	if err != nil || string(content) != `"//Alice"` {
		t.Fatalf("%q, %v", content, err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	if again, err := k.Put(Grandpa, "//Alice", public); err != nil || !bytes.Equal(again, public) {
		t.Fatalf("the same key again: %x, %v", again, err)
	}
	if _, err := k.Put(Grandpa, "//Bob", public); err == nil {
		t.Fatal("stored a secret under another public key")
	}
}

func TestSessionKeysSurviveAndSign(t *testing.T) {
	dir := t.TempDir()
	k := sessionStore(t, dir)
	keys := make(map[KeyType][]byte)
	for _, kind := range KeyTypes {
		public, err := k.Generate(kind)
		if err != nil {
			t.Fatal(err)
		}
		keys[kind] = public
	}
	k = sessionStore(t, dir)
	for kind, public := range keys {
		for range 2 { // from the file, then as it was opened
			pair, err := k.Get(kind, public)
			if err != nil {
				t.Fatal(err)
			}
			sig, err := pair.Sign([]byte("m"))
			if err != nil || !Verify(kind.Scheme(), public, []byte("m"), sig) {
				t.Fatalf("%s: signature does not verify: %v", kind, err)
			}
		}
		if list, err := k.List(kind); err != nil || len(list) != 1 || !bytes.Equal(list[0], public) {
			t.Errorf("%s: listed %x, %v", kind, list, err)
		}
	}
	// Votes are signed with keys for votes alone, whatever else has the scheme.
	if _, ok := k.Pair(Sr25519, keys[ImOnline]); ok {
		t.Error("a key of im-online makes randomness")
	}
	if _, ok := k.Pair(Sr25519, keys[Babe]); !ok {
		t.Error("no randomness")
	}
	if _, ok := k.Pair(Ed25519, keys[Grandpa]); !ok {
		t.Error("no votes")
	}
}

// A key counts from the moment its file is there until it is gone, and not while others can read it.
func TestSessionKeystoreFollowsItsFolder(t *testing.T) {
	k := sessionStore(t, t.TempDir())
	alice, err := FromURI(Sr25519, "//Alice")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(k.Dir(), hex.EncodeToString([]byte("rrsc"))+hex.EncodeToString(alice.Public()))
	if _, err := k.Get(Babe, alice.Public()); !errors.Is(err, ErrKeyNotFound) {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("\"//Alice\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !k.Has(Babe, alice.Public()) {
		t.Error("a file by the old name of the kind is not found")
	}
	if list, err := k.List(Babe); err != nil || len(list) != 1 {
		t.Errorf("%x, %v", list, err)
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Get(Babe, alice.Public()); !errors.Is(err, ErrKeyExposed) {
			t.Errorf("a key that others can read: %v", err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if k.Has(Babe, alice.Public()) {
		t.Error("a removed key is used")
	}
}

func TestSessionKeystoreRefuses(t *testing.T) {
	k := sessionStore(t, t.TempDir())
	alice, err := FromURI(Ed25519, "//Alice")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(k.Dir(), sessionKeyName("gran", alice.Public()))
	for _, content := range []string{"", "//Alice", `"//Bob"`, `null`, `{"a":1}`, `"soon wrong phrase"`, `"//Alice" "//Alice"`} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := k.Get(Grandpa, alice.Public())
		if !errors.Is(err, ErrSessionKeyFile) {
			t.Errorf("%s: %v", content, err)
		} else if strings.Contains(err.Error(), "phrase") {
			t.Errorf("the error quotes the secret: %v", err)
		}
	}
	if _, err := ParseKeyType("aura"); !errors.Is(err, ErrKeyType) {
		t.Errorf("aura: %v", err)
	}
	if err := k.Hold(Babe, alice); err == nil {
		t.Error("an ed25519 key for randomness")
	}
	memory := sessionStore(t, "")
	if err := memory.Hold(Grandpa, alice); err != nil || !memory.Has(Grandpa, alice.Public()) {
		t.Errorf("held key: %v", err)
	}
	if _, err := memory.Generate(Grandpa); err == nil {
		t.Error("stored a key nowhere")
	}
}

// Whatever a key file holds, it is either the secret of the key that its name says, or an error.
func FuzzSessionKeyFile(f *testing.F) {
	for _, s := range []string{`"//Alice"`, `"//Bob"`, `""`, "null", "{", `"bottom drive obey lake curtain smoke basket hold race lonely fit walk//Alice"`} {
		f.Add(s, "6772616e88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee")
	}
	alice, err := FromURI(Ed25519, "//Alice")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content, name string) {
		if len(content) > 300 {
			return // long paths are slow, not different
		}
		if kind, public, ok := parseSessionKeyName(name); ok {
			if got := sessionKeyName(string(kind), public); got != name && kind != Babe {
				t.Fatalf("%s is read as %s", name, got)
			}
		}
		pair, err := parseSessionKey([]byte(content), Grandpa, alice.Public())
		if (err == nil) == (pair == nil) || err == nil && !bytes.Equal(pair.Public(), alice.Public()) {
			t.Fatalf("%q: %v, %v", content, pair, err)
		}
	})
}
