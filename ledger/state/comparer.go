package state

import (
	"bytes"
	"encoding/binary"

	"github.com/cockroachdb/pebble/v2"
)

// comparer orders keys by name and then by version, newest first. Its Split
// cuts the version off, so that bloom filters and prefix seeks work on names.
var comparer = &pebble.Comparer{
	Name:                 "gocess.state.v1",
	Split:                splitKey,
	Compare:              compareKeys,
	Equal:                bytes.Equal,
	ComparePointSuffixes: bytes.Compare,
	CompareRangeSuffixes: bytes.Compare,
	AbbreviatedKey:       abbreviatedKey,
	Separator:            separator,
	Successor:            successor,
	ImmediateSuccessor: func(dst, a []byte) []byte {
		return append(append(dst, a...), endOfName)
	},
	FormatKey: pebble.DefaultComparer.FormatKey,
}

// splitKey returns the length of the key without its version.
func splitKey(key []byte) int {
	n := len(key)
	if n > versionLen && key[n-1] == versionMark {
		return n - versionLen
	}
	return n
}

func compareKeys(a, b []byte) int {
	an, bn := splitKey(a), splitKey(b)
	if c := bytes.Compare(a[:an], b[:bn]); c != 0 {
		return c
	}
	return bytes.Compare(a[an:], b[bn:])
}

func abbreviatedKey(key []byte) uint64 {
	key = key[:splitKey(key)]
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var padded [8]byte
	copy(padded[:], key)
	return binary.BigEndian.Uint64(padded[:])
}

// separator shortens the name only; a shortened name gets its end mark back.
func separator(dst, a, b []byte) []byte {
	start := len(dst)
	name := a[:splitKey(a)]
	dst = pebble.DefaultComparer.Separator(dst, name, b[:splitKey(b)])
	if !bytes.Equal(dst[start:], name) {
		dst = append(dst, endOfName)
		if compareKeys(dst[start:], b) < 0 {
			return dst
		}
	}
	return append(dst[:start], a...)
}

func successor(dst, a []byte) []byte {
	start := len(dst)
	name := a[:splitKey(a)]
	dst = pebble.DefaultComparer.Successor(dst, name)
	if len(a) > 0 && bytes.Equal(dst[start:], name) {
		return append(dst[:start], a...)
	}
	return append(dst, endOfName)
}
