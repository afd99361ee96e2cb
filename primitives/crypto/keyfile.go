package crypto

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/gocess/gocess/primitives/ss58"
)

var (
	// ErrPassphrase is returned for a passphrase that does not open the key file (or a file that was tampered with; the
	// cipher cannot tell the two apart).
	ErrPassphrase = errors.New("wrong passphrase (or damaged key file)")
	// ErrNotEncrypted is returned when a passphrase is given for a key file that has none: its owner believes it safe.
	ErrNotEncrypted = errors.New("the key file is not encrypted; it opens with an empty passphrase only")
	// ErrKeyFile is wrapped by the reasons why a file is not a key file.
	ErrKeyFile = errors.New("bad key file")
)

// maxKeyFile is far above any key file; wallets add a few hundred bytes of metadata.
const maxKeyFile = 64 << 10

const (
	keyFileVersion = "3"
	contentPKCS8   = "pkcs8"
	cipherNone     = "none"
	cipherScrypt   = "scrypt"
	cipherBox      = "xsalsa20-poly1305"
)

// KeyFile is one key in the JSON form in which polkadot-js wallets export and import accounts (version 3). Its fields
// can be read without the passphrase; they are hints until Open has checked them against the secret.
type KeyFile struct {
	Scheme    Scheme
	AccountID [32]byte
	Label     string // the name that a wallet shows
	Encrypted bool

	address string          // as the wallet writes it
	body    hidden[[]byte]  // PKCS#8, or its encryption
	meta    json.RawMessage // the wallet's metadata object, kept as it is
}

// NewKeyFile seals a pair of this package with a passphrase. Only the explicitly empty passphrase makes an unencrypted
// file. cost is the binary logarithm of scrypt's N: DefaultScryptCost, or one of the others that wallets accept.
func NewKeyFile(pair Pair, passphrase, label string, cost int) (*KeyFile, error) {
	plain, err := encodePKCS8(pair)
	if err != nil {
		return nil, err
	}
	meta, err := json.Marshal(map[string]string{"name": label})
	if err != nil {
		return nil, fmt.Errorf("make key file: %w", err)
	}
	k := &KeyFile{Scheme: pair.Scheme(), AccountID: pair.AccountID(), Label: label, meta: meta}
	k.address = k.Address()
	if k.Scheme == Ecdsa {
		k.address = "0x" + hex.EncodeToString(pair.Public())
	}
	if err := k.seal(plain, passphrase, cost); err != nil {
		return nil, err
	}
	return k, nil
}

// seal encrypts the plain key unless the passphrase is empty.
func (k *KeyFile) seal(plain []byte, passphrase string, cost int) (err error) {
	body := plain
	if k.Encrypted = passphrase != ""; k.Encrypted {
		body, err = sealBox(plain, passphrase, cost)
	}
	k.body = hide(body)
	return err
}

// Reseal returns the key file sealed with another passphrase, with the wallet's metadata kept.
func (k KeyFile) Reseal(old, passphrase string, cost int) (*KeyFile, error) {
	pair, err := k.Open(old)
	if err != nil {
		return nil, err
	}
	plain, err := encodePKCS8(pair)
	if err != nil {
		return nil, err
	}
	fresh := k
	if err := fresh.seal(plain, passphrase, cost); err != nil {
		return nil, err
	}
	return &fresh, nil
}

// Open returns the pair. It checks that the secret belongs to the account that the file names. The error is
// ErrPassphrase, ErrNotEncrypted or wraps ErrKeyFile.
func (k KeyFile) Open(passphrase string) (Pair, error) {
	if k.body == nil {
		return nil, fmt.Errorf("%w: it is empty", ErrKeyFile)
	}
	plain := k.body()
	switch {
	case !k.Encrypted && passphrase != "":
		return nil, ErrNotEncrypted
	case k.Encrypted:
		var err error
		if plain, err = openBox(plain, passphrase); err != nil {
			return nil, err
		}
	}
	pair, err := decodePKCS8(k.Scheme, plain)
	if err != nil {
		return nil, err
	}
	if pair.AccountID() != k.AccountID {
		return nil, fmt.Errorf("%w: the secret belongs to another account than the file says", ErrKeyFile)
	}
	return pair, nil
}

// Address returns the account in SS58 with the CESS prefix.
func (k KeyFile) Address() string { return ss58.Encode(ss58.CESS, k.AccountID[:]) }

// keyFileJSON is the wallet's document.
type keyFileJSON struct {
	Encoded  string       `json:"encoded"`
	Encoding encodingJSON `json:"encoding"`
	// Address is SS58 of any network; for ECDSA keys the wallet writes the public key in hexadecimal.
	Address string          `json:"address"`
	Meta    json.RawMessage `json:"meta,omitempty"`
}

