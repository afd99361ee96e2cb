package state

import (
	"encoding/hex"
	"maps"
	"slices"
	"sort"
	"strings"
	"testing"

	"golang.org/x/crypto/blake2b"
	"pgregory.net/rapid"
)

// referenceRoot is a second, naive implementation of the trie: it knows nothing
// of updates and shares no code with the package. Keys are strings of hex
// digits, one per nibble.
func referenceRoot(pairs map[string][]byte, threshold int) [32]byte {
	if len(pairs) == 0 {
		return blake2b.Sum256([]byte{0})
	}
	keys := make([]string, 0, len(pairs))
	values := make(map[string][]byte)
	for k, v := range pairs {
		h := hex.EncodeToString([]byte(k))
		keys, values[h] = append(keys, h), v
	}
	sort.Strings(keys)
	return blake2b.Sum256(referenceNode(keys, values, 0, threshold))
}

func referenceNode(keys []string, values map[string][]byte, depth, threshold int) []byte {
	end := len(keys[0])
	for _, k := range keys[1:] {
		i := depth
		for i < end && i < len(k) && k[i] == keys[0][i] {
			i++
		}
		end = i
	}
	partial := keys[0][depth:end]
	val, has := values[keys[0][:end]]
	hashed := has && len(val) > threshold

	var children [16][]string
	branch := false
	for _, k := range keys {
		if len(k) > end {
			branch = true
			digit := strings.IndexByte("0123456789abcdef", k[end])
			children[digit] = append(children[digit], k)
		}
	}
	// Header: the specification's variants, as (first byte, bits of length).
	var first, bits int
	switch {
	case !branch && !hashed:
		first, bits = 0b01_000000, 6
	case !branch && hashed:
		first, bits = 0b001_00000, 5
	case branch && !has:
		first, bits = 0b10_000000, 6
	case branch && !hashed:
		first, bits = 0b11_000000, 6
	default:
		first, bits = 0b0001_0000, 4
	}
	out := referenceLength(first, bits, len(partial))
	if len(partial)%2 == 1 {
		partial = "0" + partial
	}
	packed, _ := hex.DecodeString(partial)
	out = append(out, packed...)
	if branch {
		var low, high byte
		for i := range 8 {
			if children[i] != nil {
				low |= 1 << i
			}
			if children[8+i] != nil {
				high |= 1 << i
			}
		}
		out = append(out, low, high)
	}
	switch {
	case hashed:
		h := blake2b.Sum256(val)
		out = append(out, h[:]...)
	case has:
		out = append(out, referenceBytes(val)...)
	}
	for _, c := range children {
		if c == nil {
			continue
		}
		enc := referenceNode(c, values, end+1, threshold)
		if len(enc) >= 32 {
			h := blake2b.Sum256(enc)
			enc = h[:]
		}
		out = append(out, referenceBytes(enc)...)
	}
	return out
}

func referenceLength(first, bits, n int) []byte {
	most := 1<<bits - 1
	if n < most {
		return []byte{byte(first + n)}
	}
	out := []byte{byte(first + most)}
	n -= most
	for n > 254 {
		out, n = append(out, 255), n-255
	}
	return append(out, byte(n))
}

func referenceBytes(b []byte) []byte {
	n := len(b)
	switch {
	case n <= 63:
		return append([]byte{byte(n << 2)}, b...)
	case n <= 16383:
		return append([]byte{byte(n<<2 | 1), byte(n >> 6)}, b...)
	default:
		return append([]byte{byte(n<<2 | 2), byte(n >> 6), byte(n >> 14), byte(n >> 22)}, b...)
	}
}

const noThreshold = 1 << 30

// genKey draws keys that share prefixes, are prefixes of each other and, some of
// them, have long common parts.
func genKey() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		switch rapid.IntRange(0, 9).Draw(t, "shape") {
		case 0:
			return ""
		case 1: // partial keys beyond every header's limit
			n := rapid.SampledFrom([]int{7, 8, 15, 16, 31, 32, 33, 127, 128, 160, 161, 300}).Draw(t, "run")
			return strings.Repeat("\xaa", n) + string(rapid.SliceOfN(rapid.Byte(), 0, 2).Draw(t, "tail"))
		case 2:
			return string(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes"))
		default:
			return string(rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x01, 0x09, 0x10, 0x11, 0x12, 0xff}), 0, 5).Draw(t, "small"))
		}
	})
}

