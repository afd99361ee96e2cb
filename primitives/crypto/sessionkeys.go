package crypto

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// KeyType names what a session key is for, as Substrate's keystores do.
type KeyType string

// The kinds of a validator's session keys, in the order of the runtime's SessionKeys (spec/consensus.md §3).
const (
	Grandpa            KeyType = "gran" // ed25519; here it signs the votes of consensus
	Babe               KeyType = "babe" // sr25519, makes randomness
	ImOnline           KeyType = "imon" // sr25519
	AuthorityDiscovery KeyType = "audi" // sr25519
	Beefy              KeyType = "beef" // ECDSA
)

// rrsc is what older CESS nodes call babe; their clients and key files may still say so (spec/consensus.md §9.7).
const rrsc = "rrsc"

// KeyTypes lists the kinds of session keys in the order of the runtime's SessionKeys.
var KeyTypes = []KeyType{Grandpa, Babe, ImOnline, AuthorityDiscovery, Beefy}

// ErrKeyType is returned for a kind of key that validators do not have.
var ErrKeyType = errors.New("unknown key type; gran, babe (or rrsc), imon, audi or beef is needed")

// ErrSessionKeyFile is wrapped by the reasons why a file of a session keystore cannot be used. None quotes the secret.
var ErrSessionKeyFile = errors.New("bad session key file")

// ParseKeyType reads the four letters of a key type.
func ParseKeyType(text string) (KeyType, error) {
	if text == rrsc {
		return Babe, nil
	}
	if t := KeyType(text); slices.Contains(KeyTypes, t) {
		return t, nil
	}
	return "", fmt.Errorf("key type %.20q: %w", text, ErrKeyType)
}

// Scheme is the signature scheme of the keys of a kind.
func (t KeyType) Scheme() Scheme {
	switch t {
	case Grandpa:
		return Ed25519
	case Beefy:
		return Ecdsa
	}
	return Sr25519
}

// maxSessionKeyFile bounds what is read of a file: a JSON string of a URI.
const maxSessionKeyFile = 8 * maxURI

// SessionKeystore keeps the session keys of a node, which must sign unattended: a folder of unencrypted files in the
// format of Substrate's nodes, so that keys can be moved between them. A file's name is the hex of the key type's four
// letters and of the public key; its content is the secret URI as a JSON string. Files are readable by their owner only,
// and are durable before the key is used.
//
// The files are looked at whenever a key is asked for: one that is added counts at once, one that is removed no longer.
// A SessionKeystore is safe for concurrent use.
type SessionKeystore struct {
	dir string // "" keeps keys in memory only

	mu     sync.Mutex // guards everything below
	memory map[string]Pair
	files  map[string]openedKey
}

// openedKey is a key of a file that has not changed since.
type openedKey struct {
	info fs.FileInfo
	pair Pair
}

// OpenSessionKeystore opens the folder, and makes it (mode 0700) if need be. Without a folder the keystore has only
// what Hold gives it, and Put and Generate fail.
func OpenSessionKeystore(dir string) (*SessionKeystore, error) {
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("open session keystore: %w", err)
		}
	}
	return &SessionKeystore{dir: dir, memory: make(map[string]Pair), files: make(map[string]openedKey)}, nil
}

// Dir is the folder of the keystore.
func (k *SessionKeystore) Dir() string { return k.dir }

