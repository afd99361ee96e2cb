package crypto

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func openStore(t testing.TB) *Keystore {
	t.Helper()
	store, err := OpenKeystore(filepath.Join(t.TempDir(), "keys"), WithScryptCost(quickCost))
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestKeystore(t *testing.T) {
	store := openStore(t)
	for _, v := range []struct {
		name, passphrase string
		scheme           Scheme
	}{{"alice", "pw", Sr25519}, {"babe-1.key_X", "", Ed25519}, {"eth", "", Ecdsa}} {
		pair := mustURI(t, v.scheme, "//"+v.name)
		if err := store.Put(v.name, pair, v.passphrase); err != nil {
			t.Fatal(err)
		}
		if got, err := store.Get(v.name, v.passphrase); err != nil || got.AccountID() != pair.AccountID() {
			t.Errorf("%s: %v, %v", v.name, got, err)
		}
		if err := store.Put(v.name, pair, "other"); !errors.Is(err, ErrKeyExists) {
			t.Errorf("putting %s again: %v", v.name, err)
		}
	}
	keys, err := store.List()
	if err != nil || len(keys) != 3 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	if k := keys[0]; k.Name != "alice" || k.Label != "alice" || k.Scheme != Sr25519 || !k.Encrypted || !strings.HasPrefix(k.Address, "cX") {
		t.Errorf("%+v", k)
	}
	if k := keys[1]; k.Name != "babe-1.key_X" || k.Encrypted || k.AccountID != mustURI(t, Ed25519, "//babe-1.key_X").AccountID() {
		t.Errorf("%+v", k)
	}
	if _, err := store.Get("alice", "wrong"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("wrong passphrase: %v", err)
	}
	if _, err := store.Get("eth", "pw"); !errors.Is(err, ErrNotEncrypted) {
		t.Errorf("passphrase for an open key: %v", err)
	}
	if err := store.Delete("alice"); err != nil {
		t.Error(err)
	}
	if _, err := store.Get("alice", "pw"); !errors.Is(err, ErrKeyNotFound) {
		t.Errorf("deleted key: %v", err)
	}
	if err := store.Delete("alice"); !errors.Is(err, ErrKeyNotFound) {
		t.Errorf("deleting twice: %v", err)
	}
}

func TestChangePassphrase(t *testing.T) {
	store := openStore(t)
	pair := mustURI(t, Sr25519, "//Alice")
	if err := store.Put("k", pair, ""); err != nil {
		t.Fatal(err)
	}
	if err := store.ChangePassphrase("k", "", "new"); err != nil {
		t.Fatal(err)
	}
	if err := store.ChangePassphrase("k", "wrong", "newer"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("wrong old passphrase: %v", err)
	}
	if got, err := store.Get("k", "new"); err != nil || got.AccountID() != pair.AccountID() {
		t.Errorf("%v, %v", got, err)
	}
	if err := store.ChangePassphrase("none", "", ""); !errors.Is(err, ErrKeyNotFound) {
		t.Errorf("unknown key: %v", err)
	}
}

func TestKeystoreFiles(t *testing.T) {
	store := openStore(t)
	if err := store.Put("k", mustURI(t, Sr25519, "//Alice"), ""); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{store.dir: 0o700, filepath.Join(store.dir, "k.json"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v, want %v", path, info.Mode().Perm(), err, want)
		}
	}
	if entries, err := os.ReadDir(store.dir); err != nil || len(entries) != 1 {
		t.Errorf("%d files in the directory, %v", len(entries), err)
	}
	if err := os.Chmod(filepath.Join(store.dir, "k.json"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Get("k", ""); !errors.Is(err, ErrKeyExposed) {
		t.Errorf("world-readable open key: %v", err)
	}
}

func TestKeystoreForeignFiles(t *testing.T) {
	store := openStore(t)
	for _, v := range wallet().KeyFiles {
		if v.Passphrase == "naïve" && v.Scheme == Sr25519 {
			// Dropped in by hand; encrypted, so its mode does not matter.
			if err := os.WriteFile(filepath.Join(store.dir, "dropped.json"), v.JSON, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := store.Import("imported", parseFile(t, v.JSON)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, content := range map[string]string{"broken.json": "{", "huge.json": strings.Repeat(" ", maxKeyFile+1), ".new-1": "x", "notes.txt": "x", ".hidden.json": "x"} {
		if err := os.WriteFile(filepath.Join(store.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(store.dir, "folder.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	keys, err := store.List()
	if len(keys) != 2 || keys[0].Name != "dropped" || keys[1].Name != "imported" {
		t.Errorf("keys %+v", keys)
	}
	for _, bad := range []string{`"broken"`, `"huge"`, `"folder"`} {
		if err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("the error does not name %s: %v", bad, err)
		}
	}
	for _, name := range []string{"dropped", "imported"} {
		if pair, err := store.Get(name, "naïve"); err != nil || pair.AccountID() != mustURI(t, Sr25519, "//Alice").AccountID() {
			t.Errorf("%s: %v, %v", name, pair, err)
		}
	}
	file, err := store.Export("imported")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := json.Marshal(file); err != nil || !strings.Contains(string(data), "genesisHash") {
		t.Errorf("the wallet's metadata is lost: %s, %v", data, err)
	}
}

func TestKeyNames(t *testing.T) {
	store := openStore(t)
	pair := mustURI(t, Sr25519, "//Alice")
	for _, name := range []string{"", ".", "..", "../k", "a/b", `a\b`, ".k", "-k", "k\n", "ключ", strings.Repeat("k", 129)} {
		_, errGet := store.Get(name, "")
		_, errExport := store.Export(name)
		for _, err := range []error{store.Put(name, pair, ""), store.Delete(name), errGet, errExport, store.ChangePassphrase(name, "", "")} {
			if !errors.Is(err, ErrKeyName) {
				t.Errorf("name %q: %v", name, err)
			}
		}
	}
}

func TestKeystoreOptions(t *testing.T) {
	if _, err := OpenKeystore(t.TempDir(), WithScryptCost(10)); err == nil {
		t.Error("scrypt cost 10 passes")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeystore(file); err == nil {
		t.Error("a file opens as keystore")
	}
}

// Of many writers of one new name exactly one wins.
func TestPutRace(t *testing.T) {
	store := openStore(t)
	var mu sync.Mutex
	var winners []Pair // guarded by mu
	var wg sync.WaitGroup
	for _, pair := range someKeys() {
		wg.Go(func() {
			err := store.Put("k", pair, "")
			if err == nil {
				mu.Lock()
				winners = append(winners, pair)
				mu.Unlock()
			} else if !errors.Is(err, ErrKeyExists) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(winners) != 1 {
		t.Fatalf("%d writers won", len(winners))
	}
	if got, err := store.Get("k", ""); err != nil || got.AccountID() != winners[0].AccountID() {
		t.Errorf("%v is stored, %v, but %v won", got, err, winners[0])
	}
}

const crashDir = "GOCESS_TEST_KEYSTORE"

// TestKeystoreCrash kills a process that replaces a key without pause, and finds one of the two keys whole every time.
func TestKeystoreCrash(t *testing.T) {
	a, b := mustURI(t, Sr25519, "//a"), mustURI(t, Ed25519, "//b")
	if dir := os.Getenv(crashDir); dir != "" {
		store, err := OpenKeystore(dir)
		if err != nil {
			t.Fatal(err)
		}
		for {
			for _, pair := range []Pair{a, b} {
				file, err := NewKeyFile(pair, "", "k", DefaultScryptCost)
				if err != nil {
					t.Fatal(err)
				}
				if err := store.write("k", file, true); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	store := openStore(t)
	if err := store.Put("k", a, ""); err != nil {
		t.Fatal(err)
	}
	for round := range 8 {
		writer := exec.Command(os.Args[0], "-test.run=^TestKeystoreCrash$")
		writer.Env = append(os.Environ(), crashDir+"="+store.dir)
		if err := writer.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(40+7*round) * time.Millisecond)
		_ = writer.Process.Kill()
		_ = writer.Wait() // killed, as it should be
		got, err := store.Get("k", "")
		if err != nil || got.AccountID() != a.AccountID() && got.AccountID() != b.AccountID() {
			t.Fatalf("round %d: %v, %v", round, got, err)
		}
		if keys, err := store.List(); err != nil || len(keys) != 1 {
			t.Fatalf("round %d: %d keys, %v", round, len(keys), err)
		}
	}
}
