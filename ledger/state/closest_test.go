package state

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/crypto/blake2b"
	"pgregory.net/rapid"
)

// referenceClosest is the Merkle value of the highest node at or below prefix,
// by the naive trie of referenceRoot.
func referenceClosest(pairs map[string][]byte, prefix string) []byte {
	prefix = hex.EncodeToString([]byte(prefix))
	values := make(map[string][]byte)
	var under, outside []string
	for k, v := range pairs {
		h := hex.EncodeToString([]byte(k))
		values[h] = v
		if strings.HasPrefix(h, prefix) {
			under = append(under, h)
		} else {
			outside = append(outside, h)
		}
	}
	if len(under) == 0 {
		return nil
	}
	// Where another key leaves the way to the node, there is a branch above it.
	depth := 0
	for _, k := range outside {
		i := 0
		for i < len(k) && i < len(under[0]) && k[i] == under[0][i] {
			i++
		}
		depth = max(depth, i+1)
	}
	encoded := referenceNode(under, values, depth, maxInlineValue)
	if depth == 0 || len(encoded) >= hashSize {
		hash := blake2b.Sum256(encoded)
		return hash[:]
	}
	return encoded
}

func TestClosestDescendant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := Open("db", WithFS(vfs.NewMem()), WithBackgroundPruning(false))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		key := rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x01, 0x10, 0x11, 0xff}), 0, 4)
		value := rapid.SliceOfN(rapid.Byte(), 0, 40)
		pairs := make(map[string][]byte)
		for range rapid.IntRange(0, 12).Draw(t, "pairs") {
			pairs[string(key.Draw(t, "key"))] = append([]byte{}, value.Draw(t, "value")...)
		}
		staged, err := s.Stage(0, sortedPairs(pairs))
		if err == nil {
			err = s.Commit(staged, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		view, err := s.At(0)
		if err != nil {
			t.Fatal(err)
		}
		defer view.Close()
		for range 20 {
			prefix := key.Draw(t, "prefix")
			got, err := view.ClosestDescendant(prefix)
			if want := referenceClosest(pairs, string(prefix)); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("closest descendant of %x in %x: %x (%v), want %x", prefix, pairs, got, err, want)
			}
		}
	})
}