// genValue draws values on both sides of the inline limit.
func genValue() *rapid.Generator[[]byte] {
	return rapid.Custom(func(t *rapid.T) []byte {
		n := rapid.SampledFrom([]int{0, 1, 2, 20, 31, 32, 33, 34, 63, 64, 100}).Draw(t, "size")
		if rapid.IntRange(0, 200).Draw(t, "rare") == 0 {
			n = rapid.SampledFrom([]int{16383, 16384, 20000}).Draw(t, "large")
		}
		v := make([]byte, n)
		fill := rapid.Byte().Draw(t, "fill")
		for i := range v {
			v[i] = fill
		}
		return v
	})
}

func sortedPairs(m map[string][]byte) []KV {
	var out []KV
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, KV{[]byte(k), m[k]})
	}
	return out
}

func TestTrieRootMatchesReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.MapOfN(genKey(), genValue(), 0, 60).Draw(t, "pairs")
		pairs := sortedPairs(m)
		for version, threshold := range map[Version]int{V0: noThreshold, V1: 32} {
			got, err := TrieRoot(pairs, version)
			if err != nil {
				t.Fatal(err)
			}
			if want := referenceRoot(m, threshold); got != want {
				t.Fatalf("version %d: root %x, reference %x", version, got, want)
			}
		}
	})
}

func TestTrieRootVectors(t *testing.T) {
	// wire.md §7.1: the empty root.
	root, err := TrieRoot(nil, V1)
	if err != nil || hex.EncodeToString(root[:]) != "03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314" {
		t.Fatalf("empty root %x, %v", root, err)
	}
	// Node encodings by hand from the specification's rules.
	for _, c := range []struct{ name, key, value, encoded string }{
		{"leaf", "abcd", "01020304", "44abcd1001020304"},
		{"leaf of one byte", "aa", "bb", "42aa04bb"},
		{"leaf, empty value", "01", "", "420100"},
		{"leaf, empty key", "", "2a", "40042a"},
	} {
		key, _ := hex.DecodeString(c.key)
		val, _ := hex.DecodeString(c.value)
		encoded, _ := hex.DecodeString(c.encoded)
		got, err := TrieRoot([]KV{{key, val}}, V1)
		if want := blake2b.Sum256(encoded); err != nil || got != want {
			t.Errorf("%s: root %x, want hash of %s (%x), %v", c.name, got, c.encoded, want, err)
		}
	}
	for _, c := range []struct {
		name    string
		pairs   []KV
		encoded string
	}{
		{"branch over leaves that end there",
			[]KV{{[]byte{0x12}, []byte{7}}, {[]byte{0x13}, []byte{8}}},
			"81" + "01" + "0c00" + "0c400407" + "0c400408"},
		{"branch over disjoint keys",
			[]KV{{[]byte{0x13, 0x14}, []byte{0xff}}, {[]byte{0x48, 0x19}, []byte{0xfe}}},
			"80" + "1200" + "14" + "43031404ff" + "14" + "43081904fe"},
		{"branch with a value",
			[]KV{{[]byte{0xaa}, []byte{1}}, {[]byte{0xaa, 0xbb}, []byte{2}}},
			"c2aa" + "0008" + "0401" + "10" + "410b0402"},
	} {
		got, err := TrieRoot(c.pairs, V1)
		encoded, _ := hex.DecodeString(c.encoded)
		if want := blake2b.Sum256(encoded); err != nil || got != want {
			t.Errorf("%s: root %x, want hash of %s (%x), %v", c.name, got, c.encoded, want, err)
		}
	}
	// Order of the pairs does not matter, duplicates do.
	sorted, err := TrieRoot([]KV{{[]byte{0x12}, []byte{7}}, {[]byte{0x13}, []byte{8}}}, V1)
	if err != nil {
		t.Fatal(err)
	}
	swapped, err := TrieRoot([]KV{{[]byte{0x13}, []byte{8}}, {[]byte{0x12}, []byte{7}}}, V1)
	if err != nil || swapped != sorted {
		t.Errorf("unsorted pairs: root %x, want %x, %v", swapped, sorted, err)
	}
	if _, err := TrieRoot([]KV{{[]byte{1}, nil}, {[]byte{1}, nil}}, V1); err == nil {
		t.Error("duplicate key accepted")
	}
}
