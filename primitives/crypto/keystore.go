package crypto

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

var (
	// ErrKeyExists is returned by Put for a name that is taken: overwriting a key would destroy it.
	ErrKeyExists = errors.New("a key of that name exists")
	// ErrKeyNotFound is returned for a name that the keystore does not have.
	ErrKeyNotFound = errors.New("no key of that name")
	// ErrKeyName is returned for names that are not 1 to 128 letters, digits, dots, dashes and underscores, starting
	// with a letter or digit.
	ErrKeyName = errors.New("bad key name")
	// ErrKeyExposed is returned for an unencrypted key file that other users can read.
	ErrKeyExposed = errors.New("unencrypted key file is open to other users; chmod 600 it")
)

const keyFileSuffix = ".json"

var keyName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// Keystore is a directory of key files, one <name>.json for each key, readable by their owner only. Files that a
// polkadot-js wallet exported can be dropped in, and its files imported by the wallet. A Keystore is safe for
// concurrent use, by several processes too.
//
// Writes are atomic and durable: after a crash at any instant each key is there as it was before or after the change.
type Keystore struct {
	dir  string
	cost int
}

// KeystoreOption adjusts OpenKeystore.
type KeystoreOption func(*Keystore)

// WithScryptCost sets log2 of scrypt's N for keys to be written: 15, 16 or 17. Default: DefaultScryptCost, 17.
func WithScryptCost(cost int) KeystoreOption { return func(k *Keystore) { k.cost = cost } }

// OpenKeystore opens the directory and makes it (mode 0700) if need be.
func OpenKeystore(dir string, opts ...KeystoreOption) (*Keystore, error) {
	k := &Keystore{dir: dir, cost: DefaultScryptCost}
	for _, opt := range opts {
		opt(k)
	}
	if _, ok := scryptP[k.cost]; !ok {
		return nil, fmt.Errorf("open keystore: scrypt cost %d, want 15, 16 or 17", k.cost)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open keystore: %w", err)
	}
	return k, nil
}

// KeyInfo describes a key without opening it.
type KeyInfo struct {
	Name      string   `json:"name"`
	Scheme    Scheme   `json:"scheme"`
	AccountID [32]byte `json:"-"`
	Address   string   `json:"address"` // SS58, CESS prefix
	Label     string   `json:"label,omitempty"`
	Encrypted bool     `json:"encrypted"`
}

// List describes the keys in the order of their names. Files that are no key files do not hide the others: List
// returns what it could read together with the joined errors.
func (k *Keystore) List() ([]KeyInfo, error) {
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	var keys []KeyInfo
	var failures []error
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), keyFileSuffix)
		if !ok || !keyName.MatchString(name) {
			continue
		}
		file, err := k.read(name)
		if errors.Is(err, ErrKeyNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			failures = append(failures, err)
			continue
		}
		keys = append(keys, KeyInfo{name, file.Scheme, file.AccountID, file.Address(), file.Label, file.Encrypted})
	}
	return keys, errors.Join(failures...)
}

// Get opens a key. The passphrase of an unencrypted key is empty, and must be (ErrNotEncrypted). Other errors:
// ErrKeyNotFound, ErrPassphrase, ErrKeyExposed, ErrKeyFile.
func (k *Keystore) Get(name, passphrase string) (Pair, error) {
	file, err := k.read(name)
	if err != nil {
		return nil, err
	}
	pair, err := file.Open(passphrase)
	if err != nil {
		return nil, fmt.Errorf("open key %q: %w", name, err)
	}
	return pair, nil
}

// Put stores a pair of this package under a new name; ErrKeyExists if there is one. The empty passphrase stores it
// unencrypted, for development and for keys that a daemon must read unattended.
func (k *Keystore) Put(name string, pair Pair, passphrase string) error {
	file, err := NewKeyFile(pair, passphrase, name, k.cost)
	if err != nil {
		return fmt.Errorf("store key %q: %w", name, err)
	}
	return k.write(name, file, false)
}

// Import stores a wallet's key file as it is under a new name, without opening it.
func (k *Keystore) Import(name string, file *KeyFile) error { return k.write(name, file, false) }

// Export returns the key file of a name, to be imported elsewhere; json.Marshal makes the wallet's document of it.
func (k *Keystore) Export(name string) (*KeyFile, error) { return k.read(name) }

// ChangePassphrase seals a key anew. The key stays readable with the old passphrase until the new file is on disk.
func (k *Keystore) ChangePassphrase(name, old, passphrase string) error {
	file, err := k.read(name)
	if err != nil {
		return err
	}
	fresh, err := file.Reseal(old, passphrase, k.cost)
	if err != nil {
		return fmt.Errorf("change passphrase of key %q: %w", name, err)
	}
	return k.write(name, fresh, true)
}

// Delete removes a key for good. ErrKeyNotFound if there is none.
func (k *Keystore) Delete(name string) error {
	path, err := k.path(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete key %q: %w", name, ErrKeyNotFound)
	} else if err != nil {
		return fmt.Errorf("delete key %q: %w", name, err)
	}
	return syncDir(k.dir)
}

func (k *Keystore) path(name string) (string, error) {
	if !keyName.MatchString(name) {
		return "", fmt.Errorf("%w %q", ErrKeyName, name)
	}
	return filepath.Join(k.dir, name+keyFileSuffix), nil
}

func (k *Keystore) read(name string) (*KeyFile, error) {
	path, err := k.path(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read key %q: %w", name, ErrKeyNotFound)
	} else if err != nil {
		return nil, fmt.Errorf("read key %q: %w", name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read key %q: %w", name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read key %q: %w: not a regular file", name, ErrKeyFile)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, fmt.Errorf("read key %q: %w", name, err)
	}
	file, err := ParseKeyFile(data)
	if err != nil {
		return nil, fmt.Errorf("read key %q: %w", name, err)
	}
	if !file.Encrypted && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read key %q: %w", name, ErrKeyExposed)
	}
	return file, nil
}

func (k *Keystore) write(name string, file *KeyFile, replace bool) error {
	path, err := k.path(name)
	if err != nil {
		return err
	}
	data, err := json.Marshal(file)
	if err != nil {
		return fmt.Errorf("store key %q: %w", name, err)
	}
	if err := writeDurably(path, append(data, '\n'), replace); err != nil {
		return fmt.Errorf("store key %q: %w", name, err)
	}
	return nil
}