// Hold keeps a key until the program ends, in memory alone. It fails if the key's scheme is not that of the kind.
func (k *SessionKeystore) Hold(kind KeyType, pair Pair) error {
	if pair.Scheme() != kind.Scheme() {
		return fmt.Errorf("hold session key: %s keys are %s keys, not %s", kind, kind.Scheme(), pair.Scheme())
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.memory[sessionKeyName(string(kind), pair.Public())] = pair
	return nil
}

// Put stores the key of a secret URI and returns its public key. If public is not nil, it must be that of the URI.
// Storing a key again changes nothing.
func (k *SessionKeystore) Put(kind KeyType, uri string, public []byte) ([]byte, error) {
	pair, err := FromURI(kind.Scheme(), uri)
	if err != nil {
		return nil, fmt.Errorf("store %s key: %w", kind, err)
	}
	derived := pair.Public()
	if public != nil && !bytes.Equal(derived, public) {
		return nil, fmt.Errorf("store %s key: the secret's public key is 0x%x, not 0x%x", kind, derived, public)
	}
	if k.dir == "" {
		return nil, fmt.Errorf("store %s key: the node keeps no keystore folder", kind)
	}
	content, err := json.Marshal(uri)
	if err != nil {
		return nil, fmt.Errorf("store %s key: %w", kind, err)
	}
	path := filepath.Join(k.dir, sessionKeyName(string(kind), derived))
	if err := writeDurably(path, content, false); err != nil && !errors.Is(err, ErrKeyExists) {
		return nil, fmt.Errorf("store %s key: %w", kind, err)
	}
	return derived, nil
}

// Generate makes and stores a new key and returns its public key.
func (k *SessionKeystore) Generate(kind KeyType) (public []byte, err error) {
	mnemonic, err := NewMnemonic(12)
	if err != nil {
		return nil, fmt.Errorf("make %s key: %w", kind, err)
	}
	return k.Put(kind, mnemonic, nil)
}

// Get opens a key. ErrKeyNotFound if there is none; ErrKeyExposed if other users can read it; else ErrSessionKeyFile
// says why its file is of no use.
func (k *SessionKeystore) Get(kind KeyType, public []byte) (Pair, error) {
	if len(public) != kind.Scheme().PublicSize() {
		return nil, fmt.Errorf("session key %s: %w: a public key has %d bytes, not %d", kind, ErrKeyNotFound, kind.Scheme().PublicSize(), len(public))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if pair, ok := k.memory[sessionKeyName(string(kind), public)]; ok {
		return pair, nil
	}
	if k.dir != "" {
		names := []string{string(kind)}
		if kind == Babe {
			names = append(names, rrsc)
		}
		for _, name := range names {
			pair, err := k.open(sessionKeyName(name, public), kind, public)
			if !errors.Is(err, fs.ErrNotExist) {
				return pair, err
			}
		}
	}
	return nil, fmt.Errorf("session key %s 0x%x: %w", kind, public, ErrKeyNotFound)
}

// Has says whether a key can be used.
func (k *SessionKeystore) Has(kind KeyType, public []byte) bool {
	_, err := k.Get(kind, public)
	return err == nil
}

// Pair finds the key that signs votes (ed25519) or makes randomness (sr25519); false if the keystore has none that can
// be used.
func (k *SessionKeystore) Pair(scheme Scheme, public []byte) (Pair, bool) {
	kind := Babe
	switch scheme {
	case Ed25519:
		kind = Grandpa
	case Ecdsa:
		kind = Beefy
	}
	pair, err := k.Get(kind, public)
	return pair, err == nil
}

// List returns the public keys of a kind in ascending order, of files as their names say.
func (k *SessionKeystore) List(kind KeyType) ([][]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var names []string
	for name := range k.memory {
		names = append(names, name)
	}
	if k.dir != "" {
		entries, err := os.ReadDir(k.dir)
		if err != nil {
			return nil, fmt.Errorf("list session keys: %w", err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	var keys [][]byte
	for _, name := range names {
		if t, public, ok := parseSessionKeyName(name); ok && t == kind {
			keys = append(keys, public)
		}
	}
	slices.SortFunc(keys, bytes.Compare)
	return slices.CompactFunc(keys, bytes.Equal), nil
}

// open reads a file, unless it has been read as it is; fs.ErrNotExist if there is none.
func (k *SessionKeystore) open(name string, kind KeyType, public []byte) (Pair, error) {
	path := filepath.Join(k.dir, name)
	info, err := os.Stat(path)
	if err != nil {
		delete(k.files, name)
		return nil, fmt.Errorf("session key: %w", err)
	}
	old, known := k.files[name]
	if known && os.SameFile(old.info, info) && old.info.ModTime().Equal(info.ModTime()) && old.info.Size() == info.Size() && old.info.Mode() == info.Mode() {
		return old.pair, nil
	}
	delete(k.files, name)
	pair, err := readSessionKey(path, info, kind, public)
	if err != nil {
		return nil, fmt.Errorf("session key %s: %w", name, err)
	}
	k.files[name] = openedKey{info, pair}
	return pair, nil
}

func readSessionKey(path string, info fs.FileInfo, kind KeyType, public []byte) (Pair, error) {
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: not a regular file", ErrSessionKeyFile)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, ErrKeyExposed
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxSessionKeyFile+1))
	if err != nil {
		return nil, err
	}
	return parseSessionKey(content, kind, public)
}

// parseSessionKey reads the content of a key file. Some tools end files with a line break, which JSON allows.
func parseSessionKey(content []byte, kind KeyType, public []byte) (Pair, error) {
	if len(content) > maxSessionKeyFile {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrSessionKeyFile, maxSessionKeyFile)
	}
	var uri *string
	// The decoder's errors may quote the secret.
	if json.Unmarshal(content, &uri) != nil || uri == nil {
		return nil, fmt.Errorf("%w: not a JSON string", ErrSessionKeyFile)
	}
	pair, err := FromURI(kind.Scheme(), *uri)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSessionKeyFile, err)
	}
	if derived := pair.Public(); !bytes.Equal(derived, public) {
		return nil, fmt.Errorf("%w: the secret in it has the public key 0x%x", ErrSessionKeyFile, derived)
	}
	return pair, nil
}

func sessionKeyName(kind string, public []byte) string {
	return hex.EncodeToString([]byte(kind)) + hex.EncodeToString(public)
}

// parseSessionKeyName takes a file name apart; false for files that are no session keys.
func parseSessionKeyName(name string) (kind KeyType, public []byte, ok bool) {
	raw, err := hex.DecodeString(name)
	if err != nil || len(raw) < 4 || name != strings.ToLower(name) {
		return "", nil, false
	}
	kind, err = ParseKeyType(string(raw[:4]))
	if err != nil || len(raw)-4 != kind.Scheme().PublicSize() {
		return "", nil, false
	}
	return kind, raw[4:], true
}