type encodingJSON struct {
	Content []string `json:"content"` // pkcs8, scheme
	Type    []string `json:"type"`    // the layers of encryption
	Version string   `json:"version"`
}

// MarshalJSON writes the wallet's document. An unencrypted key file contains the secret.
func (k KeyFile) MarshalJSON() ([]byte, error) {
	if k.body == nil {
		return nil, fmt.Errorf("%w: it is empty", ErrKeyFile)
	}
	kind := []string{cipherNone}
	if k.Encrypted {
		kind = []string{cipherScrypt, cipherBox}
	}
	return json.Marshal(keyFileJSON{
		Encoded:  base64.StdEncoding.EncodeToString(k.body()),
		Encoding: encodingJSON{Content: []string{contentPKCS8, k.Scheme.String()}, Type: kind, Version: keyFileVersion},
		Address:  k.address,
		Meta:     k.meta,
	})
}

// String shows scheme and address: a KeyFile may hold an unencrypted secret.
func (k KeyFile) String() string { return label{k.Scheme, k.AccountID}.String() }

// Format writes String whatever the verb.
func (k KeyFile) Format(f fmt.State, verb rune) { label{k.Scheme, k.AccountID}.Format(f, verb) }

// LogValue logs String; without it a JSON log would take MarshalJSON.
func (k KeyFile) LogValue() slog.Value { return slog.StringValue(k.String()) }

// ParseKeyFile reads a wallet's document of up to 64 KiB without opening it. The error wraps ErrKeyFile.
func ParseKeyFile(data []byte) (*KeyFile, error) {
	if len(data) > maxKeyFile {
		return nil, fmt.Errorf("%w: %d bytes, the limit is %d", ErrKeyFile, len(data), maxKeyFile)
	}
	var doc keyFileJSON
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%w: not the JSON of a wallet account", ErrKeyFile)
	}
	if doc.Encoding.Version != keyFileVersion {
		return nil, fmt.Errorf("%w: version %q, want %q (export the account again from a current wallet)",
			ErrKeyFile, doc.Encoding.Version, keyFileVersion)
	}
	if len(doc.Encoding.Content) != 2 || doc.Encoding.Content[0] != contentPKCS8 {
		return nil, fmt.Errorf("%w: content %q, want pkcs8 and a scheme", ErrKeyFile, doc.Encoding.Content)
	}
	k := new(KeyFile)
	var err error
	if k.Scheme, err = ParseScheme(doc.Encoding.Content[1]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFile, err)
	}
	switch {
	case slices.Equal(doc.Encoding.Type, []string{cipherNone}):
	case slices.Equal(doc.Encoding.Type, []string{cipherScrypt, cipherBox}):
		k.Encrypted = true
	default:
		return nil, fmt.Errorf("%w: encryption %q, want scrypt and xsalsa20-poly1305, or none", ErrKeyFile, doc.Encoding.Type)
	}
	if k.AccountID, err = parseKeyAddress(k.Scheme, doc.Address); err != nil {
		return nil, fmt.Errorf("%w: address: %w", ErrKeyFile, err)
	}
	k.address = doc.Address
	body, err := decodeBody(doc.Encoded)
	if err != nil {
		return nil, fmt.Errorf("%w: the key is neither base64 nor 0x hexadecimal", ErrKeyFile)
	}
	k.body = hide(body)
	k.Label, k.meta = parseMeta(doc.Meta)
	return k, nil
}

func parseKeyAddress(scheme Scheme, text string) (account [32]byte, err error) {
	digits, isHex := strings.CutPrefix(text, "0x")
	if !isHex {
		return ss58.DecodeAccount(text)
	}
	public, err := hex.DecodeString(digits)
	if err != nil || len(public) != scheme.PublicSize() {
		return account, fmt.Errorf("want a public key of %d bytes", scheme.PublicSize())
	}
	if scheme == Ecdsa {
		return Blake2b256(public), nil
	}
	return [32]byte(public), nil
}

func decodeBody(text string) ([]byte, error) {
	if digits, isHex := strings.CutPrefix(text, "0x"); isHex {
		return hex.DecodeString(digits)
	}
	return base64.StdEncoding.DecodeString(text)
}

// parseMeta keeps the metadata if it is an object, and reads the name if that is text: wallets put anything there.
func parseMeta(raw json.RawMessage) (name string, meta json.RawMessage) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		return "", nil
	}
	if json.Unmarshal(fields["name"], &name) != nil {
		name = ""
	}
	return name, bytes.Clone(raw)
}
