package crypto

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrURI is wrapped by the reasons why a secret URI cannot be read. None of them quotes the URI.
var ErrURI = errors.New("bad secret URI")

// maxURI bounds the work of deriving a path; a 24-word mnemonic has at most 215 characters.
const maxURI = 4096

// FromURI makes the pair of a secret URI (spec/wire.md §7.4): a mnemonic or a seed of 64 hexadecimal digits after 0x,
// then junctions, /soft (sr25519 only) or //hard, then ///password for the mnemonic. A URI that begins with a slash
// derives from DevPhrase: //Alice is the development account.
//
// Stricter than subkey in three places, each of which hides a mistake: the empty URI is not the development key, line
// breaks are refused rather than taken into a junction, and a seed with a password is refused rather than the password
// ignored.
func FromURI(scheme Scheme, uri string) (Pair, error) {
	parsed, err := parseURI(uri)
	if err != nil {
		return nil, err
	}
	seed, err := parsed.seed()
	if err != nil {
		return nil, err
	}
	return derive(scheme, seed, parsed.path)
}

// secretURI is a URI in its parts.
type secretURI struct {
	phrase   string // mnemonic, or seed starting with 0x
	path     []junction
	password string
}

func parseURI(uri string) (secretURI, error) {
	if uri == "" {
		return secretURI{}, fmt.Errorf("%w: it is empty", ErrURI)
	}
	if err := checkURI(uri); err != nil {
		return secretURI{}, err
	}
	slash := strings.IndexByte(uri, '/')
	if slash < 0 {
		slash = len(uri)
	}
	phrase := uri[:slash]
	if phrase == "" {
		phrase = DevPhrase
	}
	// The password starts after the first three slashes in a row.
	junctions, password, _ := strings.Cut(uri[slash:], "///")
	path, err := parsePath(junctions)
	if err != nil {
		return secretURI{}, err
	}
	return secretURI{phrase, path, password}, nil
}

// checkURI refuses text that no part of a URI may contain.
func checkURI(text string) error {
	switch {
	case len(text) > maxURI:
		return fmt.Errorf("%w: %d bytes, the limit is %d", ErrURI, len(text), maxURI)
	case !utf8.ValidString(text):
		return fmt.Errorf("%w: it is not UTF-8", ErrURI)
	case strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Errorf("%w: it contains a line break or another control character", ErrURI)
	}
	return nil
}

// parsePath reads junctions; text is empty or begins with a slash.
func parsePath(text string) (path []junction, err error) {
	for text != "" {
		code, hard := strings.CutPrefix(text, "//")
		if !hard {
			code = strings.TrimPrefix(text, "/")
		}
		end := strings.IndexByte(code, '/')
		if end < 0 {
			end = len(code)
		}
		if end == 0 {
			return nil, fmt.Errorf("%w: junction %d is empty", ErrURI, len(path)+1)
		}
		path = append(path, newJunction(code[:end], hard))
		text = code[end:]
	}
	return path, nil
}

func (u secretURI) seed() ([]byte, error) {
	if digits, raw := strings.CutPrefix(u.phrase, "0x"); raw {
		seed, err := hex.DecodeString(digits)
		if err != nil {
			return nil, fmt.Errorf("%w: the seed is not hexadecimal", ErrURI)
		}
		if u.password != "" {
			return nil, fmt.Errorf("%w: a password has no effect on a seed, only on a mnemonic", ErrURI)
		}
		return seed, nil
	}
	seed, err := MnemonicSeed(u.phrase, u.password)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrURI, err)
	}
	return seed[:], nil
}

// junction is one step of a derivation path.
type junction struct {
	hard bool
	code [32]byte // chain code
}

// newJunction encodes a decimal u64 as 8 bytes little endian and any other text as a SCALE string, and pads or hashes
// the result to 32 bytes.
func newJunction(text string, hard bool) (j junction) {
	j.hard = hard
	raw := scaleString(text)
	// Rust's integer parser, which decides upstream, allows a plus sign.
	if number, err := strconv.ParseUint(strings.TrimPrefix(text, "+"), 10, 64); err == nil {
		raw = binary.LittleEndian.AppendUint64(nil, number)
	}
	if len(raw) > len(j.code) {
		j.code = Blake2b256(raw)
	} else {
		copy(j.code[:], raw)
	}
	return j
}

// scaleString writes the compact length of a text (below 2^14, see maxURI) and the text. The package stands below the
// codec, so it spells this one case out.
func scaleString(text string) []byte {
	length := len(text) << 2
	if len(text) < 64 {
		return append([]byte{byte(length)}, text...)
	}
	return append(binary.LittleEndian.AppendUint16(nil, uint16(length|1)), text...)
}
