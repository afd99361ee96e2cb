package types

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHashSpellsDigest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digest := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest"))
		h := HashOf(digest)
		if got := h.String(); got != hex.EncodeToString(digest[:]) {
			t.Fatalf("text is %q", got)
		}
		back, err := h.Digest()
		if err != nil || back != digest {
			t.Fatalf("digest %x comes back as %x, %v", digest, back, err)
		}
	})
}

func TestParseHashRejects(t *testing.T) {
	good := strings.Repeat("0a", 32)
	if _, err := ParseHash(good); err != nil {
		t.Fatalf("lowercase hex: %v", err)
	}
	for _, text := range []string{"", good[1:], good + "0", strings.ToUpper(good), "g" + good[1:], "0x" + good[2:]} {
		if _, err := ParseHash(text); !errors.Is(err, ErrHash) {
			t.Errorf("%q: got %v, want ErrHash", text, err)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add(strings.Repeat("0123456789abcdef", 4))
	f.Add(strings.Repeat("F", 64))
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ParseHash(text)
		if err != nil {
			return
		}
		if h.String() != text {
			t.Fatalf("%q parses to %q", text, h)
		}
	})
}

func TestBloomFilterCountsBits(t *testing.T) {
	var f BloomFilter
	h := HashOf([32]byte{0: 0x80, 31: 0x03})
	if err := f.Insert(h); err != nil {
		t.Fatal(err)
	}
	for i, n := range f {
		want := uint64(0)
		if i == 0 || i == 254 || i == 255 {
			want = 1
		}
		if n != want {
			t.Errorf("counter %d is %d, want %d: bits are most significant first", i, n, want)
		}
	}
}

func TestBloomFilterDeleteUndoesInsert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var f BloomFilter
		names := rapid.SliceOfN(rapid.String(), 1, 20).Draw(t, "fragments")
		hash := func(s string) Hash { return HashOf(sha256.Sum256([]byte(s))) }
		for _, s := range names {
			if err := f.Insert(hash(s)); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range names {
			if err := f.Delete(hash(s)); err != nil {
				t.Fatal(err)
			}
		}
		if f != (BloomFilter{}) {
			t.Fatal("counters are left")
		}
		if err := f.Delete(hash(names[0])); !errors.Is(err, ErrNotInFilter) || f != (BloomFilter{}) {
			t.Fatalf("delete from an empty filter: %v", err)
		}
	})
}

func TestBloomFilterRejectsBadHash(t *testing.T) {
	var f BloomFilter
	bad := Hash([]byte(strings.Repeat("A", 64)))
	if err := f.Insert(bad); !errors.Is(err, ErrHash) {
		t.Errorf("insert: %v", err)
	}
	if err := f.Delete(bad); !errors.Is(err, ErrHash) {
		t.Errorf("delete: %v", err)
	}
}
